import type { Cancel, Clock } from '../../common/clock.js';
import type { JsonObject } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import type { Entry, Registry, RegistryEvent, Watch } from '../../registry/registry.js';
import { type Cell, type Placed, placeCells, type Pull } from './cells.js';

/** Milliseconds that new places wait to be kept, so that a network that is just appearing is written once. */
const KEEP_AFTER_MS = 2_000;
/** Groups beyond which no places are kept: a picture of so many is read by finding, not by place. */
const MOST_GROUPS = 2_000;
/** Groups that went keep their cells, for when they come back, as long as they are not more than so many times those that are there. */
const MOST_GONE = 2;
/** Views with places of their own: paths that somebody tried once are forgotten. */
const MOST_VIEWS = 64;

/** A group whose cell is asked for. */
export type Group = Placed;

/** Gives the groups of one view their cells. */
export type PlaceGroups = (groups: readonly Group[], links: readonly Pull[]) => ReadonlyMap<string, Cell>;

export interface PlacesParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the groups of each view lie in the picture: the same for everybody, and the same again tomorrow. */
export class Places {
  /** By view, the one that was asked for last at the end. */
  readonly #views = new Map<string, ReadonlyMap<string, Cell>>();
  readonly #unkept = new Set<string>();
  readonly #watch: Watch;
  #cancel: Cancel | undefined;
  #isClosed = false;

  constructor(private readonly parts: PlacesParts) {
    this.#watch = parts.registry.watch('places', (event) => this.#follow(event));
  }

  /** How the groups of a view are placed; `view` says what makes a group, and `isWhole` that those that are not there went. */
  readonly of =
    (view: string, isWhole: boolean): PlaceGroups =>
    (groups, links) => {
      if (groups.length > MOST_GROUPS) return new Map();
      const known = this.#views.get(view) ?? new Map<string, Cell>();
      let cells = known;
      if (groups.some(({ id }) => !known.has(id))) {
        const isHere = new Set(groups.map(({ id }) => id));
        const isCrowded = isWhole && known.size > groups.length * (1 + MOST_GONE);
        cells = placeCells(groups, links, isCrowded ? new Map([...known].filter(([id]) => isHere.has(id))) : known);
        this.#keepSoon(view);
      }
      this.#views.delete(view);
      this.#views.set(view, cells);
      return cells;
    };

  /** Cells for these groups alone, kept nowhere: the same groups lie the same again. */
  readonly alone: PlaceGroups = (groups, links) => (groups.length > MOST_GROUPS ? new Map() : placeCells(groups, links, new Map()));

  /** Keeps what is not kept yet. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.close();
    this.#cancel?.();
    await this.#keep();
  }

  /** What another analyzer keeps is what everybody sees. */
  #follow(event: RegistryEvent): void {
    if (event.event === 'all') for (const entry of event.entries) this.#take(entry);
    else if (event.event === 'put') this.#take(event.entry);
  }

  #take({ id, value }: Entry): void {
    if (!this.#unkept.has(id)) this.#views.set(id, readCells(value));
  }

  #keepSoon(view: string): void {
    this.#unkept.add(view);
    if (this.#isClosed) return;
    this.#cancel ??= this.parts.clock.after(KEEP_AFTER_MS, () => {
      this.#cancel = undefined;
      void this.#keep();
    });
  }

  async #keep(): Promise<void> {
    const views = [...this.#unkept];
    this.#unkept.clear();
    const { registry, log } = this.parts;
    try {
      for (const view of views) await registry.put('places', view, writeCells(this.#views.get(view) ?? new Map()));
      for (const view of [...this.#views.keys()].slice(0, Math.max(0, this.#views.size - MOST_VIEWS))) {
        this.#views.delete(view);
        await registry.remove('places', view);
      }
    } catch (error) {
      // They are the same until the next start all the same.
      log.warn({ error: String(error) }, 'places of the picture could not be kept');
    }
  }
}

const writeCells = (cells: ReadonlyMap<string, Cell>): JsonObject => Object.fromEntries([...cells].map(([id, { x, y }]) => [id, [x, y]]));

/** What somebody else wrote is read as far as it makes sense. */
function readCells(value: JsonObject): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const [id, pair] of Object.entries(value)) {
    if (!Array.isArray(pair)) continue;
    const [x, y] = pair;
    if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) cells.set(id, { x: x as number, y: y as number });
  }
  return cells;
}
