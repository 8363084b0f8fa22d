/** What a probe says about one type of edges that it writes, besides ownership. The reference in the documentation is made from these. */
export interface RelationDeclaration {
  /** `RelationType` of the edges. */
  readonly type: string;
  /** From where to where they lead, and what more they say. */
  readonly meaning: string;
}
