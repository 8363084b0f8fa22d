import type { Json } from '../../common/json.js';

/** A node as a publisher gives it. `metadata` is checked here, because GraphQL's JSON takes anything. */
export interface PublishNode {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly host?: string | null;
  readonly metadata?: Json | null;
}

/** Without `id`, one is derived from source, target and relation type. */
export interface PublishEdge {
  readonly id?: string | null;
  readonly source: string;
  readonly target: string;
  readonly relationType: string;
  readonly metadata?: Json | null;
}

/** Elements from outside an agent, applied and acknowledged as a whole. */
export interface PublishTopology {
  readonly origin: string;
  /** Elements not published again within so many milliseconds are removed; without it they stay. */
  readonly lease?: number | null;
  readonly nodes?: readonly PublishNode[] | null;
  readonly edges?: readonly PublishEdge[] | null;
  readonly removed?: readonly string[] | null;
}
