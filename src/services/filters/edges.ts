import type { EdgeRevision } from '../../graph/element.js';
import { relationTypeOf } from '../edgeView.js';
import { wholeMetadata } from '../metadata.js';
import type { EdgeFilter } from './inputs.js';
import { compileMetadata, compileString } from './values.js';

/** An edge's own fields always decide. */
export type EdgeTest = (edge: EdgeRevision) => boolean;

export const everyEdge: EdgeTest = () => true;

/** Throws `BAD_INPUT` naming the field, its value and what is valid. */
export function compileEdgeFilter(filter: EdgeFilter | null | undefined, field = 'filter'): EdgeTest {
  if (filter === undefined || filter === null) return everyEdge;
  const tests: EdgeTest[] = [];
  const { id, relationType, source, target, metadata, and, or, not } = filter;
  if (id) {
    const ids = new Set(id);
    tests.push((edge) => ids.has(edge.id));
  }
  if (relationType) {
    const test = compileString(relationType, `${field}.relationType`);
    tests.push((edge) => test([relationTypeOf(edge)]));
  }
  if (typeof source === 'string') tests.push((edge) => edge.parent === source);
  if (typeof target === 'string') tests.push((edge) => edge.child === target);
  for (const [index, part] of (metadata ?? []).entries()) {
    const test = compileMetadata(part, `${field}.metadata[${index}]`);
    tests.push((edge) => test(edge.tables === undefined ? edge.metadata : wholeMetadata(edge, undefined)));
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
  return tests.length === 1 ? tests[0]! : (edge) => tests.every((test) => test(edge));
}
