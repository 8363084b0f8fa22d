import type { Json, JsonObject } from '../common/json.js';
import { pathSteps, setPath } from './metadataPath.js';

/** Paths in the order of the values. Elements that are measured alike share one list. */
interface Layout {
  readonly paths: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  /** The layout with one path more. */
  readonly longer: Map<string, Layout>;
}

/** More different layouts than this are no longer shared: somebody makes up paths. */
const MAX_SHARED_LAYOUTS = 4_096;

const layoutOf = (paths: readonly string[]): Layout => ({
  paths,
  places: new Map(paths.map((path, place) => [path, place])),
  longer: new Map(),
});

/** Hands out the shared layouts of one graph. */
export class Layouts {
  readonly empty = layoutOf([]);
  private count = 0;

  with(layout: Layout, path: string): Layout {
    const known = layout.longer.get(path);
    if (known) return known;
    const longer = layoutOf([...layout.paths, path]);
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
    for (let index = 0; index < values.length; index++) {
      const [path, value] = values[index] as readonly [string, Json];
      // Mostly the same paths come in the same order again: then no look-up is needed.
      if (paths[index] === path) this.values[index] = value;
      else this.set(path, value);
    }
  }

  private set(path: string, value: Json): void {
    const place = this.layout.places.get(path);
    if (place !== undefined) {
      this.values[place] = value;
      return;
    }
    this.layout = this.layouts.with(this.layout, path);
    this.values.push(value);
  }

  /** The values as a nested object; a path that runs through another's value is left out. */
  toObject(): JsonObject {
    let object: JsonObject = {};
    this.layout.paths.forEach((path, place) => {
      const steps = pathSteps(path);
      if (steps) object = setPath(object, steps, this.values[place] as Json) ?? object;
    });
    return object;
  }
}
