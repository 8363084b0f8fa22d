import { isIP } from 'node:net';
import { CanopyError } from '../../common/errors.js';
import { badValue } from '../../graph/filter/badValue.js';
import { compile } from '../../gremlin/gremlin.js';
import {
  CAPTURE_TARGETS,
  CAPTURE_TYPES,
  EXTRA_LAYERS,
  LAYER_KEY_MODES,
  type CaptureSpec,
  type CaptureType,
} from '../../protocol/capture.js';
import { SHARED_TYPES } from '../../protocol/captureTypes.js';
import { checkFilter } from '../flows/bpf.js';
import { selectionKey, type Capture, type CaptureRequest } from './capture.js';

/** Bytes of a packet that are looked at unless asked for otherwise, as in Skydive: all headers of a tunnel in a tunnel. */
export const HEADER_SIZE = 256;
const LEAST_HEADER_SIZE = 14;
const MOST_HEADER_SIZE = 4_096;
const MOST_RAW_PACKETS = 10;
const SAMPLING_RATE = 1;
const POLLING_INTERVAL_MS = 10_000;
/** Milliseconds: the registry's homes do not count finer. */
const LEAST_TTL_MS = 1_000;
const MOST_TEXT = 1_024;

/** The request with its defaults. Throws `BAD_INPUT` naming the field, its value and what is valid. */
export function checkRequest(request: CaptureRequest, id: string, now: number): Capture {
  const { nodes, gremlin, ttl } = request;
  const hasNodes = nodes !== null && nodes !== undefined;
  const hasGremlin = gremlin !== null && gremlin !== undefined;
  if (hasNodes === hasGremlin)
    throw badValue('nodes', hasNodes ? 'both nodes and gremlin' : null, 'either nodes (a filter) or gremlin (a string that finds nodes)');
  if (hasGremlin) checkGremlin(gremlin);
  if (ttl !== null && ttl !== undefined && !(ttl >= LEAST_TTL_MS)) throw badValue('ttl', ttl, 'at least 1s');
  return {
    id,
    name: text(request.name, 'name'),
    description: text(request.description, 'description'),
    nodes: nodes ?? undefined,
    gremlin: gremlin ?? undefined,
    spec: specOf(request, id),
    createdAt: now,
    expiresAt: ttl === null || ttl === undefined ? undefined : now + ttl,
  };
}

/** A string that finds nodes, or paths over nodes. */
function checkGremlin(gremlin: string): void {
  const { gives } = compile(gremlin);
  if (gives !== 'nodes' && gives !== 'paths')
    throw badValue('gremlin', gremlin, 'a string that finds nodes or paths, such as G.V().Has("Name", "eth0")');
}

function specOf(request: CaptureRequest, id: string): CaptureSpec {
  const type = oneOf(request.type, 'type', CAPTURE_TYPES);
  const target = text(request.target, 'target');
  const targetType = oneOf(request.targetType, 'targetType', CAPTURE_TARGETS) ?? 'local';
  if (targetType !== 'local' && target === '')
    throw badValue('target', target, `${targetType === 'erspanv1' ? 'HOST' : 'HOST:PORT'}, where ${targetType} is sent to`);
  if (target !== '') checkTarget(target, targetType !== 'erspanv1');
  const spec: CaptureSpec = {
    id,
    type,
    bpf: bpfOf(request.bpf),
    headerSize: headerSize(request.headerSize ?? 0),
    rawPacketLimit: whole(request.rawPacketLimit, 'rawPacketLimit', 0, 0, MOST_RAW_PACKETS),
    extraTcpMetric: request.extraTcpMetric ?? false,
    ipDefrag: request.ipDefrag ?? false,
    reassembleTcp: request.reassembleTcp ?? false,
    layerKeyMode: oneOf(request.layerKeyMode, 'layerKeyMode', LAYER_KEY_MODES) ?? 'L2',
    extraLayers: [...new Set(request.extraLayers ?? [])].map((layer) => oneOf(layer, 'extraLayers', EXTRA_LAYERS)!),
    samplingRate: whole(request.samplingRate, 'samplingRate', SAMPLING_RATE, 0, 2 ** 32 - 1),
    pollingIntervalMs: whole(request.pollingInterval, 'pollingInterval', POLLING_INTERVAL_MS, 0, 2 ** 31 - 1),
    port: whole(request.port, 'port', 0, 0, 65_535),
    target,
    targetType,
  };
  checkAbilities(spec);
  return spec;
}

