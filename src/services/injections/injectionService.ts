import { isIP } from 'node:net';
import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import { randomId } from '../../common/ids.js';
import type { Json, JsonObject } from '../../common/json.js';
import { badValue } from '../../graph/filter/badValue.js';
import type { NodeRevision } from '../../graph/element.js';
import { isJsonObject, readPath } from '../../graph/metadataPath.js';
import type { RecorderContract } from '../../journal/contracts.js';
import { INJECTION_MODES, INJECTION_TYPES, type InjectProgress } from '../../protocol/injection.js';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.js';
import type { Asker } from '../asker.js';
import type { AgentPort } from '../captures/agents.js';
import type { Gremlin } from '../gremlin.js';
import { requireRight } from '../viewer.js';
import type { Injection, InjectionRequest } from './injection.js';
import { trackingIdOf } from './trackingId.js';

export interface InjectionParts {
  readonly recorder: RecorderContract;
  readonly agents: AgentPort;
  readonly gremlin: Gremlin;
  readonly clock: Clock;
}

/** Who writes `PacketInjections` on nodes. */
const INJECTIONS_WRITER = 'canopy.injections';
const INJECTIONS_KEY = 'PacketInjections';

/** Injections that ended are shown so long, ms, so that whoever asked learns of it. */
const KEPT_MS = 600_000;

const TTL = 64;
const MOST_COUNT = 1_000_000_000;
const MOST_INTERVAL_MS = 3_600_000;
const MOST_PAYLOAD = 65_000;
const FIRST_FREE_PORT = 1_024;
const PORTS = 64_512;

/** Packets that agents make: addresses are found here, sending is theirs. */
export class InjectionService {
  private readonly injections = new Map<string, Injection>();
  private readonly origins = new Map<string, string>();
  private readonly marked = new Map<string, Map<string, JsonObject>>();

  constructor(private readonly parts: InjectionParts) {}

  /** Begins to send. Throws `BAD_INPUT` for what cannot be, with Skydive's words where it has some, and `UNAVAILABLE` where the agent is away. */
  async start(asker: Asker, request: InjectionRequest): Promise<Injection> {
    requireRight(asker.viewer, 'injectpacket', 'write');
    const { agents, clock } = this.parts;
    const node = await this.node(asker, request.srcNode, request.src, 'source');
    if (node === undefined)
      throw new CanopyError('BAD_INPUT', `Not able to find a source node for '${request.src ?? request.srcNode ?? ''}'`);
    const id = randomId();
    const injection = await this.complete(asker, node, request, id, clock.now());
    const { state: _state, sent: _sent, error: _error, startedAt: _startedAt, trackingId: _trackingId, interval, ...fields } = injection;
    const sent = agents.send(node.origin, { kind: 'inject', ...fields, intervalMs: interval, pcap: request.pcap ?? undefined });
    if (!sent)
      throw new CanopyError('UNAVAILABLE', `the agent of ${String(node.metadata.Name)} (${node.origin}) is not connected`, {
        retriable: true,
      });
    this.injections.set(id, injection);
    this.origins.set(id, node.origin);
    this.mark(injection);
    return injection;
  }

  /** Those that run, and those that ended a moment ago; the oldest first. */
  list({ viewer }: Pick<Asker, 'viewer'>): readonly Injection[] {
    requireRight(viewer, 'injectpacket', 'read');
    return [...this.injections.values()];
  }

  get({ viewer }: Pick<Asker, 'viewer'>, id: string): Injection | undefined {
    requireRight(viewer, 'injectpacket', 'read');
    return this.injections.get(id);
  }

  /** Sends no further packet. Throws `NOT_FOUND`. */
  cancel({ viewer }: Pick<Asker, 'viewer'>, id: string): Injection {
    requireRight(viewer, 'injectpacket', 'write');
    const injection = this.injections.get(id);
    if (injection === undefined) throw new CanopyError('NOT_FOUND', `there is no injection ${id}`, { details: { id } });
    if (injection.state === 'ACTIVE') this.parts.agents.send(this.origins.get(id)!, { kind: 'injectCancel', id });
    return injection;
  }

