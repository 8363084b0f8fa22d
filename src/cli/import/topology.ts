import { askWhole } from '../../client/ask.js';
import type { Analyzer } from '../../client/analyzer.js';
import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';
import { isJsonObject } from '../../graph/metadataPath.js';

/** A dump of a graph: what `GET /api/topology` and `skydive client topology export` write. */
export interface Dump {
  readonly nodes: readonly JsonObject[];
  readonly edges: readonly JsonObject[];
}

/** What came in, and what was left out with the reason. */
export interface Imported {
  readonly nodes: number;
  readonly edges: number;
  readonly left: readonly { readonly id: string; readonly why: string }[];
}

/** Elements in one call. */
const IN_ONE_CALL = 5_000;

const PUBLISH = 'mutation Import($input: PublishTopologyInput!) { publishTopology(input: $input) { created updated } }';

/** The dump in a parsed file; `undefined` for anything else. */
export function dumpIn(parsed: unknown): Dump | undefined {
  const graph: unknown = Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
  if (typeof graph !== 'object' || graph === null || !('Nodes' in graph || 'Edges' in graph)) return undefined;
  const { Nodes, Edges } = graph as Record<'Nodes' | 'Edges', unknown>;
  const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]).filter(isJsonObject) : []);
  return { nodes: list(Nodes), edges: list(Edges) };
}

/** Publishes a dump under an origin of its own. `progress` hears how much is done. Throws what the analyzer refuses. */
export async function publishDump(
  analyzer: Analyzer,
  { nodes, edges }: Dump,
  origin: string,
  progress: (done: number, of: number) => void,
): Promise<Imported> {
  const left: { id: string; why: string }[] = [];
  const known = new Set<string>();
  const readyNodes = nodes.flatMap((node) => {
    const { ID: id, Host: host, Metadata: metadata } = node;
    const { Name: name, Type: type, ...more } = isJsonObject(metadata) ? metadata : {};
    if (typeof id !== 'string' || typeof name !== 'string' || typeof type !== 'string') {
      left.push({ id: String(id), why: 'a node needs ID, Metadata.Name and Metadata.Type' });
      return [];
    }
    known.add(id);
    return [{ id, name, type, host: typeof host === 'string' ? host : undefined, metadata: more }];
  });
  const readyEdges = edges.flatMap((edge) => {
    const { ID: id, Parent: source, Child: target, Metadata: metadata } = edge;
    const { RelationType: relationType, ...more } = isJsonObject(metadata) ? metadata : {};
    const hasEnds = typeof source === 'string' && typeof target === 'string' && known.has(source) && known.has(target);
    if (typeof id !== 'string' || typeof relationType !== 'string' || !hasEnds) {
      left.push({ id: String(id), why: 'an edge needs ID, Metadata.RelationType and both of its nodes' });
      return [];
    }
    return [{ id, source, target, relationType, metadata: more }];
  });
  const all = readyNodes.length + readyEdges.length;
  if (all === 0) throw new CanopyError('BAD_INPUT', 'there is no node in the dump that could be published');
  let done = 0;
  const publish = async (part: object, count: number): Promise<void> => {
    await askWhole(analyzer, { document: PUBLISH, variables: { input: { origin, ...part } } });
    progress((done += count), all);
  };
  for (let at = 0; at < readyNodes.length; at += IN_ONE_CALL) {
    const part = readyNodes.slice(at, at + IN_ONE_CALL);
    await publish({ nodes: part }, part.length);
  }
  for (let at = 0; at < readyEdges.length; at += IN_ONE_CALL) {
    const part = readyEdges.slice(at, at + IN_ONE_CALL);
    await publish({ edges: part }, part.length);
  }
  return { nodes: readyNodes.length, edges: readyEdges.length, left };
}
