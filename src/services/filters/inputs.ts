import type { EdgeFilter } from '../../graph/filter/edgeFilter.js';
import type { NodeFilter } from '../../graph/filter/nodeFilter.js';
import type { Maybe } from '../../graph/filter/valueTest.js';
import type { Direction } from '../../graph/walk/steps.js';

export interface ExpandInput {
  readonly depth?: Maybe<number>;
  readonly via?: Maybe<EdgeFilter>;
  readonly direction?: Maybe<Direction>;
}

/** Part of the topology: nodes that match, what `expand` adds around them, and every edge between them that matches. */
export interface TopologyFilter {
  readonly nodes?: Maybe<NodeFilter>;
  readonly edges?: Maybe<EdgeFilter>;
  readonly expand?: Maybe<ExpandInput>;
  /** A string that finds nodes, edges, paths or a graph; what it finds is narrowed by `nodes` and `edges`, and `expand` starts from it. */
  readonly gremlin?: Maybe<string>;
}
