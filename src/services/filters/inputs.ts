import type { EdgeFilter } from '../../graph/filter/edgeFilter.js';
import type { NodeFilter } from '../../graph/filter/nodeFilter.js';
import type { Maybe } from '../../graph/filter/valueTest.js';
import type { Direction } from '../../graph/walk/steps.js';

export type { AddressFilter } from '../../graph/filter/addressFilter.js';
export type { EdgeFilter } from '../../graph/filter/edgeFilter.js';
export type { IntFilter } from '../../graph/filter/intFilter.js';
export type { MetadataFilter } from '../../graph/filter/metadataFilter.js';
export type { NodeFilter } from '../../graph/filter/nodeFilter.js';
export type { StringFilter } from '../../graph/filter/stringFilter.js';
export type { Direction } from '../../graph/walk/steps.js';

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
}
