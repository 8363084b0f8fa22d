/** The first field of every message. Numbers are never used again for something else. */
export const MessageType = {
  HELLO: 1,
  WELCOME: 2,
  HEARTBEAT: 3,
  HEARTBEAT_REPLY: 4,
  STATUS: 5,
  CLOCK_STEP: 6,
  // 7–15: session
  DELTAS: 16,
  ACKNOWLEDGE: 17,
  REFUSED: 18,
  PICTURE_REQUEST: 19,
  PICTURE_BEGIN: 20,
  PICTURE_PAGE: 21,
  PICTURE_END: 22,
  // 23–31: topology
  FLOWS: 32,
  FLOWS_ACKNOWLEDGE: 33,
  FLOWS_REFRESH: 34,
  FLOWS_REFRESHED: 35,
  // 36–47: flows
  CAPTURE_TASKS: 48,
  CAPTURE_STATES: 49,
  ABILITIES: 50,
  INJECT: 51,
  INJECT_CANCEL: 52,
  INJECT_PROGRESS: 53,
  // 54–63: captures and injections
  // 64–79: files and diagnosis
} as const;

/** The first field of every delta. */
export const DeltaType = { PUT_NODE: 1, PUT_EDGE: 2, PATCH: 3, ROWS: 4, MEASURE: 5, REMOVE: 6 } as const;

/** Names of the fields of each message, in the order of the wire (PROTOCOL.md §4). */
export const MESSAGE_FIELDS: Readonly<Record<number, readonly [name: string, ...fields: string[]]>> = {
  [MessageType.HELLO]: ['HELLO', 'versions', 'software', 'host', 'origin', 'incarnation', 'oldest', 'newest', 'dirtySince', 'sentAt'],
  [MessageType.WELCOME]: ['WELCOME', 'version', 'software', 'resumeAfter', 'pictureReason', 'credit', 'heartbeatMs'],
  [MessageType.HEARTBEAT]: ['HEARTBEAT', 'number', 'sentAt'],
  [MessageType.HEARTBEAT_REPLY]: ['HEARTBEAT_REPLY', 'number', 'receivedAt', 'sentAt'],
  [MessageType.STATUS]: ['STATUS', 'probes'],
  [MessageType.CLOCK_STEP]: ['CLOCK_STEP', 'shiftMs'],
  [MessageType.DELTAS]: ['DELTAS', 'first', 'stamp', 'deltas'],
  [MessageType.ACKNOWLEDGE]: ['ACKNOWLEDGE', 'lastDelta', 'credit'],
  [MessageType.REFUSED]: ['REFUSED', 'delta', 'code', 'message', 'limit', 'actual'],
  [MessageType.PICTURE_REQUEST]: ['PICTURE_REQUEST', 'reason'],
  [MessageType.PICTURE_BEGIN]: ['PICTURE_BEGIN', 'upTo', 'reason', 'dirtySince'],
  [MessageType.PICTURE_PAGE]: ['PICTURE_PAGE', 'page', 'stamp', 'elements'],
  [MessageType.PICTURE_END]: ['PICTURE_END', 'pages', 'elements'],
  [MessageType.FLOWS]: ['FLOWS', 'number', 'capture', 'node', 'batchKind', 'count', 'batch', 'dropped'],
  [MessageType.FLOWS_ACKNOWLEDGE]: ['FLOWS_ACKNOWLEDGE', 'accepted', 'stored', 'credit'],
  [MessageType.FLOWS_REFRESH]: ['FLOWS_REFRESH', 'request'],
  [MessageType.FLOWS_REFRESHED]: ['FLOWS_REFRESHED', 'request'],
  [MessageType.CAPTURE_TASKS]: ['CAPTURE_TASKS', 'isWhole', 'captures', 'start', 'stop'],
  [MessageType.CAPTURE_STATES]: ['CAPTURE_STATES', 'activities'],
  [MessageType.ABILITIES]: [
    'ABILITIES',
    'allowsCapture',
    'allowsInjection',
    'captures',
    'ringBytes',
    'ringBytesUsed',
    'mostHeaderSize',
    'mostRawPackets',
    'mostCaptures',
  ],
  [MessageType.INJECT]: [
    'INJECT',
    'id',
    'node',
    'type',
    'srcIp',
    'dstIp',
    'srcMac',
    'dstMac',
    'srcPort',
    'dstPort',
    'icmpId',
    'count',
    'intervalMs',
    'mode',
    'payload',
    'incrementPayload',
    'ttl',
    'pcap',
  ],
  [MessageType.INJECT_CANCEL]: ['INJECT_CANCEL', 'id'],
  [MessageType.INJECT_PROGRESS]: ['INJECT_PROGRESS', 'id', 'node', 'state', 'sent', 'error'],
};

/** Names of the fields of each delta, in the order of the wire (PROTOCOL.md §5). */
export const DELTA_FIELDS: Readonly<Record<number, readonly [name: string, ...fields: string[]]>> = {
  [DeltaType.PUT_NODE]: ['putNode', 'age', 'id', 'host', 'metadata', 'tables'],
  [DeltaType.PUT_EDGE]: ['putEdge', 'age', 'id', 'host', 'parent', 'child', 'metadata'],
  [DeltaType.PATCH]: ['patch', 'age', 'id', 'set', 'unset'],
  [DeltaType.ROWS]: ['rows', 'age', 'id', 'table', 'put', 'remove'],
  [DeltaType.MEASURE]: ['measure', 'age', 'id', 'values'],
  [DeltaType.REMOVE]: ['remove', 'age', 'id'],
};

/** Messages of which a field may be bytes. */
export const CARRIES_BYTES: ReadonlySet<number> = new Set([MessageType.FLOWS, MessageType.INJECT]);

/** Messages whose third field after the type is a list of deltas. */
const CARRIES_DELTAS: ReadonlySet<number> = new Set([MessageType.DELTAS, MessageType.PICTURE_PAGE]);

/** Name of a message for errors and counters. */
export const messageName = (type: unknown): string => (typeof type === 'number' && MESSAGE_FIELDS[type]?.[0]) || 'message';

/** The step of a bad part's path: `deltas`, `[3]`, `metadata`, `Name`. */
export function stepName(position: number, level: number, messageType: number, type: number): string {
  if (level === 0) return (position > 0 && MESSAGE_FIELDS[messageType]?.[position]) || `[${position}]`;
  if (level === 2 && CARRIES_DELTAS.has(messageType)) return (position > 0 && DELTA_FIELDS[type]?.[position]) || `[${position}]`;
  return `[${position}]`;
}