  progress({ id, state, sent, error }: InjectProgress): void {
    const known = this.injections.get(id);
    if (known === undefined) return;
    const injection = { ...known, state, sent, error };
    this.injections.set(id, injection);
    this.mark(injection);
    if (state === 'ACTIVE') return;
    this.parts.clock.after(KEPT_MS, () => {
      this.injections.delete(id);
      this.origins.delete(id);
    });
  }

  private async node(
    asker: Asker,
    id: string | null | undefined,
    gremlin: string | null | undefined,
    what: string,
  ): Promise<NodeRevision | undefined> {
    if (id !== null && id !== undefined) return asker.scope.present().graph.node(id);
    if (gremlin === null || gremlin === undefined || gremlin === '') return undefined;
    const { kind, rows } = await this.parts.gremlin.run(asker, gremlin);
    if (kind !== 'nodes') throw badValue(what, gremlin, 'a string that finds nodes');
    return rows[0] as NodeRevision | undefined;
  }

  /** The request with everything that it leaves out. */
  private async complete(asker: Asker, node: NodeRevision, request: InjectionRequest, id: string, now: number): Promise<Injection> {
    const { type } = request;
    if (!INJECTION_TYPES.includes(type)) throw badValue('type', type, `one of ${INJECTION_TYPES.join(', ')}`);
    const mode = request.mode ?? 'unique';
    if (!INJECTION_MODES.includes(mode)) throw badValue('mode', mode, `one of ${INJECTION_MODES.join(', ')}`);
    const pcap = request.pcap ?? undefined;
    if (pcap !== undefined && pcap.length > MAX_MESSAGE_BYTES - 65_536)
      throw badValue('pcap', `${pcap.length} bytes`, 'a file of less than 4 MiB');
    const destination = await this.node(asker, request.dstNode, request.dst, 'destination');
    const isSix = type.endsWith('6');
    const family = isSix ? 'IPV6' : 'IPV4';
    const [srcIp, dstIp] = pcap
      ? ['', '']
      : [
          address(request.srcIp, 'srcIp', isSix) ?? ownAddress(node, family),
          address(request.dstIp, 'dstIp', isSix) ?? (destination && ownAddress(destination, family)),
        ];
    if (srcIp === undefined) throw new CanopyError('BAD_INPUT', 'No source IP in node');
    if (dstIp === undefined)
      throw new CanopyError('BAD_INPUT', destination === undefined ? 'No destination node and IP' : 'No destination IP in node');
    const isBare = !isEthernet(node) || pcap !== undefined;
    const srcMac = isBare ? '' : (request.srcMac ?? macOf(node));
    if (srcMac === undefined) throw new CanopyError('BAD_INPUT', 'No source MAC in node');
    const dstMac = isBare ? '' : (request.dstMac ?? (await this.nextHopMac(asker, node, dstIp)) ?? (destination && macOf(destination)));
    if (dstMac === undefined || (dstMac === '' && !isBare)) throw new CanopyError('BAD_INPUT', 'Failed to resolve destination MAC address');
    const freePort = (): number => FIRST_FREE_PORT + Math.floor(Math.random() * PORTS);
    const isTcp = type.startsWith('tcp');
    const fields = {
      id,
      node: node.id,
      type,
      srcIp,
      dstIp,
      srcMac: srcMac.toLowerCase(),
      dstMac: dstMac.toLowerCase(),
      srcPort: whole(request.srcPort, 'srcPort', 0, 65_535) || (isTcp ? freePort() : 1),
      dstPort: whole(request.dstPort, 'dstPort', 0, 65_535) || (isTcp ? freePort() : 0),
      icmpId: whole(request.icmpId, 'icmpId', 0, 65_535) || 1,
      count: whole(request.count, 'count', 0, MOST_COUNT) || (pcap ? 0 : 1),
      interval: whole(request.interval, 'interval', 0, MOST_INTERVAL_MS),
      mode,
      payload: (request.payload ?? '').slice(0, MOST_PAYLOAD),
      incrementPayload: whole(request.incrementPayload, 'incrementPayload', 0, MOST_PAYLOAD),
      ttl: whole(request.ttl, 'ttl', 0, 255) || TTL,
    };
    const trackingId = pcap !== undefined || mode === 'random' ? undefined : trackingIdOf(fields);
    return { ...fields, trackingId, state: 'ACTIVE', sent: 0, error: undefined, startedAt: now };
  }

