import type { AgentMessage, HubMessage } from '../../src/protocol/messages.js';

export const STAMP = 1_700_000_000_000;

/** One of each, with every field and every kind of delta. */
export const agentMessages: readonly AgentMessage[] = [
  {
    kind: 'hello',
    versions: [1, 3],
    software: '1.0',
    host: 'h.example',
    origin: 'agent.h.example',
    incarnation: 'i',
    oldest: 3,
    newest: 9,
    dirtySince: STAMP,
    sentAt: STAMP,
  },
  {
    kind: 'hello',
    versions: [1, 1],
    software: '',
    host: 'h',
    origin: 'agent.h',
    incarnation: 'i',
    oldest: 1,
    newest: 0,
    dirtySince: undefined,
    sentAt: 0,
  },
  { kind: 'heartbeatReply', number: 1, receivedAt: STAMP, sentAt: STAMP + 1 },
  { kind: 'clockStep', shiftMs: -12.5 },
  {
    kind: 'status',
    probes: [
      {
        name: 'netlink',
        state: 'RUNNING',
        reason: undefined,
        missing: [],
        events: 7,
        restarts: 0,
        busyMs: 12.25,
        busyPercent: 0.5,
        eventsPerSecond: 1.75,
      },
      {
        name: 'netns',
        state: 'DEGRADED',
        reason: 'rights',
        missing: ['SYS_ADMIN'],
        events: 0,
        restarts: 2,
        busyMs: 0,
        busyPercent: 0,
        eventsPerSecond: 0,
      },
    ],
  },
  {
    kind: 'deltas',
    first: 5,
    stamp: STAMP,
    deltas: [
      {
        op: 'putNode',
        id: 'n',
        host: 'h',
        metadata: { Name: 'ü', List: [1, null, true, { a: 'b' }], Empty: {}, Minus: -1.5 },
        tables: { Routes: { 'a/b': { Prefix: '10.0.0.0/8' } }, None: {} },
        observedAt: STAMP - 70_000,
      },
      { op: 'putNode', id: 'm', host: 'h', metadata: {}, tables: undefined, observedAt: STAMP },
      { op: 'putEdge', id: 'e', host: 'h', parent: 'n', child: 'm', metadata: { RelationType: 'layer2' }, observedAt: STAMP + 1 },
      { op: 'patch', id: 'n', set: [['A.B', { c: 1 }]], unset: ['X.Y'], observedAt: STAMP },
      { op: 'patch', id: 'n', set: undefined, unset: undefined, observedAt: STAMP },
      { op: 'rows', id: 'n', table: 'Routes', put: [['k', { Metric: 1 }]], remove: ['l'], observedAt: STAMP },
      { op: 'rows', id: 'n', table: 'Routes', put: undefined, remove: undefined, observedAt: STAMP },
      { op: 'measure', id: 'n', values: [['Metric.RxBytes', 2 ** 40]], observedAt: STAMP },
      { op: 'remove', id: 'n', observedAt: STAMP },
    ],
  },
  { kind: 'pictureBegin', upTo: 9, reason: 'DIRTY', dirtySince: STAMP },
  {
    kind: 'picturePage',
    page: 0,
    stamp: STAMP,
    elements: [
      { op: 'putNode', id: 'n', host: 'h', metadata: { Name: 'n' }, tables: undefined, observedAt: STAMP },
      { op: 'rows', id: 'n', table: 'Routes', put: [['k', {}]], remove: undefined, observedAt: STAMP },
    ],
  },
  { kind: 'pictureEnd', pages: 1, elements: 2 },
];

export const hubMessages: readonly HubMessage[] = [
  { kind: 'welcome', version: 1, software: '1.0', resumeAfter: 4, pictureReason: undefined, credit: 1_000_000, heartbeatMs: 10_000 },
  { kind: 'welcome', version: 1, software: '1.0', resumeAfter: undefined, pictureReason: 'NEW_ORIGIN', credit: 1, heartbeatMs: 1 },
  { kind: 'heartbeat', number: 2, sentAt: STAMP },
  { kind: 'acknowledge', lastDelta: 12, credit: 0 },
  { kind: 'acknowledge', lastDelta: undefined, credit: 300 },
  { kind: 'refused', delta: 7, code: 'QUOTA_EXCEEDED', message: 'elements would be 4', limit: 3, actual: 4 },
  { kind: 'refused', delta: undefined, code: 'BAD_INPUT', message: '', limit: undefined, actual: undefined },
  { kind: 'pictureRequest', reason: 'GAP' },
];
