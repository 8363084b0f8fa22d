import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import type { FactFormat } from '../../../src/common/config/metadataFiles.js';

/** Reads a file of facts. Throws what is wrong with it, with its place where the format has one. */
export const parseFacts = (format: FactFormat, text: string): unknown => PARSERS[format](text);

const PARSERS: Readonly<Record<FactFormat, (text: string) => unknown>> = {
  json: (text) => JSON.parse(text) as unknown,
  yaml: (text) => parseYaml(text, { logLevel: 'error' }) as unknown,
  toml: (text) => parseToml(text),
  ini: parseIni,
  properties: parseProperties,
};

/** `[section]`, `key = value` with or without quotes, `;` and `#` begin a comment. */
function parseIni(text: string): Record<string, unknown> {
  const facts = emptyFacts();
  let section: Record<string, unknown> = facts;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || /^[;#]/.test(line)) continue;
    const name = /^\[([^\]]+)\]$/.exec(line)?.[1]?.trim();
    if (name !== undefined) {
      const known = facts[name];
      section = typeof known === 'object' ? (known as Record<string, unknown>) : emptyFacts();
      facts[name] = section;
      continue;
    }
    const equals = line.indexOf('=');
    if (equals <= 0) throw new Error(`line ${index + 1} is neither [section] nor key = value`);
    section[line.slice(0, equals).trim()] = unquoted(line.slice(equals + 1).trim());
  }
  return facts;
}

/** A value in quotes ends with them; another one at a comment behind a blank. */
const unquoted = (value: string): string => /^(["'])(.*?)\1/.exec(value)?.[2] ?? value.replace(/\s[;#].*$/, '').trimEnd();

/** `key=value`, `key: value` or `key value`; a line that ends in a backslash goes on; see java.util.Properties. */
function parseProperties(text: string): Record<string, unknown> {
  const facts = emptyFacts();
  for (const raw of text.replace(/\\\r?\n[ \t]*/g, '').split(/\r?\n/)) {
    const line = raw.trimStart();
    if (line === '' || /^[#!]/.test(line)) continue;
    const [, key = '', value = ''] = /^((?:\\.|[^\\=:\s])+)\s*[=:\s]?\s*(.*)$/.exec(line) ?? [];
    if (key !== '') facts[key.replace(/\\(.)/g, '$1')] = value.replace(/\\(.)/g, '$1');
  }
  return facts;
}

const emptyFacts = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;

/** What lies under a dotted path; keys may have dots themselves, and the longest that fits is taken. `undefined` when there is nothing. */
export function selectFact(facts: unknown, selector: string | undefined): unknown {
  if (selector === undefined) return facts;
  if (typeof facts !== 'object' || facts === null) return undefined;
  const parts = selector.split('.');
  for (let length = parts.length; length > 0; length--) {
    const key = parts.slice(0, length).join('.');
    if (!Object.hasOwn(facts, key)) continue;
    const found = selectFact((facts as Record<string, unknown>)[key], length === parts.length ? undefined : parts.slice(length).join('.'));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A fact as a text: what is more than one value as JSON. */
export function factText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && !(value instanceof Date) ? JSON.stringify(value) : String(value);
}
