import { CanopyError } from '../../common/errors.js';
import type { NodeRevision } from '../../graph/element.js';
import { FIRST_RING_BYTES, type Abilities, type CaptureAbility, type CaptureSpec, type CaptureType } from '../../protocol/capture.js';
import { captureTypesOn } from '../../protocol/captureTypes.js';

/** What can be captured on one node, and what a capture would come to there. */
export interface Verdict {
  readonly type: CaptureType | undefined;
  /** Why it cannot run there, with what can; `undefined` where it can. */
  readonly impossible: string | undefined;
}

/** What the agent of an origin said; `undefined` where it is away. */
export type AbilitiesOf = (origin: string) => Abilities | undefined;

const isWatched = (origin: string): boolean => origin.startsWith('agent.');

/** Kinds of capture for the node, the default first, each with why it cannot be had at present. */
export function abilitiesOn({ origin, metadata }: NodeRevision, abilitiesOf: AbilitiesOf): readonly CaptureAbility[] {
  const abilities = abilitiesOf(origin);
  const forbidden = !isWatched(origin)
    ? `no agent watches it: ${origin} published it`
    : abilities?.allowsCapture === false
      ? `${origin} does not allow captures (agent.allow.capture)`
      : undefined;
  return captureTypesOn(metadata.Type).map((type) => ({
    type,
    impossible: forbidden ?? abilities?.captures.find((ability) => ability.type === type)?.impossible,
  }));
}

/** What of a capture decides whether it is possible. */
type Wanted = Pick<CaptureSpec, 'type' | 'headerSize' | 'rawPacketLimit'>;

/** What the host's own configuration does not let a capture have. */
function beyondLimits({ headerSize, rawPacketLimit }: Wanted, origin: string, abilities: Abilities | undefined): string | undefined {
  const { mostHeaderSize = Infinity, mostRawPackets = Infinity } = abilities ?? {};
  if (headerSize > mostHeaderSize)
    return `${origin} lets ${mostHeaderSize} bytes of a packet be looked at (agent.capture.headerSize), not ${headerSize}`;
  if (rawPacketLimit > mostRawPackets)
    return `${origin} lets ${mostRawPackets} packets of a flow be kept (agent.capture.rawPackets), not ${rawPacketLimit}`;
  return undefined;
}

/** What a capture would come to on the node. */
export function verdictOn(spec: Wanted, node: NodeRevision, abilitiesOf: AbilitiesOf): Verdict {
  const { type: wanted } = spec;
  const kind = String(node.metadata.Type);
  const abilities = abilitiesOn(node, abilitiesOf);
  if (abilities.length === 0) return { type: wanted, impossible: `nothing can be captured on a ${kind}` };
  const type = wanted ?? abilities[0]!.type;
  const can = abilities.filter(({ impossible }) => impossible === undefined).map((ability) => ability.type);
  const possible = `possible there: ${can.join(', ') || 'nothing'}`;
  const found = abilities.find((ability) => ability.type === type);
  if (found === undefined) return { type, impossible: `${type} is not possible on a ${kind}; ${possible}` };
  if (found.impossible === undefined) return { type, impossible: beyondLimits(spec, node.origin, abilitiesOf(node.origin)) };
  return { type, impossible: `${type} is not possible at ${node.origin}: ${found.impossible}; ${possible}` };
}

/** Kinds of capture that need a ring of packets. */
const WITH_RING: ReadonlySet<CaptureType> = new Set(['afpacket', 'ovsmirror']);

/** What hosts have to spare for the captures that are about to be made: each takes its part. */
export class SpareRoom {
  private readonly taken = new Map<string, { captures: number; ringBytes: number }>();

  constructor(
    private readonly abilitiesOf: AbilitiesOf,
    /** Captures that are placed on nodes of the host. */
    private readonly placedOn: (origin: string) => number,
  ) {}

  /** Takes the room for one more capture; answers why there is none. */
  take(origin: string, type: CaptureType | undefined): string | undefined {
    const abilities = this.abilitiesOf(origin);
    if (abilities === undefined) return undefined;
    const taken = this.taken.get(origin) ?? { captures: this.placedOn(origin), ringBytes: abilities.ringBytesUsed };
    this.taken.set(origin, taken);
    const { mostCaptures = Infinity, ringBytes } = abilities;
    if (taken.captures >= mostCaptures)
      return `${origin} lets ${mostCaptures} captures run at once (agent.capture.most), and has ${taken.captures}`;
    // Agents of Skydive have no rings to tell of.
    if (ringBytes > 0 && type !== undefined && WITH_RING.has(type)) {
      if (taken.ringBytes + FIRST_RING_BYTES > ringBytes)
        return `the memory of ${origin} for packet rings is used up: ${taken.ringBytes} of ${ringBytes} bytes are taken (agent.capture.ringMemory)`;
      taken.ringBytes += FIRST_RING_BYTES;
    }
    taken.captures++;
    return undefined;
  }
}

/** Reasons that are said at most; those of other nodes are alike. */
const MOST_REASONS = 5;

/**
 * Throws `BAD_INPUT` where nodes match and the capture can run on none of them, with the reasons and what is possible. Nodes that somebody published refuse nothing:
 * whoever asks knows of hosts that are yet to come, and old scripts try captures on nodes of their own.
 */
export function checkPossible(spec: CaptureSpec, nodes: readonly NodeRevision[], abilitiesOf: AbilitiesOf): void {
  const reasons = new Set<string>();
  for (const node of nodes) {
    const { impossible } = verdictOn(spec, node, abilitiesOf);
    if (impossible === undefined || !isWatched(node.origin)) return;
    reasons.add(impossible);
  }
  if (nodes.length === 0) return;
  throw new CanopyError('BAD_INPUT', [...reasons].slice(0, MOST_REASONS).join('; '), {
    details: { field: 'type', value: spec.type ?? null, nodes: nodes.length },
  });
}
