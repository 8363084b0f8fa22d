import { BREAK, type DocumentNode, visit } from 'graphql';

/** What asks for the schema; valid at the root of a query only, also through fragments. `__typename` tells nothing that the answer does not. */
const SCHEMA_FIELDS: ReadonlySet<string> = new Set(['__schema', '__type']);

const known = new WeakMap<DocumentNode, boolean>();

/** Whether the document asks for the schema itself. */
export function asksForSchema(document: DocumentNode): boolean {
  let asks = known.get(document);
  if (asks === undefined) known.set(document, (asks = search(document)));
  return asks;
}

function search(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Field({ name }) {
      if (!SCHEMA_FIELDS.has(name.value)) return undefined;
      isFound = true;
      return BREAK;
    },
  });
  return isFound;
}
