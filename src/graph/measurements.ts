import type { Json, JsonObject } from '../common/json.js';
import { isJsonObject, pathSteps } from './metadataPath.js';

/** Paths in the order of the values. Elements that are measured alike share one; most are only steps on the way to a longer one, and never list theirs. */
class Layout {
  /** The layout with one path more. */
  readonly longer = new Map<string, Layout>();
  private listed: readonly string[] | undefined;
  private placed: ReadonlyMap<string, number> | undefined;

  constructor(
    private readonly shorter: Layout | undefined,
    private readonly last: string,
  ) {}

  get paths(): readonly string[] {
    return (this.listed ??= this.listPaths());
  }

  get places(): ReadonlyMap<string, number> {
    return (this.placed ??= new Map(this.paths.map((path, place) => [path, place])));
  }

  private listPaths(): readonly string[] {
    const paths = [this.last];
    for (let layout = this.shorter; layout !== undefined; layout = layout.shorter) paths.push(layout.last);
    // The empty one, with which all begin, has no path.
    paths.pop();
    return paths.reverse();
  }
}

/** More different layouts than this are no longer shared: somebody makes up paths. */
const MAX_SHARED_LAYOUTS = 16_384;

/** Hands out the shared layouts of one graph. */
export class Layouts {
  readonly empty = new Layout(undefined, '');
  private count = 0;

  with(layout: Layout, path: string): Layout {
    const known = layout.longer.get(path);
    if (known) return known;
    const longer = new Layout(layout, path);
    if (this.count++ < MAX_SHARED_LAYOUTS) layout.longer.set(path, longer);
    return longer;
  }
}

/** Latest measured values of one element: an array of values beside a shared list of paths, so that numbers take eight bytes each. */
export class Measurements {
  private layout: Layout;
  private readonly values: Json[] = [];

  constructor(private readonly layouts: Layouts) {
    this.layout = layouts.empty;
  }

  /** Takes new values. Paths that are not among them keep theirs. */
  update(values: readonly (readonly [path: string, value: Json])[]): void {
    const { paths } = this.layout;
    let added: Map<string, number> | undefined;
    for (let index = 0; index < values.length; index++) {
      const [path, value] = values[index] as readonly [string, Json];
      // Mostly the same paths come in the same order again: then no look-up is needed.
      let place = paths[index] === path ? index : (this.layout.places.get(path) ?? added?.get(path));
      if (place === undefined) {
        added ??= new Map();
        place = paths.length + added.size;
        added.set(path, place);
      }
      this.values[place] = value;
    }
    if (added !== undefined) for (const path of added.keys()) this.layout = this.layouts.with(this.layout, path);
  }

  /** The values as a nested object; a path that runs through another's value is left out. */
  toObject(): JsonObject {
    const object: Growing = {};
    // Objects that are made here may be added to; those that are values are somebody's.
    const made = new Set<JsonObject>([object]);
    this.layout.paths.forEach((path, place) => {
      const steps = pathSteps(path);
      if (steps) put(object, steps, this.values[place] as Json, made);
    });
    return object;
  }
}

type Growing = Record<string, Json>;

function put(object: Growing, steps: readonly string[], value: Json, made: Set<JsonObject>): void {
  let at = object;
  for (let index = 0; index < steps.length - 1; index++) {
    const key = steps[index] as string;
    const inner = Object.hasOwn(at, key) ? at[key] : undefined;
    if (inner !== undefined && !isJsonObject(inner)) return;
    if (inner !== undefined && made.has(inner)) {
      at = inner as Growing;
      continue;
    }
    const own: Growing = { ...inner };
    made.add(own);
    define(at, key, own);
    at = own;
  }
  define(at, steps.at(-1) as string, value);
}

/** Also for names that an object has of itself. */
function define(object: Growing, key: string, value: Json): void {
  if (key in object && !Object.hasOwn(object, key)) {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else object[key] = value;
}