/** What a kind of capture can never do, whatever the node. */
function checkAbilities({ type, bpf, rawPacketLimit, ipDefrag, reassembleTcp, targetType }: CaptureSpec): void {
  if (type === undefined) return;
  const hasPackets = type !== 'ebpf' && type !== 'ovsnetflow' && type !== 'netflow';
  const wrong = (what: string): never => {
    throw new CanopyError('BAD_INPUT', `${type} capture doesn't support ${what}; afpacket and pcap do`, {
      details: { field: 'type', value: type },
    });
  };
  if (!hasPackets && rawPacketLimit > 0) wrong('raw packet capture');
  if (!hasPackets && ipDefrag) wrong('IP defragmentation');
  if (!hasPackets && reassembleTcp) wrong('TCP reassembly');
  if ((type === 'ovsnetflow' || type === 'netflow') && bpf !== '') wrong('BPF filtering');
  if (targetType !== 'local' && !SHARED_TYPES.has(type)) wrong(`the target ${targetType}`);
}

/** What libpcap says of the text, where it is there to say it. */
function bpfOf(text: string | null | undefined): string {
  const bpf = text?.trim() ?? '';
  checkFilter(bpf, 'bpf');
  return bpf;
}

function headerSize(size: number): number {
  if (size === 0) return HEADER_SIZE;
  if (Number.isInteger(size) && size >= LEAST_HEADER_SIZE && size <= MOST_HEADER_SIZE) return size;
  throw badValue('headerSize', size, `0 (which is ${HEADER_SIZE}) or ${LEAST_HEADER_SIZE} to ${MOST_HEADER_SIZE} bytes`);
}

/** Agents ask no name server: the traffic with the target is left out by its address. */
function checkTarget(target: string, needsPort: boolean): void {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/u.exec(target) ?? [];
  const isAddress = six === undefined ? isIP(four ?? '') === 4 : isIP(six) === 6;
  const isPort = port === undefined ? !needsPort : Number(port) >= 1 && Number(port) <= 65_535;
  if (!isAddress || !isPort)
    throw badValue('target', target, `an address${needsPort ? ' and a port' : ''}, such as 192.0.2.1:2055 or [2001:db8::1]:2055`);
}

function text(value: string | null | undefined, field: string): string {
  if (value === null || value === undefined) return '';
  if (value.length > MOST_TEXT) throw badValue(field, `${value.slice(0, 20)}…`, `at most ${MOST_TEXT} characters`);
  return value;
}

function whole(value: number | null | undefined, field: string, otherwise: number, least: number, most: number): number {
  if (value === null || value === undefined) return otherwise;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw badValue(field, value, `a whole number from ${least} to ${most}`);
}

function oneOf<T extends string>(value: T | null | undefined, field: string, valid: readonly T[]): T | undefined {
  if (value === null || value === undefined) return undefined;
  if (valid.includes(value)) return value;
  throw badValue(field, value, `one of ${valid.join(', ')}`);
}

/** The capture that does what the new one would do, or leaves no place for it. */
export function duplicateOf(capture: Capture, others: Iterable<Capture>): Capture | undefined {
  const { type, bpf } = capture.spec;
  for (const other of others) {
    if (other.spec.type !== type || selectionKey(other) !== selectionKey(capture)) continue;
    if (!canShare(type) || other.spec.bpf === bpf) return other;
  }
  return undefined;
}

const canShare = (type: CaptureType | undefined): boolean => type === undefined || SHARED_TYPES.has(type);

/** Says why the new capture is not made beside the other. */
export function refusalOf({ spec: { type } }: Capture, other: Capture): CanopyError {
  const reason = canShare(type)
    ? `capture ${other.id} asks for the same nodes with the same filter; delete it, or give another bpf`
    : `capture ${other.id} has these nodes, and a node can have one ${type} capture; delete it first`;
  return new CanopyError('CONFLICT', reason, { details: { duplicateOf: other.id } });
}
