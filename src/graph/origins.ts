import type { EdgeEntry, NodeEntry } from './entry.js';

/** How much one origin holds, and what the governor did for it. */
export interface OriginStats {
  readonly origin: string;
  /** Nodes and edges, also suspended ones: what a quota of elements counts. */
  readonly elements: number;
  readonly nodes: number;
  /** Visible edges. */
  readonly edges: number;
  readonly suspended: number;
  /** Bases and tables of its elements and its overlays on those of others, as JSON, in bytes. */
  readonly metadataBytes: number;
  /** Elements with something that waits in the governor. */
  readonly held: number;
  /** Writes that ended in a later revision together with others, since the start. */
  readonly merged: number;
}

/** The graph's account of one origin. Also the index by origin. */
export interface OriginAccount {
  readonly origin: string;
  readonly nodes: Set<NodeEntry>;
  /** Suspended ones too. */
  readonly edges: Set<EdgeEntry>;
  suspended: number;
  metadataBytes: number;
  held: number;
  merged: number;
}

/** The accounts by origin. An account without content goes when the origin's elements are gone. */
export class Origins {
  private readonly accounts = new Map<string, OriginAccount>();
  /** Writes usually come in runs of one origin. */
  private latest: OriginAccount | undefined;

  find(origin: string): OriginAccount | undefined {
    return this.accounts.get(origin);
  }

  open(origin: string): OriginAccount {
    if (this.latest?.origin === origin) return this.latest;
    let account = this.accounts.get(origin);
    if (account === undefined) {
      account = { origin, nodes: new Set(), edges: new Set(), suspended: 0, metadataBytes: 0, held: 0, merged: 0 };
      this.accounts.set(origin, account);
    }
    this.latest = account;
    return account;
  }

  /** Forgets the account when nothing is left in it. */
  closeEmpty(account: OriginAccount): void {
    if (account.nodes.size > 0 || account.edges.size > 0 || account.metadataBytes > 0) return;
    this.accounts.delete(account.origin);
    if (this.latest === account) this.latest = undefined;
  }

  all(): Iterable<OriginAccount> {
    return this.accounts.values();
  }
}

export const statsOf = (account: OriginAccount): OriginStats => ({
  origin: account.origin,
  elements: account.nodes.size + account.edges.size,
  nodes: account.nodes.size,
  edges: account.edges.size - account.suspended,
  suspended: account.suspended,
  metadataBytes: account.metadataBytes,
  held: account.held,
  merged: account.merged,
});
