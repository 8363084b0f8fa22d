import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedPages } from '../../docs/generate.js';
import { explain } from '../../src/gremlin/explain.js';
import { compile } from '../../src/gremlin/gremlin.js';
import { parse } from '../../src/gremlin/parse.js';
import { completions, STEPS, stepNamed } from '../../src/gremlin/registry.js';

it('DIALECT.md says what the steps say; run `npm run docs` where not', async () => {
  const page = readFileSync(new URL('../../src/gremlin/DIALECT.md', import.meta.url), 'utf8');
  expect(page).toBe((await generatedPages()).get('../src/gremlin/DIALECT.md'));
});

describe('the registry', () => {
  it('has every step of the dialect', () => {
    const dialect =
      'V E Has HasKey HasNot HasEither Out In OutV InV BothV OutE InE BothE Both Dedup ShortestPathTo Context At Count Range Limit Sort Values ValueMap Keys Sum SubGraph As Select Metrics RawPackets Flows Hops Nodes CaptureNode Node Aggregates BPF Group Sockets Descendants Ascendants Neighbors NextHop MoreThan Workflow';
    expect(dialect.split(' ').filter((name) => stepNamed(name.toLowerCase()) === undefined)).toEqual([]);
    expect(new Set(completions()).size).toBe(completions().length);
  });

  const usages = STEPS.flatMap(({ name, on, usage }) => usage.map((text) => [text, name, Object.keys(on)[0]!] as const));
  it.each(usages)('reads its own example %s', (text, name) => {
    const written = text
      .replaceAll('…', 'x')
      .replace(/key\d?|name\d?/g, 'Name')
      .replace(/\b(value\d?|argument)\b/g, "'x'");
    const numbers = written.replace(/\b(depth|count|from|to|seconds|time)\b/g, '1').replace(', duration', ", '5m'");
    expect(parse(`G.${numbers}`).steps[0]!.definition.name).toBe(name);
  });
});

describe('a plan', () => {
  it.each([
    ["G.V().Has('Name', 'x')", ["V().Has('Name', 'x')"], 'index on Name'],
    ["G.V().Has('Type', 'x').Has('Name', 'y')", ["V().Has('Type', 'x').Has('Name', 'y')"], 'index on Name'],
    ["G.V().HasNot('MTU').Has('@Host', Within('a', 'b'))", ["V().HasNot('MTU').Has('@Host', Within('a', 'b'))"], 'index on host'],
    ["G.V().Has('MAC', Ne('x'))", ["V().Has('MAC', Ne('x'))"], 'looks at all'],
    ["G.V('x').Has('Type', 'y')", ["V('x').Has('Type', 'y')"], 'by id'],
    ["G.E().Has('Parent', 'x')", ["E().Has('Parent', 'x')"], 'index on Parent'],
    ["G.V().Limit(1).Has('Type', 'x')", ["V().Has('Type', 'x')", 'Limit(1)'], 'index on Type'],
    ["G.V().HasEither('Type', 'x', 'Type', 'y')", ["V().HasEither('Type', 'x', 'Type', 'y')"], 'index on Type'],
    ["G.V().HasEither('Type', 'x', 'MTU', 1)", ["V().HasEither('Type', 'x', 'MTU', 1)"], 'looks at all'],
  ])('of %s', (query, steps, access) => {
    const { steps: explained } = explain(compile(query));
    expect(explained.map(({ step }) => step)).toEqual(steps);
    expect(explained[0]!.access).toBe(access);
  });
});
