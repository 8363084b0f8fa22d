import { CanopyError } from '../common/errors.js';
import { randomId } from '../common/ids.js';
import type { JsonObject } from '../common/json.js';
import type { Registry, RegistryKind } from '../registry/registry.js';
import type { Asker } from './asker.js';
import type { SightStamp } from './sight/sight.js';
import { requireRight, type Viewer } from './viewer.js';

/** A thing that somebody asked to be kept, with the id that it got. */
export interface KeptDocument {
  readonly id: string;
  readonly value: JsonObject;
}

/** What of each kind is called where rights are given. */
const OBJECTS = { alert: 'alert', workflow: 'workflow', nodeRule: 'noderule', edgeRule: 'edgerule', view: 'view' } as const;

/** With a document is kept by which scopes it was made; nobody is shown that. */
const STAMP = '@sight';

const mayKnow = ({ sight }: Viewer, { value }: KeptDocument): boolean => sight?.mayKnow(value[STAMP] as SightStamp | undefined) ?? true;

function shown({ id, value }: KeptDocument): KeptDocument {
  const { [STAMP]: _stamp, ...rest } = value;
  return { id, value: rest };
}

/** Things of one kind that people keep in the registry: alerts, workflows, rules, views. What they mean is said by whoever watches the kind. */
export class KeptDocuments {
  constructor(
    private readonly registry: Registry,
    private readonly kind: RegistryKind & keyof typeof OBJECTS,
    /** Those that come with the analyzer: everybody who reads the kind has them, and nobody changes them. */
    private readonly bundled: readonly KeptDocument[] = [],
  ) {}

  /** Throws `STORE_UNAVAILABLE`, as everything here. */
  async list({ viewer }: Asker): Promise<readonly KeptDocument[]> {
    requireRight(viewer, OBJECTS[this.kind], 'read');
    return [...this.bundled, ...(await this.registry.list(this.kind)).filter((entry) => mayKnow(viewer, entry)).map(shown)];
  }

  async get({ viewer }: Asker, id: string): Promise<KeptDocument | undefined> {
    requireRight(viewer, OBJECTS[this.kind], 'read');
    const bundled = this.bundled.find((one) => one.id === id);
    if (bundled !== undefined) return bundled;
    const entry = await this.registry.get(this.kind, id);
    return entry && mayKnow(viewer, entry) ? shown(entry) : undefined;
  }

  /** Keeps the value under a new id; until its time is up, where it has one. */
  async create({ viewer }: Asker, value: JsonObject, ttlMs: number | undefined): Promise<KeptDocument> {
    requireRight(viewer, OBJECTS[this.kind], 'write');
    const { sight } = viewer;
    const stamp: JsonObject = sight === undefined ? {} : { [STAMP]: { nodes: [...sight.stamp.nodes], hides: [...sight.stamp.hides] } };
    return shown(await this.registry.put(this.kind, randomId(), { ...value, ...stamp }, { ttlMs, expects: 'absent' }));
  }

  /** Puts another value in the place of the one that was read. `undefined`: nothing is there. Throws `CONFLICT` when somebody else was faster, `BAD_INPUT` for what is bundled. */
  async change({ viewer }: Asker, id: string, change: (value: JsonObject) => JsonObject): Promise<KeptDocument | undefined> {
    requireRight(viewer, OBJECTS[this.kind], 'write');
    this.#refuseBundled(id);
    const entry = await this.registry.get(this.kind, id);
    if (entry === undefined || !mayKnow(viewer, entry)) return undefined;
    const stamp: JsonObject = Object.hasOwn(entry.value, STAMP) ? { [STAMP]: entry.value[STAMP]! } : {};
    return shown(await this.registry.put(this.kind, id, { ...change(shown(entry).value), ...stamp }, { expects: entry.version }));
  }

  /** `false`: nothing was there. Throws `BAD_INPUT` for what is bundled. */
  async remove({ viewer }: Asker, id: string): Promise<boolean> {
    requireRight(viewer, OBJECTS[this.kind], 'write');
    this.#refuseBundled(id);
    const entry = viewer.sight && (await this.registry.get(this.kind, id));
    if (entry !== undefined && !mayKnow(viewer, entry)) return false;
    return this.registry.remove(this.kind, id);
  }

  #refuseBundled(id: string): void {
    if (this.bundled.some((one) => one.id === id))
      throw new CanopyError('BAD_INPUT', `'${id}' comes with the analyzer and stays as it is: make another one`, { details: { id } });
  }
}
