import type { Json } from '../common/json.js';
import type { NodeRevision } from './element.js';
import type { NodeEntry } from './entry.js';
import { jsonEqual } from './jsonCompare.js';
import { INDEXED_KEYS, type IndexedKey } from './view.js';

/** Indexed keys that are found in metadata. `host` is a field; `origin` is kept by the accounts of the origins. */
export type MetadataKey = Exclude<IndexedKey, 'host' | 'origin'>;
export const METADATA_KEYS = INDEXED_KEYS.filter((key): key is MetadataKey => key !== 'host' && key !== 'origin');

/** The address without its prefix length. */
function bareAddress(text: string): string {
  const slash = text.indexOf('/');
  return slash < 0 ? text : text.slice(0, slash);
}

/** The text under which a value is filed: addresses without prefix length, so that both ways of asking find them; hardware addresses in lower case. */
export function filedText(key: IndexedKey, text: string): string {
  if (key === 'IPV4') return bareAddress(text);
  return key === 'MAC' ? text.toLowerCase() : text;
}

/** Whether the value of an indexed key, as it stands in metadata, is what was asked for. */
export function hasIndexedValue(key: IndexedKey, value: Json | undefined, wanted: string): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some((entry) => hasIndexedValue(key, entry, wanted));
  if (typeof value === 'string') {
    if (key === 'IPV4' && wanted.includes('/')) return value === wanted;
    return filedText(key, value) === filedText(key, wanted);
  }
  return typeof value === 'number' && String(value) === wanted;
}

/** The value of an indexed key in a node. */
export function indexedValue(node: NodeRevision, key: IndexedKey): Json | undefined {
  if (key === 'host') return node.host;
  if (key === 'origin') return node.origin;
  return node.metadata[key];
}

/** The texts under which a value is filed, each once. */
export function indexTexts(key: IndexedKey, value: Json | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return [...new Set((value as readonly Json[]).flatMap((entry) => indexTexts(key, entry)))];
  if (typeof value === 'string') return [filedText(key, value)];
  return typeof value === 'number' ? [String(value)] : [];
}

/** Much cheaper than `instanceof` where it runs several times for each new node. */
const isSet = (filed: NodeEntry | Set<NodeEntry>): filed is Set<NodeEntry> => (filed as NodeEntry).kind === undefined;

/** Entries by text. One entry stands for itself, more share a set: most names and addresses are of one node. */
class TextIndex {
  private readonly filed = new Map<string, NodeEntry | Set<NodeEntry>>();

  constructor(private readonly key: IndexedKey) {}

  add(entry: NodeEntry, value: Json | undefined): void {
    if (typeof value === 'string') this.addText(entry, filedText(this.key, value));
    else if (Array.isArray(value)) for (const element of value as readonly Json[]) this.add(entry, element);
    else if (typeof value === 'number') this.addText(entry, String(value));
  }

  remove(entry: NodeEntry, value: Json | undefined): void {
    if (typeof value === 'string') this.removeText(entry, filedText(this.key, value));
    else if (Array.isArray(value)) for (const element of value as readonly Json[]) this.remove(entry, element);
    else if (typeof value === 'number') this.removeText(entry, String(value));
  }

  move(entry: NodeEntry, before: Json | undefined, after: Json | undefined): void {
    if (before === after || jsonEqual(before, after)) return;
    this.remove(entry, before);
    this.add(entry, after);
  }

  private addText(entry: NodeEntry, text: string): void {
    const there = this.filed.get(text);
    if (there === undefined) this.filed.set(text, entry);
    else if (isSet(there)) there.add(entry);
    else if (there !== entry) this.filed.set(text, new Set([there, entry]));
  }

  private removeText(entry: NodeEntry, text: string): void {
    const there = this.filed.get(text);
    if (there !== undefined && isSet(there)) {
      there.delete(entry);
      if (there.size === 0) this.filed.delete(text);
    } else if (there === entry) this.filed.delete(text);
  }

  collect(wanted: string, into: NodeRevision[]): void {
    const isPrefixed = this.key === 'IPV4' && wanted.includes('/');
    const there = this.filed.get(filedText(this.key, wanted));
    if (there === undefined) return;
    for (const entry of isSet(there) ? there : [there]) {
      const node = entry.revision;
      if (node && (!isPrefixed || hasIndexedValue(this.key, node.metadata[this.key], wanted))) into.push(node);
    }
  }
}

/** The indexes over the visible nodes. */
export class NodeIndexes {
  private readonly host = new TextIndex('host');
  private readonly byKey = METADATA_KEYS.map((key) => new TextIndex(key));

  add(entry: NodeEntry, node: NodeRevision): void {
    this.host.add(entry, node.host);
    for (let place = 0; place < METADATA_KEYS.length; place++) {
      (this.byKey[place] as TextIndex).add(entry, node.metadata[METADATA_KEYS[place] as MetadataKey]);
    }
  }

  remove(entry: NodeEntry, node: NodeRevision): void {
    this.host.remove(entry, node.host);
    for (let place = 0; place < METADATA_KEYS.length; place++) {
      (this.byKey[place] as TextIndex).remove(entry, node.metadata[METADATA_KEYS[place] as MetadataKey]);
    }
  }

  move(entry: NodeEntry, before: NodeRevision, after: NodeRevision): void {
    this.host.move(entry, before.host, after.host);
    if (before.metadata === after.metadata) return;
    for (let place = 0; place < METADATA_KEYS.length; place++) {
      const key = METADATA_KEYS[place] as MetadataKey;
      (this.byKey[place] as TextIndex).move(entry, before.metadata[key], after.metadata[key]);
    }
  }

  find(key: Exclude<IndexedKey, 'origin'>, wanted: string): NodeRevision[] {
    const found: NodeRevision[] = [];
    const index = key === 'host' ? this.host : (this.byKey[METADATA_KEYS.indexOf(key)] as TextIndex);
    index.collect(wanted, found);
    return found;
  }
}
