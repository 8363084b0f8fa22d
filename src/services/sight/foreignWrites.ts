import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';
import type { Delta, Patch, PutNode } from '../../graph/delta.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision } from '../../graph/element.js';
import { mergeOverlays, pathSteps, setPath, unsetPath } from '../../graph/metadataPath.js';
import type { GraphView } from '../../graph/view.js';
import { OWNERSHIP } from '../../graph/walk/ownership.js';
import { MovingGraph } from './movingGraph.js';
import type { Sight } from './sight.js';

/**
 * Which deltas of a call somebody may not write, by their place: those of elements that they do not see, edges to what is not seen, and those that would leave
 * something outside of what they see. The graph is judged as it is after the whole call.
 */
export function foreignWrites(
  sight: Sight | undefined,
  whole: GraphView,
  origin: string,
  deltas: readonly Delta[],
): Map<number, CanopyError> {
  const refused = new Map<number, CanopyError>();
  if (!sight?.isPartial) return refused;
  const seen = sight.of(whole);
  const made = new Set(deltas.flatMap((delta) => (delta.op === 'putNode' ? [delta.id] : [])));
  const after = new MovingGraph(whole);
  const touched = new Map<number, ElementId>();
  deltas.forEach((delta, place) => {
    const { id } = delta;
    const present = whole.node(id) ?? whole.edge(id);
    const isSeen = present === undefined || (seen.node(id) ?? seen.edge(id)) !== undefined;
    if (!isSeen) return void refused.set(place, outside(`'${id}' is outside of what you see`, id));
    const next = nextOf(delta, present, origin);
    if (next?.kind === 'edge') {
      const end = [next.parent, next.child].find((node) => seen.node(node) === undefined && !made.has(node));
      if (end !== undefined) return void refused.set(place, outside(`'${end}' is outside of what you see`, end));
    }
    if (next !== undefined) after.apply({ op: 'updated', element: next });
    else if (present !== undefined) after.apply({ op: 'removed', element: present });
    const edge = [next, present].find((element) => element?.kind === 'edge' && element.metadata.RelationType === OWNERSHIP);
    if (next?.kind === 'node') touched.set(place, id);
    else if (edge?.kind === 'edge') touched.set(place, edge.child);
  });
  const known = new Map<ElementId, boolean>();
  for (const [place, id] of touched) {
    const isThere = after.node(id) !== undefined;
    if (isThere && !sight.sees(after, id, known)) refused.set(place, outside(`'${id}' would be outside of what you see`, id));
  }
  return refused;
}

const outside = (message: string, id: ElementId): CanopyError => new CanopyError('FORBIDDEN', message, { details: { id } });

/** The element after the delta, as far as it says who sees it; `undefined` when it is gone. */
function nextOf(delta: Delta, present: Revision | undefined, origin: string): NodeRevision | EdgeRevision | undefined {
  switch (delta.op) {
    case 'putNode':
      return { ...(present as NodeRevision), ...nodeIn(delta, origin), metadata: mergeOverlays(delta.metadata, present?.overlays) };
    case 'putEdge': {
      const { id, host = '', parent, child, metadata } = delta;
      return {
        ...(present as EdgeRevision),
        kind: 'edge',
        id,
        host,
        origin,
        parent,
        child,
        metadata: mergeOverlays(metadata, present?.overlays),
      };
    }
    case 'patch':
      return present && patched(delta, present, origin);
    case 'remove':
      return undefined;
    default:
      return present;
  }
}

const nodeIn = ({ id, host = '' }: PutNode, origin: string) => ({ kind: 'node', id, host, origin }) as const;

function patched({ set, unset }: Patch, present: Revision, origin: string): Revision {
  let values: JsonObject = origin === present.origin ? present.base : (present.overlays?.[origin] ?? {});
  for (const [path, value] of set ?? []) values = setPath(values, pathSteps(path) ?? [path], value) ?? values;
  for (const path of unset ?? []) values = unsetPath(values, pathSteps(path) ?? [path]);
  const isOwn = origin === present.origin;
  const overlays = isOwn ? present.overlays : { ...present.overlays, [origin]: values };
  return { ...present, metadata: mergeOverlays(isOwn ? values : present.base, overlays) };
}
