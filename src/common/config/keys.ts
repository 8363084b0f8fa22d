import { AGENT_KEYS } from './agentKeys.js';
import * as defaults from './defaults.js';
import { DOOR_KEYS } from './doorKeys.js';
import type { ConfigPath, KeyTable } from './keyEntry.js';
import * as kinds from './kinds.js';
import { DAY, MIB, SECOND, TIB } from './units.js';

export type { ConfigPath } from './keyEntry.js';

/** The keys, in the order of the reference. The type demands every path of `Config`, so that none is forgotten. */
export const KEYS: KeyTable = {
  listen: {
    kind: kinds.listen,
    default: defaults.LISTEN,
    doc: 'Address on which the analyzer serves. On an address that other machines can reach everybody is asked who they are; when there is nobody yet, an administrator is made and the password printed, once.',
    example: '0.0.0.0:8082',
    flag: 'listen',
  },
  dataDir: {
    kind: kinds.path,
    default: defaults.DATA_DIR,
    doc: 'Folder that holds everything the analyzer keeps: changes, measurements. Relative to the folder in which it is started. One process at a time.',
    example: '/var/lib/canopy',
    flag: 'data-dir',
  },
  analyzer: {
    kind: kinds.url,
    default: defaults.ANALYZER,
    doc: 'Where the analyzer is, for agents and for the command line.',
    example: 'http://analyzer.example.org:8082',
    flag: 'analyzer',
  },
  tokenFile: {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'File with the token that an agent or the command line shows to the analyzer.',
    example: '/etc/canopy/agent.token',
    flag: 'token-file',
  },
  logLevel: {
    kind: kinds.choice('debug', 'info', 'warn', 'error', 'silent'),
    default: defaults.LOG_LEVEL,
    doc: 'Least grave messages that are logged, as JSON lines on standard error.',
    example: 'debug',
    flag: 'log-level',
  },
  insecure: {
    kind: kinds.boolean,
    default: false,
    doc: 'Serve on an address that other machines can reach although there are neither users nor tokens. Everybody who reaches it may then read and write.',
    example: 'true',
    flag: 'insecure',
  },
  origins: {
    kind: kinds.origins,
    default: [],
    doc: "Origins of web pages that may call the analyzer from a browser, besides the analyzer's own page.",
    example: '[https://dash.example.org]',
  },
  ...DOOR_KEYS,
  ...AGENT_KEYS,
  'history.home': {
    kind: kinds.choice('embedded', 'neo4j'),
    default: defaults.HISTORY_HOME,
    doc: 'Where the past of the topology lies. `neo4j`: what the journal in the data folder records is written to Neo4j too, and read from there; see docs/neo4j.md. The journal stays what counts: nothing is lost while Neo4j is away.',
    example: 'neo4j',
  },
  'history.url': {
    kind: kinds.boltUrl,
    default: defaults.HISTORY_URL,
    doc: 'Address of Neo4j. `bolt+s` and `neo4j+s` are with TLS.',
    example: 'neo4j+s://graph.example.org:7687',
  },
  'history.user': {
    kind: kinds.text,
    default: defaults.HISTORY_USER,
    doc: 'User in Neo4j. It must be allowed to write, and to create indexes and constraints.',
    example: 'canopy',
  },
  'history.password': {
    kind: kinds.text,
    defaultText: 'none',
    doc: 'Password of the user in Neo4j, or `file:PATH`, a file that holds it. Prefer the file: flags and variables can be seen by others on the machine.',
    example: '"file:/etc/canopy/neo4j.password"',
    isSecret: true,
  },
  'history.database': {
    kind: kinds.text,
    default: defaults.HISTORY_DATABASE,
    doc: 'Name of the database in Neo4j. Each analyzer needs one of its own; the Community edition has only `neo4j`.',
    example: 'topology',
  },
  'history.retention': {
    kind: kinds.duration(60 * SECOND, 3_650 * DAY),
    default: defaults.HISTORY_RETENTION,
    doc: 'How long changes are kept. Older instants can no longer be asked for.',
    example: '30d',
  },
  'history.maxTailBytes': {
    kind: kinds.size(MIB, TIB),
    default: defaults.HISTORY_MAX_TAIL_BYTES,
    doc: 'Most bytes of changes that may wait for the disk; then agents are held up and mutations answer `STORE_UNAVAILABLE` until there is room.',
    example: '128MiB',
  },
  'history.cacheBytes': {
    kind: kinds.size(MIB, TIB),
    default: defaults.HISTORY_CACHE_BYTES,
    doc: 'Most memory that kept views of the past may take.',
    example: '512MiB',
  },
  'samples.retention': {
    kind: kinds.duration(60 * SECOND, 3_650 * DAY),
    default: defaults.SAMPLES_RETENTION,
    doc: 'How long measurements (counters, rates) are kept.',
    example: '90d',
  },
  'samples.memoryLimit': {
    kind: kinds.size(64 * MIB, TIB),
    default: defaults.SAMPLES_MEMORY_LIMIT,
    doc: 'Memory of the store of measurements.',
    example: '1GiB',
  },
  'samples.threads': {
    kind: kinds.count(1, 64),
    default: defaults.SAMPLES_THREADS,
    doc: 'Threads of the store of measurements.',
    example: '2',
  },
  'flows.retention': {
    kind: kinds.duration(SECOND, 3_650 * DAY),
    default: defaults.FLOWS_RETENTION,
    doc: 'How long flows are kept, with their samples over time and raw packets.',
    example: '30d',
  },
  'flows.maxBytes': {
    kind: kinds.size(MIB, TIB),
    default: defaults.FLOWS_MAX_BYTES,
    doc: 'Most that flows may take on disk. Above it the oldest hours go, whatever the retention says.',
    example: '100GiB',
  },
  'flows.memoryLimit': {
    kind: kinds.size(64 * MIB, TIB),
    default: defaults.FLOWS_MEMORY_LIMIT,
    doc: 'Memory that the store of flows may use.',
    example: '2GiB',
  },
  'flows.threads': {
    kind: kinds.count(1, 256),
    default: defaults.FLOWS_THREADS,
    doc: 'Threads that the store of flows may use for one question.',
    example: '4',
  },
  'flows.maxLive': {
    kind: kinds.count(1_000, 100_000_000),
    default: defaults.FLOWS_MAX_LIVE,
    doc: 'Flows that the analyzer keeps at hand for questions about the present. Beyond it those that were silent for longest are only in the store.',
    example: '2000000',
  },
  'registry.etcd.endpoints': {
    kind: kinds.texts,
    default: [],
    doc: 'Where etcd is reached, when captures, alerts and rules are to be shared by several analyzers. Left empty, they are kept in the data folder.',
    example: '[http://10.0.0.1:2379, http://10.0.0.2:2379]',
  },
  'registry.etcd.prefix': {
    kind: kinds.text,
    default: defaults.REGISTRY_ETCD_PREFIX,
    doc: 'Put in front of every key in etcd, so that several installations can share one.',
    example: '/canopy/lab',
  },
  'registry.etcd.bringOver': {
    kind: kinds.boolean,
    default: false,
    doc: 'Bring captures, alerts, workflows, rules and views that are in the data folder from before to etcd at the start. There they are for all analyzers: captures run by the agents of each. What is there already stays as it is.',
    example: 'true',
  },
  'registry.etcd.user': {
    kind: kinds.text,
    defaultText: 'none',
    doc: 'User in etcd, where it asks for one. It must be allowed to read and write the keys below the prefix.',
    example: 'canopy',
  },
  'registry.etcd.password': {
    kind: kinds.text,
    defaultText: 'none',
    doc: 'Password of the user in etcd, or `file:PATH`, a file that holds it. Prefer the file: flags and variables can be seen by others on the machine.',
    example: '"file:/etc/canopy/etcd.password"',
    isSecret: true,
  },
  'registry.etcd.ca': {
    kind: kinds.path,
    defaultText: 'those that the system trusts',
    doc: "PEM file of who signed etcd's certificate. TLS is used where the endpoints are `https`.",
    example: '/etc/canopy/etcd-ca.pem',
  },
  'registry.etcd.cert': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file of the certificate that is shown to etcd, where it asks for one; with `registry.etcd.key`.',
    example: '/etc/canopy/etcd-client.pem',
  },
  'registry.etcd.key': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file of the key of `registry.etcd.cert`.',
    example: '/etc/canopy/etcd-client.key',
  },
  'limits.depth': {
    kind: kinds.count(1, 100),
    default: defaults.LIMIT_DEPTH,
    doc: 'Most levels of nesting in a GraphQL document.',
    example: '12',
  },
  'limits.cost': {
    kind: kinds.count(100, 100_000_000),
    default: defaults.LIMIT_COST,
    doc: 'Most elements that one GraphQL document may ask for, as estimated from the sizes of its pages.',
    example: '50000',
  },
  'limits.pageSize': {
    kind: kinds.count(1, 10_000),
    default: defaults.LIMIT_PAGE_SIZE,
    doc: 'Most entries in one page of a list.',
    example: '500',
  },
  'limits.pictureElements': {
    kind: kinds.count(100, 1_000_000),
    default: defaults.LIMIT_PICTURE_ELEMENTS,
    doc: 'Most elements in one picture of the topology (`topology`); a larger one is cut and says so.',
    example: '20000',
  },
  'limits.requestBytes': {
    kind: kinds.size(1024, 1024 * MIB),
    default: defaults.LIMIT_REQUEST_BYTES,
    doc: 'Largest request body and largest WebSocket message of a client.',
    example: '16MiB',
  },
  'limits.subscriptionsPerConnection': {
    kind: kinds.count(1, 10_000),
    default: defaults.LIMIT_SUBSCRIPTIONS_PER_CONNECTION,
    doc: 'Subscriptions in one WebSocket connection.',
    example: '16',
  },
  'limits.operationsPerConnection': {
    kind: kinds.count(1, 10_000),
    default: defaults.LIMIT_OPERATIONS_PER_CONNECTION,
    doc: 'Operations that run at once in one WebSocket connection, subscriptions among them.',
    example: '32',
  },
  'limits.connections': {
    kind: kinds.count(1, 1_000_000),
    default: defaults.LIMIT_CONNECTIONS,
    doc: 'WebSocket connections of clients; agents are not counted.',
    example: '500',
  },
  'limits.connectionsPerAddress': {
    kind: kinds.count(1, 1_000_000),
    default: defaults.LIMIT_CONNECTIONS_PER_ADDRESS,
    doc: 'Connections of any kind with one address; further ones are cut at once. Raise it where many clients come through one proxy.',
    example: '50000',
  },
  'limits.arrival': {
    kind: kinds.duration(SECOND, 3_600 * SECOND),
    default: defaults.LIMIT_ARRIVAL,
    doc: 'Longest that a request with its body, or a message over WebSocket, may take to arrive; a connection on which one is slower is cut.',
    example: '5m',
  },
  'limits.ping': {
    kind: kinds.duration(SECOND, 3_600 * SECOND),
    default: defaults.LIMIT_PING,
    doc: 'How often a client of GraphQL over WebSocket is asked whether it is still there; who has not answered until the next time is cut. Agents and old clients are asked every few seconds in any case.',
    example: '10s',
  },
  'limits.deadline': {
    kind: kinds.duration(100, 3_600 * SECOND),
    default: defaults.LIMIT_DEADLINE,
    doc: 'Longest that one query or mutation may take.',
    example: '10s',
  },
  'quota.elements': {
    kind: kinds.count(1, 100_000_000),
    default: defaults.QUOTA_ELEMENTS,
    doc: 'Most elements that one origin (an agent or a publisher) may hold.',
    example: '50000',
  },
  'quota.metadataBytes': {
    kind: kinds.size(1024, TIB),
    default: defaults.QUOTA_METADATA_BYTES,
    doc: 'Most bytes of metadata that one origin may hold.',
    example: '256MiB',
  },
  'quota.changesPerSecond': {
    kind: kinds.count(1, 10_000_000),
    default: defaults.QUOTA_CHANGES_PER_SECOND,
    doc: 'Most changes a second that one origin may send.',
    example: '5000',
  },
  'grace.agentLost': {
    kind: kinds.duration(0, DAY),
    default: defaults.GRACE_AGENT_LOST,
    doc: 'How long an agent may be away before its elements are closed with the reason `AGENT_LOST`.',
    example: '2m',
  },
};

/** All dotted paths, in the order of the table. */
export const CONFIG_PATHS = Object.keys(KEYS) as ConfigPath[];

/** Name of the variable: `agent.netlink.metricsInterval` is `CANOPY_AGENT_NETLINK_METRICS_INTERVAL`. */
export const variableOf = (path: string): string => `CANOPY_${path.replaceAll('.', '_').replace(/[A-Z]/g, '_$&').toUpperCase()}`;
