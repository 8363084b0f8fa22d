import { parseDuration, formatDuration } from '../duration.js';
import { isLoopback, parseListen } from './listen.js';
import type { Json, JsonObject } from '../json.js';

/** How values of one kind are written and read. What comes from variables and flags is text; the YAML file has numbers, booleans, lists and maps too. */
export interface Kind<T> {
  /** What is valid, for errors and the reference: `a duration such as 30s, 5m, 1h30m or 7d`. */
  readonly valid: string;
  /** Short name of the value in usage lines: `DURATION`. */
  readonly placeholder: string;
  /** `undefined` for what is not valid. */
  read(raw: unknown): T | undefined;
  /** As it stands in a variable or flag; `read(write(value))` gives the value again. */
  write(value: T): string;
}

export const text: Kind<string> = {
  valid: 'a text that is not empty (in quotes where YAML would take it for a number)',
  placeholder: 'TEXT',
  read: (raw) => (typeof raw === 'string' && raw !== '' ? raw : undefined),
  write: (value) => value,
};

export const path: Kind<string> = { ...text, valid: 'a path', placeholder: 'PATH' };

export const url: Kind<string> = {
  valid: 'a URL such as http://127.0.0.1:8082',
  placeholder: 'URL',
  read(raw) {
    if (typeof raw !== 'string' || !/^https?:\/\//.test(raw) || !URL.canParse(raw)) return undefined;
    return raw.replace(/\/+$/, '');
  },
  write: (value) => value,
};

/** An address of Neo4j. */
export const boltUrl: Kind<string> = {
  valid: 'a URL such as bolt://127.0.0.1:7687 or neo4j+s://graph.example.org',
  placeholder: 'BOLT-URL',
  read: (raw) => (typeof raw === 'string' && /^(?:bolt|neo4j)(?:\+s|\+ssc)?:\/\/[^/]/.test(raw) && URL.canParse(raw) ? raw : undefined),
  write: (value) => value,
};

export const listen: Kind<string> = {
  valid: 'HOST:PORT such as 127.0.0.1:8082 or [::1]:8082; port 0 picks a free one',
  placeholder: 'HOST:PORT',
  read(raw) {
    if (typeof raw !== 'string') return undefined;
    try {
      parseListen(raw);
      return raw;
    } catch {
      return undefined;
    }
  },
  write: (value) => value,
};

export const boolean: Kind<boolean> = {
  valid: 'true or false',
  placeholder: 'true|false',
  read: (raw) => (raw === true || raw === 'true' ? true : raw === false || raw === 'false' ? false : undefined),
  write: String,
};

/** One of a few words. */
export const choice = <T extends string>(...choices: readonly T[]): Kind<T> => ({
  valid: `one of ${choices.join(', ')}`,
  placeholder: choices.join('|'),
  read: (raw) => choices.find((one) => one === raw),
  write: (value) => value,
});

/** A whole number in a range. */
export const count = (least: number, most: number): Kind<number> => ({
  valid: `a whole number from ${least} to ${most}`,
  placeholder: 'NUMBER',
  read(raw) {
    const value = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw;
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
  },
  write: String,
});

/** A duration, in milliseconds, in a range. A bare number is refused, because nobody can tell whether it means seconds. */
export const duration = (least: number, most: number): Kind<number> => ({
  valid: `a duration with its unit, such as 250ms, 30s, 5m, 1h30m or 7d, from ${formatDuration(least)} to ${formatDuration(most)}`,
  placeholder: 'DURATION',
  read(raw) {
    const value = typeof raw === 'string' ? parseDuration(raw) : raw === 0 ? 0 : undefined;
    return value !== undefined && value >= least && value <= most ? value : undefined;
  },
  write: formatDuration,
});

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** An address that only this machine can reach. */
export const loopback: Kind<string> = {
  ...listen,
  valid: 'HOST:PORT on loopback, such as 127.0.0.1:8083 or [::1]:8083; port 0 picks a free one',
  read(raw) {
    const address = listen.read(raw);
    return address !== undefined && isLoopback(parseListen(address).host) ? address : undefined;
  },
};

/** A size in bytes in a range. */
export const size = (least: number, most: number): Kind<number> => ({
  valid: `a size such as 64KiB, 256MiB or 2GiB, or a number of bytes, from ${formatSize(least)} to ${formatSize(most)}`,
  placeholder: 'SIZE',
  read(raw) {
    const match = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)?$/.exec(typeof raw === 'number' ? String(raw) : typeof raw === 'string' ? raw : '');
    if (match === null) return undefined;
    const value = Number(match[1]) * 1024 ** SIZE_UNITS.indexOf(match[2] ?? 'B');
    return Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined;
  },
  write: formatSize,
});

/** Largest unit that divides the bytes: 67108864 is `64MiB`. */
function formatSize(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount !== 0 && amount % 1024 === 0 && unit < SIZE_UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${amount}${SIZE_UNITS[unit]}`;
}

/** Texts; on one line separated by commas, or as a JSON list where a text has a comma itself. */
export const texts: Kind<readonly string[]> = {
  valid: 'a list of texts (in a variable or flag separated by commas, or a JSON list)',
  placeholder: 'TEXT,…',
  read(raw) {
    if (typeof raw === 'string') return splitTexts(raw);
    return Array.isArray(raw) && raw.every((entry) => typeof entry === 'string' && entry !== '') ? (raw as string[]) : undefined;
  },
  write: (value) => (value.every((entry) => !/^$|^\[|^\s|\s$|,/.test(entry)) ? value.join(',') : JSON.stringify(value)),
};

function splitTexts(line: string): readonly string[] | undefined {
  if (line === '') return [];
  if (line.startsWith('[')) return texts.read(parseJson(line));
  const entries = line.split(',').map((entry) => entry.trim());
  return entries.every((entry) => entry !== '') ? entries : undefined;
}

/** Origins of web pages, as browsers send them: scheme, host, port, nothing behind. */
export const origins: Kind<readonly string[]> = {
  ...texts,
  valid: 'a list of origins such as https://dash.example.org, without a path',
  placeholder: 'ORIGIN,…',
  read(raw) {
    const entries = texts.read(raw);
    return entries?.every((entry) => URL.canParse(entry) && new URL(entry).origin === entry) ? entries : undefined;
  },
};

/** A map of anything; on one line as JSON. */
export const map: Kind<JsonObject> = {
  valid: 'a map (in a variable or flag a JSON object such as {"rack":"b7"})',
  placeholder: 'JSON',
  read(raw) {
    const value = typeof raw === 'string' ? parseJson(raw) : raw;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  },
  write: (value) => JSON.stringify(value),
};

function parseJson(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
}
