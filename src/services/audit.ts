import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../common/clock.js';
import type { AuditConfig } from '../common/config/config.js';
import type { Log } from '../common/log.js';
import { badValue } from '../graph/filter/badValue.js';
import type { Asker } from './asker.js';
import { decodePage, encodePage } from './cursor.js';
import { resolveInstant, type Instant } from './instant.js';
import type { PageEdge, PageInfo } from './page.js';
import { requireRight, type Viewer } from './viewer.js';

/** What became of it. */
export type AuditOutcome = 'DONE' | 'REFUSED' | 'FAILED';

/** Somebody did something, or tried to. */
export interface AuditEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  /** The viewer's name; of who was not let in, what they said. */
  readonly who: string;
  /** Address that it came from. */
  readonly from: string;
  /** `createCapture`, `DELETE /api/capture/ID`, `sign in`, `connect /ws/publisher`. */
  readonly what: string;
  /** What it was done with, as JSON, cut after some hundred characters; empty for nothing. */
  readonly with: string;
  readonly outcome: AuditOutcome;
  /** Why not: the code of the error, or the status. */
  readonly code?: string;
}

/** What an error's code, if any, says became of it. */
export const outcomeOf = (code: string | undefined): AuditOutcome =>
  code === undefined ? 'DONE' : code === 'FORBIDDEN' || code === 'UNAUTHENTICATED' ? 'REFUSED' : 'FAILED';

export interface AuditQuery {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly who?: string | null;
  readonly since?: Instant | null;
}

/** Entries with the fields of a Relay connection; how many there are in all nobody knows who has not read the whole log. */
export interface AuditPage {
  readonly nodes: readonly AuditEntry[];
  readonly edges: readonly PageEdge<AuditEntry>[];
  readonly pageInfo: PageInfo;
}

export interface AuditParts extends AuditConfig {
  /** Its files are there, and nothing else is. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The file that is written; those before it have a number behind, the oldest the greatest. */
const CURRENT = 'audit.jsonl';
const OLDER = /^audit\.jsonl\.(\d+)$/;

/** Characters of what something was done with. */
const MOST_WITH = 600;
const DEFAULT_FIRST = 100;
const MOST_FIRST = 1_000;
/** The log is not of a moment of the graph, which a cursor holds elsewhere. */
const NO_MOMENT = { epoch: 0, seq: 0 };

/** Who changed what, as lines of JSON that are only ever added to. A full disk costs lines, not the analyzer. */
export class AuditLog {
  #file: number | undefined;
  #size = 0;
  #isFailing = false;

  constructor(private readonly parts: AuditParts) {}

  record(entry: Omit<AuditEntry, 'at'>): void {
    const { clock, log, maxBytes } = this.parts;
    const line = `${JSON.stringify({ at: clock.now(), ...entry, with: entry.with.slice(0, MOST_WITH) })}\n`;
    try {
      if (this.#file !== undefined && this.#size + line.length > maxBytes) this.#rotate();
      const file = this.#opened();
      this.#size += writeSync(file, line);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.error({ error: (error as Error).message }, 'the audit log cannot be written');
      this.#isFailing = true;
    }
  }

  /** The newest first. A cursor stays good while entries are added and files renamed. Throws `BAD_INPUT`. */
  async read({ viewer }: Pick<Asker, 'viewer'>, { first, after, who, since }: AuditQuery): Promise<AuditPage> {
    requireRight(viewer, 'audit', 'read');
    const most = first ?? DEFAULT_FIRST;
    if (!Number.isInteger(most) || most < 0 || most > MOST_FIRST)
      throw badValue('first', most, `a number of entries from 0 to ${MOST_FIRST}; ask for more by pages, with after`);
    const from = since === null || since === undefined ? -Infinity : resolveInstant(since, this.parts.clock.now());
    const begin = typeof after === 'string' ? decodePage(after, 'after').key.join() : undefined;
    const edges: PageEdge<AuditEntry>[] = [];
    let hasBegun = begin === undefined;
    let hasNextPage = false;
    for await (const { node, place } of this.#entries()) {
      if (!hasBegun) {
        hasBegun = place.join() === begin;
        continue;
      }
      if ((who && node.who !== who) || !isShownTo(viewer, node)) continue;
      if (node.at < from) break;
      hasNextPage = edges.length >= most;
      if (hasNextPage) break;
      edges.push({ node, cursor: encodePage({ moments: [NO_MOMENT], key: place }) });
    }
    return {
      nodes: edges.map(({ node }) => node),
      edges,
      pageInfo: { hasNextPage, hasPreviousPage: begin !== undefined, startCursor: edges[0]?.cursor, endCursor: edges.at(-1)?.cursor },
    };
  }

  /** All of them, the newest first; each with its place: its time, and which of those of this time it is. */
  async *#entries(): AsyncIterable<{ readonly node: AuditEntry; readonly place: readonly [at: number, turn: number] }> {
    let at = NaN;
    let turn = 0;
    for (const name of this.#names()) {
      const lines = (await readFile(join(this.parts.folder, name), 'utf8')).split('\n').reverse();
      for (const line of lines) {
        const node = entryIn(line);
        if (node === undefined) continue;
        turn = node.at === at ? turn + 1 : 0;
        at = node.at;
        yield { node, place: [at, turn] };
      }
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #opened(): number {
    if (this.#file === undefined) {
      mkdirSync(this.parts.folder, { recursive: true, mode: 0o700 });
      this.#file = openSync(join(this.parts.folder, CURRENT), 'a', 0o600);
      this.#size = fstatSync(this.#file).size;
      // A crash may have cut off the last line: the next is one of its own.
      if (this.#size > 0) this.#size += writeSync(this.#file, '\n');
    }
    return this.#file;
  }

  /** The newest before the older. */
  #names(): string[] {
    const { folder } = this.parts;
    const number = (name: string): number => (name === CURRENT ? 0 : Number(OLDER.exec(name)?.[1] ?? NaN));
    try {
      return readdirSync(folder)
        .filter((name) => !Number.isNaN(number(name)))
        .sort((a, b) => number(a) - number(b));
    } catch {
      return []; // nothing was written yet
    }
  }

  #rotate(): void {
    const { folder, files } = this.parts;
    this.close();
    for (const [index, name] of [...this.#names().entries()].reverse()) {
      if (index + 1 >= files) rmSync(join(folder, name));
      else renameSync(join(folder, name), join(folder, `${CURRENT}.${index + 1}`));
    }
  }
}

/** What others did says what they did it with: who sees a part of the graph, or not all of it, reads what they did themselves. */
const isShownTo = ({ sight, name }: Viewer, { who }: AuditEntry): boolean => sight === undefined || who === name;

/** A line that a crash cut off is none. */
function entryIn(line: string): AuditEntry | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as AuditEntry;
  } catch {
    return undefined;
  }
}
