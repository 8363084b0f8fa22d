import type { Cancel } from '../../../src/common/clock.js';
import type { ElementId } from '../../../src/graph/element.js';

/** A network namespace that the agent watches. */
export interface NetworkNamespace {
  /** Its cookie, or what stands for it on kernels without: the same only for the same namespace, until the next boot. */
  readonly key: string;
  /** Opens it: `/var/run/netns/blue`, `/proc/4711/ns/net`. Nobody keeps it open: that would keep the namespace alive. */
  readonly path: string;
  /** `undefined` for the agent's own, and for one that only processes hold. */
  readonly name: string | undefined;
  /** The node that owns its interfaces: the host's for the agent's own namespace. */
  readonly root: ElementId;
  readonly isOwn: boolean;
}

export interface NamespaceListener {
  added(namespace: NetworkNamespace): void;
  /** Its name or path is another now; the key is the same. */
  renamed(namespace: NetworkNamespace): void;
  /** Everything that keeps it alive must be closed before this returns. */
  removed(namespace: NetworkNamespace): void;
}

/** Meeting place of the probes that find namespaces and those that look into them. */
export class Namespaces {
  private readonly byKey = new Map<string, NetworkNamespace>();
  private readonly listeners = new Set<NamespaceListener>();

  constructor(readonly own: NetworkNamespace) {
    this.byKey.set(own.key, own);
  }

  get(key: string): NetworkNamespace | undefined {
    return this.byKey.get(key);
  }

  all(): Iterable<NetworkNamespace> {
    return this.byKey.values();
  }

  /** Says that it is there, or, where the key is known, under which name now. */
  put(namespace: NetworkNamespace): void {
    const before = this.byKey.get(namespace.key);
    this.byKey.set(namespace.key, namespace);
    if (before === undefined) for (const listener of this.listeners) listener.added(namespace);
    else if (before.name !== namespace.name || before.path !== namespace.path)
      for (const listener of this.listeners) listener.renamed(namespace);
  }

  remove(key: string): void {
    const namespace = this.byKey.get(key);
    if (namespace === undefined || namespace.isOwn) return;
    this.byKey.delete(key);
    for (const listener of this.listeners) listener.removed(namespace);
  }

  /** Tells the listener of all that are there, and from then on of every change. */
  listen(listener: NamespaceListener): Cancel {
    for (const namespace of [...this.byKey.values()]) listener.added(namespace);
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
