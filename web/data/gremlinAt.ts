const BEGINNING = /^\s*G\s*\./i;
const SAYS_ITSELF = /\.\s*(at|context)\s*\(/i;

/** A Gremlin string says its instant itself, as milliseconds; one that does not is about the moment that is looked at. */
export function gremlinAt(query: string, at: string | undefined): string {
  return at === undefined || SAYS_ITSELF.test(query) ? query : query.replace(BEGINNING, `G.At(${Date.parse(at)}).`);
}
