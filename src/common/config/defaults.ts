/** Defaults of the configuration, each with its unit and its reason. `keys.ts` says which key takes which. */

import { DAY, GIB, MIB, SECOND } from './units.js';

/** `HOST:PORT`. Loopback, because nobody is asked for a token by default; 8082 is where old clients look. */
export const LISTEN = '127.0.0.1:8082';

/** Below the folder in which the analyzer is started, so that a first try needs no rights elsewhere. */
export const DATA_DIR = 'canopy-data';

/** The address on which an analyzer listens by default. */
export const ANALYZER = 'http://127.0.0.1:8082';

export const LOG_LEVEL = 'info';

/** Bytes. Some eighty thousand entries. */
export const AUDIT_MAX_BYTES = 16 * MIB;

/** Files. */
export const AUDIT_FILES = 10;

/** The least that makes sense. */
export const AUTH_DEFAULT_ROLE = 'reader';

/** Milliseconds. What is stolen of a browser is good for so long. */
export const AUTH_SESSION = 15 * 60 * SECOND;

/** Milliseconds. A screen on a wall asks for the password once a week. */
export const AUTH_SIGN_IN = 7 * DAY;

/** What the button of a provider of OpenID Connect says unless it is given a name. */
export const OIDC_NAME = 'single sign-on';

/** What every provider offers, and the right to ask again later. */
export const OIDC_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const;

/** The usual claims for what people call themselves, and for their groups. */
export const OIDC_NAME_CLAIM = 'preferred_username';
export const OIDC_GROUPS_CLAIM = 'groups';

/** As libraries for tokens advise. */
export const OIDC_CLOCK_SKEW = 30 * SECOND;

/** What Skydive asks for unless it is told otherwise. */
export const KEYSTONE_DOMAIN = 'Default';
export const KEYSTONE_PROJECT = 'admin';

/** Every probe that this version has. */
export const PROBES = ['host', 'netlink', 'netns', 'ovsdb'] as const;

/** Milliseconds. Counters of ten thousand interfaces twice a minute are cheap; Skydive reads them as often. */
export const METRICS_INTERVAL = 30 * SECOND;

/** A border router has a million of them. */
export const NETLINK_ROUTES = 'counted';

/** What drivers of hardware count (drops by queue, errors of the line) is told nowhere else; of thousands of veths nobody looks at it. */
export const NETLINK_STATISTICS = 'hardware';

/** Where `ip netns` and docker keep their names. */
export const NETNS_RUN_PATHS = ['/var/run/netns', '/var/run/docker/netns'] as const;

/** Containers of most runtimes have no name that the kernel knows. */
export const NETNS_PROCESSES = true;

/** Whoever takes over an analyzer elsewhere should not get the packets of every host. */
export const ALLOW_CAPTURE = 'local';
export const ALLOW_INJECT = 'local';

/** As many as a host has interfaces, of most hosts. */
export const CAPTURES_MOST = 1_000;

/** Bytes. A hundred rings of the size that they begin with. */
export const CAPTURE_RING_MEMORY = 256 * MIB;

/** One thread takes 600,000 packets/s of many captures together, and costs memory. */
export const CAPTURE_WORKERS = 1;

/** Packets/s. So much that others beside it would lose some. */
export const CAPTURE_MOVE_ABOVE = 400_000;

/** Packets/s. A third of what one thread counts when it does nothing else. */
export const CAPTURE_SPREAD_ABOVE = 2_000_000;

/** Milliseconds. Moving ends flows, so nobody should go back and forth with every burst. */
export const CAPTURE_QUIET_AFTER = 60_000;

/** Bytes; what libpcap's users call the snap length. As much as captures may ask for in Skydive. */
export const CAPTURE_HEADER_SIZE = 4_096;

/** Packets of a flow. */
export const CAPTURE_RAW_PACKETS = 10;

/** On a switch port or a mirror it matters, on every other interface it only costs. */
export const CAPTURE_PROMISCUOUS = false;

/** Where Debian, Red Hat and their relatives have it. */
export const OVSDB = 'unix:/var/run/openvswitch/db.sock';

/** Loopback: whoever reaches the port makes flows. The ports are Skydive's. */
export const PCAP_SOCKET_ADDRESS = '127.0.0.1';
export const PCAP_SOCKET_MIN_PORT = 8_100;
export const PCAP_SOCKET_MAX_PORT = 8_132;
export const SFLOW_MIN_PORT = 6_345;
export const SFLOW_MAX_PORT = 6_355;
export const NETFLOW_MIN_PORT = 6_365;
export const NETFLOW_MAX_PORT = 6_375;

