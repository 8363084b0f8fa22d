import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';
import type { Json, JsonObject } from '../common/json.js';
import { EmbeddedRegistry } from './embedded/registry.js';
import type { Entry, Registry, RegistryKind } from './registry.js';

/** What people made, in their words, one and several. What the analyzer makes itself comes again by itself. */
const WORDS: Readonly<Partial<Record<RegistryKind, readonly [one: string, several: string]>>> = {
  capture: ['capture', 'captures'],
  injection: ['injection', 'injections'],
  alert: ['alert', 'alerts'],
  workflow: ['workflow', 'workflows'],
  nodeRule: ['node rule', 'node rules'],
  edgeRule: ['edge rule', 'edge rules'],
  view: ['view', 'views'],
};
const KINDS: readonly RegistryKind[] = [...(Object.keys(WORDS) as RegistryKind[]), 'places'];

/** What says when and by what name something was made, not what it is. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['id', 'UUID', 'createdAt', 'updatedAt', 'CreateTime', 'expiresAt']);

/**
 * What the embedded home in the folder still holds, though another home is used: nobody follows it there.
 * Answers how many of what, as `2 captures, 1 view`; `undefined` when there is nothing.
 */
export async function leftBehind(folder: string, clock: Clock): Promise<string | undefined> {
  const embedded = openedThere(folder, clock);
  if (embedded === undefined) return undefined;
  try {
    return await counted(embedded);
  } finally {
    await embedded.close();
  }
}

/**
 * Brings what the embedded home holds to the registry; what is there already, under its id or just alike, stays as it is there. Each entry leaves the folder when it has arrived,
 * so that nothing comes back that is removed later. Throws `STORE_UNAVAILABLE`: the rest waits for another time. Answers what came, as `leftBehind` does.
 */
export async function bringOver(folder: string, registry: Registry, clock: Clock): Promise<string | undefined> {
  const embedded = openedThere(folder, clock);
  if (embedded === undefined) return undefined;
  try {
    const there = await counted(embedded);
    for (const kind of KINDS) {
      const entries = await embedded.list(kind);
      if (entries.length === 0) continue;
      const known = new Set((await registry.list(kind)).map(({ value }) => sense(value)));
      for (const entry of entries) {
        if (!known.has(sense(entry.value))) await bring(entry, registry, clock);
        await embedded.remove(kind, entry.id);
      }
    }
    return there;
  } finally {
    await embedded.close();
  }
}

const openedThere = (folder: string, clock: Clock): EmbeddedRegistry | undefined =>
  existsSync(join(folder, 'data.mdb')) ? new EmbeddedRegistry({ folder, clock }) : undefined;

async function counted(embedded: EmbeddedRegistry): Promise<string | undefined> {
  const counts: string[] = [];
  for (const [kind, [one, several]] of Object.entries(WORDS) as [RegistryKind, readonly [string, string]][]) {
    const { length } = await embedded.list(kind);
    if (length > 0) counts.push(`${length} ${length === 1 ? one : several}`);
  }
  return counts.length === 0 ? undefined : counts.join(', ');
}

async function bring({ kind, id, value }: Entry, registry: Registry, clock: Clock): Promise<void> {
  const { expiresAt } = value;
  const ttlMs = typeof expiresAt === 'number' ? Math.max(1_000, expiresAt - clock.now()) : undefined;
  try {
    await registry.put(kind, id, value, { expects: 'absent', ...(ttlMs !== undefined && { ttlMs }) });
  } catch (error) {
    if (!(error instanceof CanopyError && error.code === 'CONFLICT')) throw error;
  }
}

const sense = (value: JsonObject): string => JSON.stringify(value, (key, part: Json) => (NOT_COMPARED.has(key) ? undefined : part));
