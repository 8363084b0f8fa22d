import type { EdgeRevision } from '../element.js';
import { compileMetadata, type MetadataFilter } from './metadataFilter.js';
import { compileString, type StringFilter } from './stringFilter.js';
import { given, type Maybe } from './valueTest.js';

/** All given conditions must hold. */
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

/** An edge's own revision always decides. */
export type EdgeTest = (edge: EdgeRevision) => boolean;

export const everyEdge: EdgeTest = () => true;

/** Throws `BAD_INPUT` naming the field, its value and what is valid. */
export function compileEdgeFilter(filter: Maybe<EdgeFilter>, field = 'filter'): EdgeTest {
  if (!given(filter)) return everyEdge;
  const tests: EdgeTest[] = [];
  const { id, relationType, source, target, metadata, and, or, not } = filter;
  if (id) {
    const ids = new Set(id);
    tests.push((edge) => ids.has(edge.id));
  }
  if (relationType) {
    const test = compileString(relationType, `${field}.relationType`);
    tests.push((edge) => test([edge.metadata.RelationType ?? '']));
  }
  if (given(source)) tests.push((edge) => edge.parent === source);
  if (given(target)) tests.push((edge) => edge.child === target);
  for (const [index, part] of (metadata ?? []).entries()) {
    const test = compileMetadata(part, `${field}.metadata[${index}]`);
    tests.push((edge) => test(edge));
  }
  if (and) tests.push(...and.map((part, index) => compileEdgeFilter(part, `${field}.and[${index}]`)));
  if (or) {
    const parts = or.map((part, index) => compileEdgeFilter(part, `${field}.or[${index}]`));
    tests.push((edge) => parts.some((test) => test(edge)));
  }
  if (not) {
    const part = compileEdgeFilter(not, `${field}.not`);
    tests.push((edge) => !part(edge));
  }
  if (tests.length === 0) return everyEdge;
  return tests.length === 1 ? (tests[0] as EdgeTest) : (edge) => tests.every((test) => test(edge));
}