  /** MAC of the router or neighbour to which the node sends what is for the address. */
  private async nextHopMac(asker: Asker, node: NodeRevision, dstIp: string): Promise<string | undefined> {
    const { rows } = await this.parts.gremlin.run(asker, `G.V('${node.id}').NextHop('${dstIp}')`);
    const [, hop] = (rows[0] as readonly [string, Json] | undefined) ?? [];
    const mac = isJsonObject(hop) ? hop.MAC : undefined;
    return typeof mac === 'string' && mac !== '' ? mac : undefined;
  }

  /** Shows it on its node while it runs. */
  private mark(injection: Injection): void {
    const { id, node, state } = injection;
    const marks = this.marked.get(node) ?? new Map<string, JsonObject>();
    if (state === 'ACTIVE') marks.set(id, markOf(injection));
    else marks.delete(id);
    if (marks.size === 0) this.marked.delete(node);
    else this.marked.set(node, marks);
    const set = [[INJECTIONS_KEY, [...marks.values()]]] as const;
    const counted = { op: 'measure', id: node, values: [[`${INJECTIONS_KEY}.${id}.PacketCount`, injection.sent]] } as const;
    const { durable } = this.parts.recorder.record({
      origin: INJECTIONS_WRITER,
      deltas: marks.size === 0 ? [{ op: 'remove', id: node }] : [{ op: 'patch', id: node, set }, counted],
      immediate: true,
    });
    durable.catch(() => undefined);
  }
}

/** Skydive's form of an entry. */
const markOf = (injection: Injection): JsonObject => ({
  ID: injection.id,
  UUID: injection.id,
  State: 'active',
  Type: injection.type,
  SrcIP: injection.srcIp,
  DstIP: injection.dstIp,
  SrcMAC: injection.srcMac,
  DstMAC: injection.dstMac,
  SrcPort: injection.srcPort,
  DstPort: injection.dstPort,
  ICMPID: injection.icmpId,
  Count: injection.count,
  Interval: injection.interval,
  Mode: injection.mode,
  Payload: injection.payload,
  IncrementPayload: injection.incrementPayload,
  TTL: injection.ttl,
  PacketCount: 0,
});

/** An address as given, without its prefix length. */
function address(text: string | null | undefined, field: string, isSix: boolean): string | undefined {
  if (text === null || text === undefined || text === '') return undefined;
  const bare = text.split('/', 1)[0]!;
  if (isIP(bare) !== (isSix ? 6 : 4)) throw badValue(field, text, `an ${isSix ? 'IPv6' : 'IPv4'} address`);
  return bare;
}

/** The node's first address: what Neutron says, then its own. */
function ownAddress({ metadata }: NodeRevision, family: 'IPV4' | 'IPV6'): string | undefined {
  for (const path of [`Neutron.${family}`, family]) {
    const value = readPath(metadata, path);
    const first = Array.isArray(value) ? (value as Json[])[0] : value;
    if (typeof first === 'string' && first !== '') return first.split('/', 1)[0];
  }
  return undefined;
}

function macOf({ metadata }: NodeRevision): string | undefined {
  const attached = readPath(metadata, 'ExtID.attached-mac');
  const mac = typeof attached === 'string' && attached !== '' ? attached : metadata.MAC;
  return typeof mac === 'string' && mac !== '' ? mac : undefined;
}

const isEthernet = ({ metadata }: NodeRevision): boolean => metadata.EncapType === undefined || metadata.EncapType === 'ether';

function whole(value: number | null | undefined, field: string, least: number, most: number): number {
  if (value === null || value === undefined) return 0;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw badValue(field, value, `a whole number from ${least} to ${most}`);
}