/** Milliseconds; this and the next are Skydive's. */
export const FLOW_UPDATE = 60 * SECOND;

/** Milliseconds. */
export const FLOW_EXPIRE = 600 * SECOND;

/** About 130 MiB, in large pages where the kernel has them. */
export const FLOW_MAX_FLOWS = 500_000;

/** One question and its answer: nothing follows. */
export const FLOW_APPLICATION_TIMEOUTS = { arp: '10s', dns: '10s' };

/** Whoever takes over an agent should get no more than the agent needs. */
export const AGENT_DROP_RIGHTS = true;

/** Folder below the data folder. */
export const AGENT_STATE_FOLDER = 'agent';

/** Milliseconds. Two weeks reach past the weekend before last, and a busy cluster writes about 10 GiB in them. */
export const HISTORY_RETENTION = 14 * DAY;

/** Bytes. Some 200,000 changes: ten seconds of the fastest ingest. */
export const HISTORY_MAX_TAIL_BYTES = 64 * MIB;

/** Needs no server beside the analyzer. */
export const HISTORY_HOME = 'embedded';

/** Where Neo4j listens unless it is told otherwise. */
export const HISTORY_URL = 'bolt://127.0.0.1:7687';

/** The user that every Neo4j begins with. */
export const HISTORY_USER = 'neo4j';

/** The database that every Neo4j begins with. */
export const HISTORY_DATABASE = 'neo4j';

/** Bytes. Views of a dozen instants of a graph of 10,000 elements. */
export const HISTORY_CACHE_BYTES = 128 * MIB;

/** Milliseconds. As long as the history, so that rates and changes of one day are seen together. */
export const SAMPLES_RETENTION = 14 * DAY;

/** Bytes. */
export const SAMPLES_MEMORY_LIMIT = 256 * MIB;

/** Threads. One, so that a heavy question about measurements leaves the other cores to the graph. */
export const SAMPLES_THREADS = 1;

/** Milliseconds. Flows are many: a week of them answers "who was that last weekend" and stays affordable. */
export const FLOWS_RETENTION = 7 * DAY;

/** Bytes. Some hundred million samples. */
export const FLOWS_MAX_BYTES = 20 * GIB;

/** Bytes. */
export const FLOWS_MEMORY_LIMIT = 512 * MIB;

/** Threads. One for writing while the other answers. */
export const FLOWS_THREADS = 2;

/** Flows. As many as one agent's table holds at most, at about 1 KiB each. */
export const FLOWS_MAX_LIVE = 500_000;

export const REGISTRY_ETCD_PREFIX = '/canopy';

/** Levels. The explorer's own introspection query has 15. */
export const LIMIT_DEPTH = 20;

/** Elements. Fifty nodes, their neighbours and the edges of those, all with full default pages, stay below. */
export const LIMIT_COST = 200_000;

/** Entries. */
export const LIMIT_PAGE_SIZE = 1_000;

/** Elements. More cannot be told apart on a screen; `topologyOverview` groups them. */
export const LIMIT_PICTURE_ELEMENTS = 5_000;

/** Bytes. A publisher's batch of some ten thousand nodes. */
export const LIMIT_REQUEST_BYTES = 4 * MIB;

/** Subscriptions. A screen with many panels needs about ten. */
export const LIMIT_SUBSCRIPTIONS_PER_CONNECTION = 64;

/** Operations. */
export const LIMIT_OPERATIONS_PER_CONNECTION = 128;

/** Connections. */
export const LIMIT_CONNECTIONS = 2_000;

/** Connections: more than all clients of one kind may have, as they may all come through one proxy. */
export const LIMIT_CONNECTIONS_PER_ADDRESS = 12_000;

/** Milliseconds. A client that has gone is noticed within a minute, and a battery is not emptied by answering. */
export const LIMIT_PING = 30 * SECOND;

/** Milliseconds. A request of the largest size comes in this time over a megabit a second. */
export const LIMIT_ARRIVAL = 60 * SECOND;

/** Milliseconds. */
export const LIMIT_DEADLINE = 30 * SECOND;

/** Elements of one origin. A host with fifty thousand interfaces and their edges stays below. */
export const QUOTA_ELEMENTS = 200_000;

/** Bytes of metadata of one origin. */
export const QUOTA_METADATA_BYTES = 1 * GIB;

/** Changes a second of one origin, on average over ten seconds. */
export const QUOTA_CHANGES_PER_SECOND = 20_000;

/** Milliseconds. Longer than a restart of the agent or of its host's network, shorter than anybody takes a dead host for alive. */
export const GRACE_AGENT_LOST = 35 * SECOND;
