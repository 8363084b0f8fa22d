import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { afterAll, expect, it, describe } from 'vitest';
import { CONFIG_PATHS, KEYS, variableOf, type ConfigPath } from '../../../src/common/config/keys.js';
import { configWith, loadConfig } from '../../../src/common/config/load.js';

const folder = mkdtempSync(join(tmpdir(), 'canopy-round-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const word = fc.stringMatching(/^[a-zA-Z0-9/._-]{1,12}$/);
const anyText = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'));

/** Valid values of a key, told by the name of its value in usage lines. */
function valuesOf(path: ConfigPath): fc.Arbitrary<unknown> {
  const { kind } = KEYS[path];
  const valid = (value: unknown) => kind.read((kind.write as (value: unknown) => string)(value)) !== undefined;
  switch (kind.placeholder) {
    case 'TEXT':
    case 'PATH':
      return anyText;
    case 'URL':
      return word.map((name) => `http://${name.replace(/[^a-z]/g, 'x')}.example.org:8082`);
    case 'BOLT-URL':
      return fc
        .tuple(fc.constantFrom('bolt', 'bolt+s', 'neo4j', 'neo4j+ssc'), fc.nat(65_535))
        .map(([scheme, port]) => `${scheme}://localhost:${port}`);
    case 'HOST:PORT':
      return fc.tuple(fc.constantFrom('127.0.0.1', '[::1]', 'localhost', ''), fc.nat(65_535)).map(([host, port]) => `${host}:${port}`);
    case 'true|false':
      return fc.boolean();
    case 'TEXT,…':
      return fc.array(anyText, { maxLength: 4 });
    case 'ORIGIN,…':
      return fc.array(
        word.map((name) => `https://${name.replace(/[^a-z]/g, 'x')}.example.org`),
        { maxLength: 4 },
      );
    case 'JSON':
      return fc.dictionary(word, fc.oneof(word, fc.integer(), fc.boolean(), fc.array(word, { maxLength: 3 })));
    case 'FILES':
      return fc.dictionary(
        word.map((name) => name.replaceAll('.', '-')),
        fc.record({ path: word, type: fc.constantFrom('json', 'toml'), selector: word }),
      );
    case 'DURATION':
      return fc.nat(86_400_000).filter(valid);
    case 'SIZE':
      return fc
        .oneof(
          fc.nat(2 ** 40),
          fc.nat(1024).map((count) => count * 2 ** 20),
        )
        .filter(valid);
    case 'NUMBER':
      return fc.nat(100_000).filter(valid);
    default:
      return fc.constantFrom(...kind.placeholder.split('|'));
  }
}

const setting = fc.constantFrom(...CONFIG_PATHS).chain((path) => fc.tuple(fc.constant(path), valuesOf(path)));

/** A nested document for the YAML file; durations and sizes in their written form. */
function nested(values: readonly (readonly [ConfigPath, unknown])[]): object {
  const document: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const names = path.split('.');
    const last = names.pop()!;
    const group = names.reduce((inner, name) => (inner[name] ??= {}) as Record<string, unknown>, document);
    const isText = typeof value === 'object' || typeof value === 'boolean';
    group[last] = isText ? value : written(path, value);
  }
  return document;
}
const written = (path: ConfigPath, value: unknown): string => (KEYS[path].kind.write as (value: unknown) => string)(value);

describe('any valid settings come out as they went in', () => {
  const check = async (values: readonly (readonly [ConfigPath, unknown])[], load: () => ReturnType<typeof loadConfig>) => {
    expect((await load()).config).toEqual(configWith(Object.fromEntries(values)));
  };
  const settings = fc.uniqueArray(setting, { selector: ([path]) => path, maxLength: 8 });

  it('through the file', () =>
    fc.assert(
      fc.asyncProperty(settings, async (values) => {
        const file = join(folder, 'canopy.yaml');
        writeFileSync(file, stringify(nested(values)));
        await check(values, () => loadConfig({ file }));
      }),
    ));

  it('through variables', () =>
    fc.assert(
      fc.asyncProperty(settings, (values) =>
        check(values, () =>
          loadConfig({ environment: Object.fromEntries(values.map(([path, value]) => [variableOf(path), written(path, value)])) }),
        ),
      ),
    ));

  it('through flags', () =>
    fc.assert(
      fc.asyncProperty(settings, (values) =>
        check(values, () => loadConfig({ flags: values.map(([path, value]) => ({ flag: '--set', path, value: written(path, value) })) })),
      ),
    ));
});

describe('the table of keys', () => {
  it('has one variable for each key', () => {
    expect(new Set(CONFIG_PATHS.map(variableOf)).size).toBe(CONFIG_PATHS.length);
  });

  it.each(CONFIG_PATHS)('%s has a valid default, a valid example and a doc line', async (path) => {
    const { default: value, defaultText, kind, example, doc } = KEYS[path];
    expect(value !== undefined || defaultText !== undefined).toBe(true);
    if (value !== undefined) expect(kind.read(written(path, value))).toEqual(value);
    expect(doc).toMatch(/^[A-Z].*\.$/);
    const file = join(folder, 'example.yaml');
    const names = path.split('.');
    writeFileSync(file, names.map((name, depth) => `${'  '.repeat(depth)}${name}:`).join('\n') + ` ${example}\n`);
    expect((await loadConfig({ file })).sources.get(path)).not.toBe('default');
  });
});
