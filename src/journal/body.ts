import type { JsonObject } from '../common/json.js';
import type { ChangeReason, CoverageChange, ElementChange, GapReason } from '../graph/change.js';
import type { ElementId, Revision, Table } from '../graph/element.js';
import { mergeOverlays } from '../graph/metadataPath.js';
import { OP, type OpCode } from './block.js';
import type { Codec } from './codec.js';
import { damaged } from './layout.js';

/** A change as it is stored: everything of it but its rows, which are in the table `rows`. Times but `at` are distances from `at`, because those are short. */
export interface StoredChange {
  readonly op: OpCode;
  readonly seq: number;
  readonly at: number;
  readonly observedAt: number;
  /** Seq of the revision that the change replaced; 0 for none. */
  readonly previous: number;
  readonly ordinal: number;
  readonly reason: ChangeReason | undefined;
  readonly fields: StoredRevision;
  /** Keys of the rows that changed, by table. */
  readonly rowKeys: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A revision without what is computed from it. */
export interface StoredRevision {
  readonly id: ElementId;
  readonly host: string;
  readonly origin: string;
  readonly ends: readonly [parent: ElementId, child: ElementId] | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt: number | undefined;
  readonly observedCreatedAt: number;
  readonly observedUpdatedAt: number;
  readonly revision: number;
  readonly base: JsonObject;
  readonly overlays: Readonly<Record<string, JsonObject>> | undefined;
  /** Names of the tables it has. */
  readonly tables: readonly string[] | undefined;
}

/** Positions in the stored array. */
type Stored = [
  op: OpCode,
  seq: number,
  at: number,
  observed: number,
  previous: number,
  ordinal: number,
  reason: ChangeReason | null,
  id: ElementId,
  host: string,
  origin: string,
  parent: ElementId | null,
  child: ElementId | null,
  created: number,
  updated: number,
  deleted: number | null,
  observedCreated: number,
  observedUpdated: number,
  revision: number,
  base: JsonObject,
  overlays: Readonly<Record<string, JsonObject>> | null,
  tables: readonly string[] | null,
  rowKeys: Readonly<Record<string, readonly string[]>> | null,
];

type StoredCoverage = [
  op: OpCode,
  seq: number,
  at: number,
  reason: GapReason,
  since: number,
  origin: string | null,
  host: string | null,
  probe: string | null,
];

export function encodeChange(codec: Codec, change: ElementChange, op: OpCode, ordinal: number, previous: number): Buffer {
  const { element, at } = change;
  const stored: Stored = [
    op,
    change.seq,
    at,
    at - change.observedAt,
    previous === 0 ? 0 : change.seq - previous,
    ordinal,
    change.reason ?? null,
    element.id,
    element.host,
    element.origin,
    element.kind === 'edge' ? element.parent : null,
    element.kind === 'edge' ? element.child : null,
    at - element.createdAt,
    at - element.updatedAt,
    element.deletedAt === undefined ? null : at - element.deletedAt,
    at - element.observedCreatedAt,
    at - element.observedUpdatedAt,
    element.revision,
    element.base,
    element.overlays ?? null,
    element.tables === undefined ? null : Object.keys(element.tables),
    change.rows === undefined ? null : keysOf(change.rows),
  ];
  return codec.encode(stored);
}

/** The same change with another operation and another revision before it: a repair found that those around it are gone. */
export function rewriteChange(codec: Codec, sealed: Buffer, seq: number, op: OpCode, previous: number): Buffer {
  const stored = codec.decode(sealed, () => `change ${seq}`) as Stored;
  stored[0] = op;
  stored[4] = previous === 0 ? 0 : seq - previous;
  return codec.encode(stored);
}

/** Reads what `encodeChange` or `encodeCoverage` wrote. Throws `DATA_DAMAGED`. */
export function decodeBody(codec: Codec, sealed: Buffer, seq: number): StoredChange | CoverageChange {
  const stored = codec.decode(sealed, () => `change ${seq}`) as Stored | StoredCoverage;
  if (stored[1] !== seq) throw damaged(`change ${seq} is in the place of another`);
  return isCoverage(stored) ? toCoverage(stored) : toStoredChange(stored);
}

export const isStoredCoverage = (change: StoredChange | CoverageChange): change is CoverageChange => 'since' in change;

const isCoverage = (stored: Stored | StoredCoverage): stored is StoredCoverage => stored[0] === OP.gapOpened || stored[0] === OP.gapClosed;

function toStoredChange(stored: Stored): StoredChange {
  const at = stored[2];
  return {
    op: stored[0],
    seq: stored[1],
    at,
    observedAt: at - stored[3],
    previous: stored[4] === 0 ? 0 : stored[1] - stored[4],
    ordinal: stored[5],
    reason: stored[6] ?? undefined,
    fields: {
      id: stored[7],
      host: stored[8],
      origin: stored[9],
      ends: stored[10] === null ? undefined : [stored[10], stored[11]!],
      createdAt: at - stored[12],
      updatedAt: at - stored[13],
      deletedAt: stored[14] === null ? undefined : at - stored[14],
      observedCreatedAt: at - stored[15],
      observedUpdatedAt: at - stored[16],
      revision: stored[17],
      base: stored[18],
      overlays: stored[19] ?? undefined,
      tables: stored[20] ?? undefined,
    },
    rowKeys: stored[21] ?? undefined,
  };
}

export function encodeCoverage(codec: Codec, change: CoverageChange): Buffer {
  const stored: StoredCoverage = [
    change.op === 'gapOpened' ? OP.gapOpened : OP.gapClosed,
    change.seq,
    change.at,
    change.reason,
    change.since,
    change.origin ?? null,
    change.host ?? null,
    change.probe ?? null,
  ];
  return codec.encode(stored);
}

function toCoverage(stored: StoredCoverage): CoverageChange {
  return {
    op: stored[0] === OP.gapOpened ? 'gapOpened' : 'gapClosed',
    seq: stored[1],
    at: stored[2],
    reason: stored[3],
    since: stored[4],
    origin: stored[5] ?? undefined,
    host: stored[6] ?? undefined,
    probe: stored[7] ?? undefined,
  };
}

/**
 * The revision with its metadata merged and its tables ready to be read. The literals have the order of keys that the live graph uses, so that all
 * revisions of a kind share one hidden class.
 */
export function toRevision(seq: number, fields: StoredRevision, tableOf: (name: string) => Table): Revision {
  const { id, host, origin, ends, createdAt, updatedAt, deletedAt, observedCreatedAt, observedUpdatedAt, revision, base, overlays } =
    fields;
  const metadata = mergeOverlays(base, overlays);
  const tables = fields.tables === undefined ? undefined : Object.fromEntries(fields.tables.map((name) => [name, tableOf(name)]));
  if (ends === undefined) {
    return {
      kind: 'node',
      id,
      host,
      origin,
      createdAt,
      updatedAt,
      deletedAt,
      observedCreatedAt,
      observedUpdatedAt,
      revision,
      seq,
      base,
      overlays,
      metadata,
      tables,
    };
  }
  return {
    kind: 'edge',
    id,
    host,
    origin,
    createdAt,
    updatedAt,
    deletedAt,
    observedCreatedAt,
    observedUpdatedAt,
    revision,
    seq,
    base,
    overlays,
    metadata,
    tables,
    parent: ends[0],
    child: ends[1],
  };
}

const keysOf = (rows: NonNullable<ElementChange['rows']>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(rows).map(([table, changed]) => [table, Object.keys(changed)]));
