import type { Config } from './config.js';
import * as defaults from './defaults.js';
import * as kinds from './kinds.js';
import { metadataFiles } from './metadataFiles.js';
import type { Kind } from './kinds.js';

/** Maps with any keys are values. */
type IsGroup<T> = T extends readonly unknown[] ? false : T extends object ? (string extends keyof T ? false : true) : false;

type PathsIn<T, Prefix extends string = ''> = {
  [K in keyof T & string]: IsGroup<T[K]> extends true ? PathsIn<T[K], `${Prefix}${K}.`> : `${Prefix}${K}`;
}[keyof T & string];

/** Every key of the configuration as a dotted path: `history.retention`. */
export type ConfigPath = PathsIn<Config>;

/** Type of the value at a dotted path. */
export type ValueAt<P extends string, T = Config> = P extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? ValueAt<Rest, T[Head]>
    : never
  : P extends keyof T
    ? T[P]
    : never;

/** Everything there is to say about one key: the file, the variables, the flags, the errors and the reference come from it. */
export interface KeyEntry<T> {
  readonly kind: Kind<NonNullable<T>>;
  /** Left out where the value is optional or worked out from others. */
  readonly default?: T;
  /** What stands in the reference where there is no constant: `name of the host`. */
  readonly defaultText?: string;
  /** What it means and what changes with it, in one or two sentences. */
  readonly doc: string;
  /** As written in the YAML file, after the key. */
  readonly example: string;
  /** The key's own flag, without dashes; every key can be set with `--set KEY=VALUE` too. */
  readonly flag?: string;
  /** Its value is never printed. */
  readonly isSecret?: true;
}

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const MIB = 1024 ** 2;
const TIB = 1024 ** 4;

