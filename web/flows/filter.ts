import type { TopologyFilter } from '../data/follow.js';
import type { VariablesOf } from '../data/graphql.js';
import type { Flows } from './documents.js';

export type FlowFilter = NonNullable<VariablesOf<typeof Flows>['filter']>;
type NodeFilter = NonNullable<TopologyFilter['nodes']>;

/** What somebody typed into the fields above the flows. */
export interface Wanted {
  readonly address: string;
  readonly port: string;
  readonly protocol: string;
  readonly application: string;
  /** Only flows at what is selected in the picture. */
  readonly ofSelected: boolean;
  /** Id of a capture; empty for any. */
  readonly capture: string;
}

/** The filter for it, or what is wrong with a field. `places`: where flows were captured; anywhere unless given. */
export function readWanted(
  { address, port, protocol, application, capture }: Wanted,
  places: NodeFilter | undefined,
): { readonly filter: FlowFilter | undefined } | { readonly problem: string } {
  const conditions: FlowFilter[] = [];
  if (address.trim() !== '') {
    const text = address.trim();
    if (!/^[0-9a-f.:]+(\/\d{1,3})?$/i.test(text)) return { problem: `'${text}' is no address and no network such as 10.0.0.0/8` };
    conditions.push({ address: text.includes('/') ? { within: text } : { eq: text } });
  }
  if (port.trim() !== '') {
    const number = Number(port);
    if (!Number.isInteger(number) || number < 0 || number > 65_535) return { problem: `'${port}' is no port` };
    conditions.push({ port: { eq: number } });
  }
  if (protocol !== '') conditions.push({ protocol: { eq: protocol } });
  if (application.trim() !== '') conditions.push({ application: { eq: application.trim().toUpperCase() } });
  if (capture !== '') conditions.push({ capture });
  if (places !== undefined) conditions.push({ captureNode: places });
  return { filter: conditions.length === 0 ? undefined : { and: conditions } };
}

/** Things, and what is inside them: a namespace and its interfaces. */
export const placesAt = (ids: readonly string[]): NodeFilter => ({ or: [{ id: [...ids] }, { within: { id: [...ids] } }] });
