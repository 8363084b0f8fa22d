import type { NodeState } from '../elementView.js';

/** `null` means the same as leaving a field out: GraphQL clients send both. */
type Maybe<T> = T | null | undefined;

/** All given conditions must hold. A value that is not there fails every condition but `ne`, `notIn` and `exists: false`. */
export interface StringFilter {
  readonly eq?: Maybe<string>;
  readonly ne?: Maybe<string>;
  readonly in?: Maybe<readonly string[]>;
  readonly notIn?: Maybe<readonly string[]>;
  /** RE2 syntax, matched anywhere in the value. */
  readonly regex?: Maybe<string>;
  readonly contains?: Maybe<string>;
  readonly startsWith?: Maybe<string>;
  readonly exists?: Maybe<boolean>;
}

export interface IntFilter {
  readonly eq?: Maybe<number>;
  readonly ne?: Maybe<number>;
  readonly gt?: Maybe<number>;
  readonly gte?: Maybe<number>;
  readonly lt?: Maybe<number>;
  readonly lte?: Maybe<number>;
  readonly in?: Maybe<readonly number[]>;
  readonly exists?: Maybe<boolean>;
}

export interface AddressFilter {
  readonly eq?: Maybe<string>;
  /** Network in CIDR notation. */
  readonly within?: Maybe<string>;
  readonly exists?: Maybe<boolean>;
}

/** One dotted path; where it leads through a list, one entry that matches is enough. */
export interface MetadataFilter {
  readonly path: string;
  readonly string?: Maybe<StringFilter>;
  readonly int?: Maybe<IntFilter>;
  readonly bool?: Maybe<boolean>;
  readonly address?: Maybe<AddressFilter>;
  readonly exists?: Maybe<boolean>;
}

export interface NodeFilter {
  readonly id?: Maybe<readonly string[]>;
  readonly tid?: Maybe<readonly string[]>;
  readonly type?: Maybe<StringFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly host?: Maybe<StringFilter>;
  readonly origin?: Maybe<StringFilter>;
  readonly state?: Maybe<readonly NodeState[]>;
  readonly mac?: Maybe<StringFilter>;
  readonly address?: Maybe<AddressFilter>;
  readonly metadata?: Maybe<readonly MetadataFilter[]>;
  readonly search?: Maybe<string>;
  readonly within?: Maybe<NodeFilter>;
  readonly and?: Maybe<readonly NodeFilter[]>;
  readonly or?: Maybe<readonly NodeFilter[]>;
  readonly not?: Maybe<NodeFilter>;
}

export interface EdgeFilter {
  readonly id?: Maybe<readonly string[]>;
  readonly relationType?: Maybe<StringFilter>;
  readonly source?: Maybe<string>;
  readonly target?: Maybe<string>;
  readonly metadata?: Maybe<readonly MetadataFilter[]>;
  readonly and?: Maybe<readonly EdgeFilter[]>;
  readonly or?: Maybe<readonly EdgeFilter[]>;
  readonly not?: Maybe<EdgeFilter>;
}

export type Direction = 'OUT' | 'IN' | 'BOTH';

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
