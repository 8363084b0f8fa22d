import type { Json, JsonObject } from '../../common/json.js';
import type { RowChanges } from '../../graph/change.js';
import type { Revision, Table } from '../../graph/element.js';
import { isJsonObject } from '../../graph/metadataPath.js';

/** Takes paths of metadata away, wherever metadata is: in state, overlays, tables, rows of changes and measurements. */
export class Redaction {
  private readonly paths: readonly (readonly string[])[];
  private readonly done = new WeakMap<Revision, Revision>();

  /** Dotted paths; a list on the way is walked, as everywhere. */
  constructor(paths: readonly string[]) {
    this.paths = [...new Set(paths)].map((path) => path.split('.'));
  }

  get isNone(): boolean {
    return this.paths.length === 0;
  }

  /** Whether the path, or something that it is below, is hidden. */
  hides(path: string): boolean {
    return this.paths.some((steps) => `${path}.`.startsWith(`${steps.join('.')}.`));
  }

  /** The same object where nothing of it is hidden; made once for a revision. */
  revision<R extends Revision>(revision: R): R {
    if (this.isNone) return revision;
    let shown = this.done.get(revision);
    if (shown === undefined) this.done.set(revision, (shown = this.made(revision)));
    return shown as R;
  }

  object(object: JsonObject): JsonObject {
    return this.paths.reduce<JsonObject>((rest, steps) => withoutPath(rest, steps, 0), object);
  }

  rows(rows: RowChanges | undefined): RowChanges | undefined {
    if (rows === undefined || this.isNone) return rows;
    const shown = Object.entries(rows).flatMap(([name, changed]) => {
      const below = this.below(name);
      if (below === undefined) return [[name, changed] as const];
      if (below.some((steps) => steps.length === 0)) return [];
      return [[name, Object.fromEntries(Object.entries(changed).map(([key, row]) => [key, row && withoutAll(row, below)]))] as const];
    });
    return shown.length === 0 ? undefined : Object.fromEntries(shown);
  }

  private made(revision: Revision): Revision {
    const { base, overlays, metadata, tables } = revision;
    const ownMetadata = this.object(metadata);
    return {
      ...revision,
      base: base === metadata ? ownMetadata : this.object(base),
      metadata: ownMetadata,
      overlays: overlays && Object.fromEntries(Object.entries(overlays).map(([writer, laid]) => [writer, this.object(laid)])),
      tables: tables && this.tables(tables),
    };
  }

  private tables(tables: Readonly<Record<string, Table>>): Readonly<Record<string, Table>> | undefined {
    const shown = Object.entries(tables).flatMap(([name, table]) => {
      const below = this.below(name);
      if (below === undefined) return [[name, table] as const];
      return below.some((steps) => steps.length === 0) ? [] : [[name, new RedactedTable(table, below)] as const];
    });
    return shown.length === 0 ? undefined : Object.fromEntries(shown);
  }

  /** What is hidden below the name: an empty path for all of it. */
  private below(name: string): readonly (readonly string[])[] | undefined {
    const found = this.paths.filter(([first]) => first === name).map((steps) => steps.slice(1));
    return found.length === 0 ? undefined : found;
  }
}

/** A table whose rows lack paths. */
class RedactedTable implements Table {
  constructor(
    private readonly table: Table,
    private readonly hidden: readonly (readonly string[])[],
  ) {}

  get size(): number {
    return this.table.size;
  }

  get(key: string): JsonObject | undefined {
    const row = this.table.get(key);
    return row && withoutAll(row, this.hidden);
  }

  *entries(): Iterable<readonly [string, JsonObject]> {
    for (const [key, row] of this.table.entries()) yield [key, withoutAll(row, this.hidden)];
  }
}

const withoutAll = (object: JsonObject, paths: readonly (readonly string[])[]): JsonObject =>
  paths.reduce<JsonObject>((rest, steps) => withoutPath(rest, steps, 0), object);

/** The object without what the path reaches; the same object where it reaches nothing. */
function withoutPath(object: JsonObject, steps: readonly string[], from: number): JsonObject {
  const key = steps[from]!;
  if (!Object.hasOwn(object, key)) {
    // A key with dots in it, as labels have them: `Docker.Labels.com.example.owner`.
    const rest = steps.slice(from).join('.');
    return from < steps.length - 1 && Object.hasOwn(object, rest) ? without(object, rest) : object;
  }
  if (from === steps.length - 1) return without(object, key);
  const inner = object[key]!;
  const shown = withoutIn(inner, steps, from + 1);
  return shown === inner ? object : { ...object, [key]: shown };
}

function withoutIn(value: Json, steps: readonly string[], from: number): Json {
  if (isJsonObject(value)) return withoutPath(value, steps, from);
  if (!Array.isArray(value)) return value;
  const shown = (value as readonly Json[]).map((entry) => withoutIn(entry, steps, from));
  return shown.every((entry, index) => entry === (value as readonly Json[])[index]) ? value : shown;
}

const without = (object: JsonObject, left: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== left));
