import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseFacts, selectFact } from '../../../../agent/probes/host/facts.js';
import { FACT_FORMATS, metadataFiles } from '../../../../src/common/config/metadataFiles.js';
import { loadConfig } from '../../../../src/common/config/load.js';
import { eventually, Lab } from '../../lab.js';

// A whole agent: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

/** 10⁴ in CI; any number by `CANOPY_FUZZ`. */
const RUNS = Number(process.env.CANOPY_FUZZ ?? 10_000);

describe('free metadata of the host', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.close());
  const write = (name: string, text: string): string => {
    const path = join(lab.folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('is any value of the configuration, with lists and maps', async () => {
    const file = write(
      'agent.yaml',
      'agent:\n  metadata:\n    rack: b7\n    mydict: { value: 123 }\n    myarrays: { integers: [1, 2], strings: [dog, cat], bools: [true, false] }\n    Type: nonsense\n    TID: nonsense\n',
    );
    const { config } = await loadConfig({ file });
    const { metadata } = (await lab.agent({ metadata: config.agent.metadata })).host;
    expect(metadata).toMatchObject({
      rack: 'b7',
      mydict: { value: 123 },
      myarrays: { integers: [1, 2], strings: ['dog', 'cat'], bools: [true, false] },
      Type: 'host',
      Name: lab.hostId,
    });
    expect(metadata.TID).not.toBe('nonsense');
  });

  it('comes from files of every format, as texts, and follows them', async () => {
    const yaml = write('facts.yaml', 'location:\n  rack: b7\n  unit: 12\n');
    const files = metadataFiles.read({
      rack: { path: yaml, selector: 'location.rack' },
      'place.unit': { path: yaml, selector: 'location.unit' },
      json: { path: write('facts.json', '{"a":{"b":[1,{"c":true}]}}'), selector: 'a.b.1' },
      toml: { path: write('facts.toml', '[owner]\nname = "ops"\n'), selector: 'owner.name' },
      ini: { path: write('facts.cfg', '; site\n[site]\nname = "lyon" ; here\n'), type: 'ini', selector: 'site.name' },
      properties: { path: write('facts.properties', '# comment\nsite.name = lyon \\\n  east\n'), selector: 'site.name' },
      missing: { path: join(lab.folder, 'later.json'), selector: 'a' },
    })!;
    const agent = await lab.agent({ metadataFiles: files });
    expect(agent.host.metadata.Config).toEqual({
      rack: 'b7',
      place: { unit: '12' },
      json: '{"c":true}',
      toml: 'ops',
      ini: 'lyon',
      properties: 'lyon east',
    });
    expect(agent.running.probes()[0]).toMatchObject({
      name: 'host',
      state: 'DEGRADED',
      reason: expect.stringMatching(/^agent\.metadataFiles: missing cannot be read from \S+later\.json: ENOENT/) as string,
    });
    write('later.json', '{"a": "there"}');
    await eventually(
      () => agent.host.metadata.Config as Record<string, unknown>,
      ({ missing }) => missing === 'there',
    );
    expect(agent.running.probes()[0]).toMatchObject({ state: 'RUNNING' });
    // As programs replace files.
    renameSync(write('new', 'location: { rack: c9 }\n'), yaml);
    const after = await eventually(
      () => agent.host.metadata.Config as Record<string, unknown>,
      ({ rack }) => rack === 'c9',
    );
    expect(after).not.toHaveProperty('place');
    expect(agent.running.probes()[0]!.reason).toContain('place.unit cannot be read');
    expect(agent.host.metadata).toHaveProperty('KernelVersion');
  });

  it('follows the links by which Kubernetes replaces the files of a volume', async () => {
    for (const [version, text] of ['old', 'new'].entries()) {
      mkdirSync(join(lab.folder, `..${version}`));
      write(`..${version}/facts.json`, JSON.stringify({ is: text }));
    }
    symlinkSync('..0', join(lab.folder, '..data'));
    symlinkSync('..data/facts.json', join(lab.folder, 'facts.json'));
    const agent = await lab.agent({ metadataFiles: { is: { path: join(lab.folder, 'facts.json'), type: 'json', selector: 'is' } } });
    expect(agent.host.metadata.Config).toEqual({ is: 'old' });
    symlinkSync('..1', join(lab.folder, '..next'));
    renameSync(join(lab.folder, '..next'), join(lab.folder, '..data'));
    await eventually(
      () => agent.host.metadata.Config as Record<string, unknown>,
      ({ is }) => is === 'new',
    );
    unlinkSync(join(lab.folder, 'facts.json'));
    await eventually(
      () => agent.running.probes()[0],
      ({ state }) => state === 'DEGRADED',
    );
    rmSync(join(lab.folder, '..data'));
  });

  it.each([
    '{ rack: 5 }',
    '{ rack: { path: "" } }',
    '{ rack: { path: /etc/facts } }',
    '{ rack: { path: /etc/facts.yaml, selektor: a } }',
    '{ rack: { path: /etc/facts.yaml, type: xml } }',
    '{ "a..b": { path: /etc/facts.yaml } }',
    '[/etc/facts.yaml]',
  ])('is refused where no file can be told from %s', async (value) => {
    await expect(loadConfig({ file: write('agent.yaml', `agent: { metadataFiles: ${value} }\n`) })).rejects.toThrow(
      /agent\.metadataFiles cannot be .*; valid is a map from names to \{ path, type, selector \}/,
    );
  });
});

describe('files of facts', () => {
  it(`are read, or refused with a reason, whatever is in them: ${RUNS} times`, () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc
        .array(fc.constantFrom('[a]', 'a=b', 'a.b: c', '"', '\\', '\n', '{', '}', '# x', '__proto__=1', '[__proto__]', ' ', '1'), {
          maxLength: 12,
        })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...FACT_FORMATS), text, fc.string({ maxLength: 8 }), (format, content, selector) => {
        let facts: unknown;
        try {
          facts = parseFacts(format, content);
        } catch (error) {
          expect((error as Error).message).not.toBe('');
          return;
        }
        selectFact(facts, selector);
        expect(({} as Record<string, unknown>).a).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  it('give the longest key that fits', () => {
    expect(selectFact({ 'a.b': { c: 1 }, a: { b: { c: 2, d: 3 } } }, 'a.b.c')).toBe(1);
    expect(selectFact({ 'a.b': { c: 1 }, a: { b: { d: 3 } } }, 'a.b.d')).toBe(3);
    expect(selectFact({ a: [{ b: 0 }] }, 'a.0.b')).toBe(0);
    expect(selectFact({ a: 1 }, 'toString')).toBeUndefined();
    expect(selectFact('text', 'a')).toBeUndefined();
  });
});