/** The keys, in the order of the reference. The type demands every path of `Config`, so that none is forgotten. */
export const KEYS: { readonly [P in ConfigPath]: KeyEntry<ValueAt<P>> } = {
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
  'tokens.agents': {
    kind: kinds.texts,
    default: [],
    doc: 'Tokens with which agents may connect. An entry is the token itself or `file:PATH`, a file with one token a line. Prefer files: flags and variables can be seen by others on the machine.',
    example: '["file:/etc/canopy/agents.tokens"]',
    isSecret: true,
  },
  'tokens.readers': {
    kind: kinds.texts,
    default: [],
    doc: 'Tokens that may ask and subscribe; written as in `tokens.agents`.',
    example: '["file:/etc/canopy/readers.tokens"]',
    isSecret: true,
  },
  'tokens.writers': {
    kind: kinds.texts,
    default: [],
    doc: 'Tokens that may publish, change, capture and inject, and may read too; written as in `tokens.agents`.',
    example: '["file:/etc/canopy/writers.tokens"]',
    isSecret: true,
  },
  'auth.usersFile': {
    kind: kinds.path,
    defaultText: '`auth/users` in the data folder',
    doc: 'File with the users who may sign in, one `NAME:HASH:ROLE` a line: written by `canopy user`, or by `htpasswd -B` without roles. Changes are in force within a second.',
    example: '/etc/canopy/users',
  },
  'auth.tokensFile': {
    kind: kinds.path,
    defaultText: '`auth/tokens` in the data folder',
    doc: 'File with the tokens that `canopy token` makes; it holds their digests only. Changes are in force within a second.',
    example: '/etc/canopy/tokens',
  },
  'auth.defaultRole': {
    kind: kinds.text,
    default: defaults.AUTH_DEFAULT_ROLE,
    doc: 'Role of users to whom nobody gave one, such as those in a file of `htpasswd`.',
    example: 'operator',
  },
  'auth.session': {
    kind: kinds.duration(10 * SECOND, DAY),
    default: defaults.AUTH_SESSION,
    doc: 'How long the cookie of a session is good until the page refreshes it.',
    example: '5m',
  },
  'auth.signIn': {
    kind: kinds.duration(60 * SECOND, 365 * DAY),
    default: defaults.AUTH_SIGN_IN,
    doc: 'How long a session can be refreshed until the password is asked for again.',
    example: '12h',
  },
  'auth.policy': {
    kind: kinds.texts,
    default: [],
    doc: "Lines of a policy as casbin and Skydive's `rbac.policy` have them, or `file:PATH` with such lines: `p, ROLE, OBJECT, ACTION, allow|deny` and `g, USER, ROLE`. They are added to what the built-in roles may.",
    example: '["p, auditor, audit, read, allow", "g, anna, auditor"]',
  },
  'auth.model': {
    kind: kinds.map,
    default: {},
    doc: "Parts of casbin's model that differ from the built-in one, under the names of Skydive's `rbac.model`.",
    example: '{ matchers: "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act" }',
  },
  'audit.maxBytes': {
    kind: kinds.size(4096, TIB),
    default: defaults.AUDIT_MAX_BYTES,
    doc: 'Size at which a file of the audit log, `audit/` in the data folder, is closed and the next begun.',
    example: '64MiB',
  },
  'audit.files': {
    kind: kinds.count(1, 10_000),
    default: defaults.AUDIT_FILES,
    doc: 'Files of the audit log that are kept.',
    example: '100',
  },
  'tls.certificate': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the certificate of the analyzer and those that lead to its authority. With it and `tls.key` the page, GraphQL, old clients and agents are served over TLS. It is read again within some seconds after it has changed.',
    example: '/etc/canopy/tls/analyzer.pem',
  },
  'tls.key': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the private key of `tls.certificate`.',
    example: '/etc/canopy/tls/analyzer.key',
  },
  'tls.clientAuthorities': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the authorities whose certificates let agents in, without a token.',
    example: '/etc/canopy/tls/agents-ca.pem',
  },
  'tls.requireClientCertificate': {
    kind: kinds.boolean,
    default: false,
    doc: 'Agents come in with a certificate of `tls.clientAuthorities` only; a token does not do.',
    example: 'true',
  },
  'tls.authorities': {
    kind: kinds.path,
    defaultText: "the system's",
    doc: 'PEM file with the authorities that an agent trusts instead of those of the system.',
    example: '/etc/canopy/tls/ca.pem',
  },
  'tls.clientCertificate': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the certificate that an agent shows to the analyzer.',
    example: '/etc/canopy/tls/agent.pem',
  },
  'tls.clientKey': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the private key of `tls.clientCertificate`.',
    example: '/etc/canopy/tls/agent.key',
  },
  'agent.hostId': {
    kind: kinds.text,
    defaultText: 'name of the host',
    doc: 'Identity of this host in the graph. Must differ between hosts, and stay the same for one.',
    example: 'web-17',
  },
  'agent.metadata': {
    kind: kinds.map,
    default: {},
    doc: "Put into the metadata of the host's node, for filters and grouping.",
    example: '{ rack: b7, site: lyon }',
  },
  'agent.metadataFiles': {
    kind: metadataFiles,
    default: {},
    doc: "Values from files that others write (JSON, YAML, TOML, INI, properties): each goes into the metadata of the host's node as the text `Config.<name>`, at the start and when its file changes.",
    example: '{ rack: { path: /etc/facts.yaml, selector: location.rack } }',
  },
  'agent.hostRoot': {
    kind: kinds.path,
    defaultText: "its own root, or in a container with the host's processes that of the first of them",
    doc: "Where the host's files are, for an agent in a container: `/host` where the host's `/` is mounted there. The distribution and the id of the instance are read below it.",
    example: '/host',
  },
  'agent.probes': {
    kind: kinds.texts,
    default: defaults.PROBES,
    doc: 'Probes to run: the name of a built-in one, or a path (`./mounts.js`, `/etc/canopy/mounts.js`) or package (`@acme/canopy-probe`) that exports one. A probe that fails is shown in `canopy status` and tried again; the others go on.',
    example: '[host, netlink]',
  },
  'agent.netlink.metricsInterval': {
    kind: kinds.duration(SECOND, DAY),
    default: defaults.METRICS_INTERVAL,
    doc: 'How often the counters of interfaces are read.',
    example: '10s',
  },
  'agent.netlink.routes': {
    kind: kinds.choice('counted', 'all'),
    default: defaults.NETLINK_ROUTES,
    doc: 'Whether routes of bgp, ospf, isis and zebra are only counted for each routing table (`RouteCounts`), or shown one by one like all others.',
    example: 'all',
  },
  'agent.netlink.statistics': {
    kind: kinds.choice('none', 'hardware', 'all'),
    default: defaults.NETLINK_STATISTICS,
    doc: "Of which interfaces the driver's own counters (`ethtool -S`) are read with the others, as `Statistics`: of none, of devices that sit on a bus, or of all that have a driver (veth, tun, bridges too).",
    example: 'all',
  },
  'agent.netns.runPaths': {
    kind: kinds.texts,
    default: defaults.NETNS_RUN_PATHS,
    doc: 'Folders in which named network namespaces appear, or single files over which one is mounted. What is not there yet is waited for.',
    example: '[/var/run/netns, /srv/router/net]',
  },
  'agent.netns.processes': {
    kind: kinds.boolean,
    default: defaults.NETNS_PROCESSES,
    doc: 'Whether network namespaces are shown that have no name, only processes: those of most containers, of `unshare -n`, of sandboxed services.',
    example: 'false',
  },
  'agent.allow.capture': {
    kind: kinds.choice('never', 'local', 'always'),
    default: defaults.ALLOW_CAPTURE,
    doc: 'Whether the analyzer may have captures run on this host: `never`, only where `analyzer` is an address of loopback (`local`), or `always`. An analyzer that somebody took over gets no more than this.',
    example: 'always',
  },
  'agent.allow.inject': {
    kind: kinds.choice('never', 'local', 'always'),
    default: defaults.ALLOW_INJECT,
    doc: 'Whether the analyzer may have packets sent from this host; written as `agent.allow.capture`.',
    example: 'never',
  },
  'agent.capture.most': {
    kind: kinds.count(0, 100_000),
    default: defaults.CAPTURES_MOST,
    doc: 'Most captures that run on this host at once.',
    example: '200',
  },
  'agent.capture.ringMemory': {
    kind: kinds.size(MIB, TIB),
    default: defaults.CAPTURE_RING_MEMORY,
    doc: 'Memory that the packet rings of all captures share. A ring begins with 2MiB and is doubled when it loses packets; a capture for which nothing is left shows the state `error`.',
    example: '1GiB',
  },
  'agent.capture.workers': {
    kind: kinds.count(1, 64),
    default: defaults.CAPTURE_WORKERS,
    doc: 'Threads among which captures are shared out; at most one less than there are processors, and one at least.',
    example: '4',
  },
  'agent.capture.headerSize': {
    kind: kinds.count(14, 65_535),
    default: defaults.CAPTURE_HEADER_SIZE,
    doc: 'Most bytes of each packet that a capture may look at, and so keep.',
    example: '256',
  },
  'agent.capture.rawPackets': {
    kind: kinds.count(0, 1_000),
    default: defaults.CAPTURE_RAW_PACKETS,
    doc: 'Most packets of each flow that a capture may keep; 0 where contents must not leave the host.',
    example: '0',
  },
  'agent.capture.promiscuous': {
    kind: kinds.boolean,
    default: defaults.CAPTURE_PROMISCUOUS,
    doc: 'Whether a captured interface receives frames that are not addressed to it, too. Shown on the node.',
    example: 'true',
  },
  'agent.capture.pcapSocketAddress': {
    kind: kinds.text,
    default: defaults.PCAP_SOCKET_ADDRESS,
    doc: 'Address on which captures of the type `pcapsocket` await streams of packets. Nobody who connects is asked who he is.',
    example: '192.0.2.7',
  },
  'agent.capture.pcapSocketMinPort': {
    kind: kinds.count(1, 65_535),
    default: defaults.PCAP_SOCKET_MIN_PORT,
    doc: 'First port for captures of the type `pcapsocket`, one each.',
    example: '9100',
  },
  'agent.capture.pcapSocketMaxPort': {
    kind: kinds.count(1, 65_535),
    default: defaults.PCAP_SOCKET_MAX_PORT,
    doc: 'Last port for captures of the type `pcapsocket`.',
    example: '9199',
  },
  'agent.capture.sflowMinPort': {
    kind: kinds.count(1, 65_535),
    default: defaults.SFLOW_MIN_PORT,
    doc: 'First port of sFlow collectors, for captures that ask for none.',
    example: '7345',
  },
  'agent.capture.sflowMaxPort': {
    kind: kinds.count(1, 65_535),
    default: defaults.SFLOW_MAX_PORT,
    doc: 'Last port of sFlow collectors.',
    example: '7355',
  },
  'agent.capture.netflowMinPort': {
    kind: kinds.count(1, 65_535),
    default: defaults.NETFLOW_MIN_PORT,
    doc: 'First port of NetFlow and IPFIX collectors, for captures that ask for none.',
    example: '7365',
  },
  'agent.capture.netflowMaxPort': {
    kind: kinds.count(1, 65_535),
    default: defaults.NETFLOW_MAX_PORT,
    doc: 'Last port of NetFlow and IPFIX collectors.',
    example: '7375',
  },
  'agent.ovsdb': {
    kind: kinds.text,
    default: defaults.OVSDB,
    doc: 'Where the database of Open vSwitch is, for captures on its bridges and ports: `unix:PATH` or `tcp:HOST:PORT`.',
    example: 'tcp:127.0.0.1:6640',
  },
  'agent.flow.update': {
    kind: kinds.duration(SECOND, DAY),
    default: defaults.FLOW_UPDATE,
    doc: 'How often the counters of flows that go on are sent to the analyzer.',
    example: '10s',
  },
  'agent.flow.expire': {
    kind: kinds.duration(SECOND, DAY),
    default: defaults.FLOW_EXPIRE,
    doc: 'After how long without a packet a flow ends.',
    example: '5m',
  },
  'agent.flow.maxFlows': {
    kind: kinds.count(1, 10_000_000),
    default: defaults.FLOW_MAX_FLOWS,
    doc: 'Most flows in the table of one capture on one node, about 300 bytes each. One more, and the one that was idle for longest is sent early.',
    example: '50000',
  },
  'agent.flow.applicationTimeouts': {
    kind: kinds.map,
    default: defaults.FLOW_APPLICATION_TIMEOUTS,
    doc: 'After how long without a packet flows of an application end, by its name.',
    example: '{ dns: 10s, ntp: 30s }',
  },
  'agent.flow.applicationPorts': {
    kind: kinds.map,
    default: {},
    doc: 'Names of applications by port, in place of what the packets look like.',
    example: '{ 443/tcp: HTTPS, 1194/udp: OPENVPN }',
  },
  'agent.dropRights': {
    kind: kinds.boolean,
    default: defaults.AGENT_DROP_RIGHTS,
    doc: 'Whether `canopy agent` gives up, at its start, every capability that no enabled probe needs, and the way back to them. `canopy allinone` never does: its analyzer shares the process.',
    example: 'false',
  },
  'agent.listen': {
    kind: kinds.loopback,
    defaultText: 'none: the agent does not listen',
    doc: 'Address on this machine where the agent answers by itself: /health, /metrics, and `canopy agent status` and `canopy nodes --agent`. Nobody is asked for a token, so only loopback is accepted.',
    example: '127.0.0.1:8083',
  },
  'agent.stateDir': {
    kind: kinds.path,
    defaultText: '`agent` in the data folder',
    doc: 'Folder in which the agent keeps what must outlive it.',
    example: '/var/lib/canopy-agent',
  },
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
