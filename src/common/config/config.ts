import type { JsonObject } from '../json.js';
import type { MetadataFiles } from './metadataFiles.js';
import type { LogLevel } from '../log.js';

/** A length of time in milliseconds; written `30s`, `5m`, `1h30m`, `7d` in the file, in variables and in flags. */
export type Milliseconds = number;

/** A size in bytes; written `64KiB`, `256MiB`, `1GiB` in the file, in variables and in flags. */
export type Bytes = number;

/**
 * Everything that can be configured, complete and checked. The same dotted paths are the keys of the YAML file, and, upper case with `_`,
 * the `CANOPY_…` variables. What each means stands in `keys.ts`, from which docs/configuration.md is generated; defaults stand in `defaults.ts`.
 */
export interface Config {
  /** `HOST:PORT` on which the analyzer serves; port 0 picks a free one. Take it apart with `parseListen`. */
  readonly listen: string;
  /** Folder that holds everything an analyzer keeps. */
  readonly dataDir: string;
  /** URL of the analyzer, for agents and for the command line: `http://127.0.0.1:8082`. */
  readonly analyzer: string;
  /** File with the token that an agent or the command line presents; `undefined`: none is presented. */
  readonly tokenFile: string | undefined;
  readonly logLevel: LogLevel;
  /** Serve on an address other than loopback although there are neither users nor tokens. */
  readonly insecure: boolean;
  /** Origins of web pages, besides the analyzer's own, that may call it: `https://dash.example.org`. */
  readonly origins: readonly string[];
  /** Who may come in. An entry is the token itself, or `file:PATH` with one token a line; read them with `readTokens`. All empty: nobody is asked. */
  readonly tokens: TokensConfig;
  readonly auth: AuthConfig;
  readonly tls: TlsConfig;
  readonly audit: AuditConfig;
  readonly agent: AgentConfig;
  readonly history: HistoryConfig;
  readonly samples: SamplesConfig;
  readonly flows: FlowsConfig;
  readonly registry: RegistryConfig;
  readonly limits: LimitsConfig;
  readonly quota: QuotaConfig;
  readonly grace: GraceConfig;
}

export interface TokensConfig {
  readonly agents: readonly string[];
  readonly readers: readonly string[];
  /** Writers may read too. */
  readonly writers: readonly string[];
}

/** The log of who changed what. */
export interface AuditConfig {
  /** Size at which a file is closed and the next begun. */
  readonly maxBytes: Bytes;
  /** Files that are kept; the oldest go. */
  readonly files: number;
}

/** Certificates, as paths of PEM files; each is read again when it changes. */
export interface TlsConfig {
  /** Of the analyzer, with those that lead to its authority; with it and its key the analyzer speaks TLS. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Authorities whose certificates let agents in. */
  readonly clientAuthorities: string | undefined;
  /** Whether agents come in with a certificate only: a token does not do. */
  readonly requireClientCertificate: boolean;
  /** What an agent trusts besides the system's authorities. */
  readonly authorities: string | undefined;
  /** What an agent shows. */
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
}

/** Users, tokens that are managed, and what roles may do. */
export interface AuthConfig {
  /** File with users; `undefined`: `auth/users` in the data folder. */
  readonly usersFile: string | undefined;
  /** File with the tokens of `canopy token`; `undefined`: `auth/tokens` in the data folder. */
  readonly tokensFile: string | undefined;
  /** Role of users to whom nobody gave one. */
  readonly defaultRole: string;
  /** How long a session lasts until it is refreshed. */
  readonly session: Milliseconds;
  /** How long a session can be refreshed until a password is asked for again. */
  readonly signIn: Milliseconds;
  /** Lines of a policy, added to what the built-in roles may; an entry is a line or `file:PATH`. */
  readonly policy: readonly string[];
  /** Parts of the policy's model that differ from the built-in one. */
  readonly model: JsonObject;
  /** What somebody sees of the graph, by the name of the scope: `{ nodes, hide, fields }`. */
  readonly scopes: JsonObject;
  readonly oidc: OidcConfig;
  readonly keystone: KeystoneConfig;
}

/** A provider of OpenID Connect; there is none unless `issuer` and `clientId` are set. */
export interface OidcConfig {
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  /** The secret itself, or `file:PATH`; read it with `readPassword`. `undefined`: a public client. */
  readonly clientSecret: string | undefined;
  /** What people know it by. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** Where browsers reach the analyzer; `undefined`: where the request says that it went. */
  readonly publicUrl: string | undefined;
  /** Claims with the name of a user, and with the groups; dots lead into objects. */
  readonly nameClaim: string;
  readonly groupsClaim: string;
  /** Role, or list of roles, by group. */
  readonly roles: JsonObject;
  /** Role of those in none of these groups; `undefined`: they may not come in, where there are groups with roles. */
  readonly defaultRole: string | undefined;
  /** Of access tokens that programs may show; empty: none may. */
  readonly audiences: readonly string[];
  /** How far the provider's clock may be from ours. */
  readonly clockSkew: Milliseconds;
}

/** An OpenStack Keystone; there is none unless `url` is set. */
export interface KeystoneConfig {
  readonly url: string | undefined;
  readonly version: 'auto' | 'v2' | 'v3';
  /** Domain of the users and of the project. */
  readonly domain: string;
  /** Project, tenant in version 2, for which one signs in. */
  readonly project: string;
  /** Role, or list of roles, by the role that one has in the project. */
  readonly roles: JsonObject;
  /** Role of those whose roles in the project are none of these; `undefined`: they may not come in. */
  readonly defaultRole: string | undefined;
}

/** Whether something may be asked of an agent. */
export type Permission = 'never' | 'local' | 'always';

export interface AgentConfig {
  /** Identity of this host in the graph; the host's name unless set. */
  readonly hostId: string;
  /** Put into the metadata of the host's node. */
  readonly metadata: JsonObject;
  /** Values in files that somebody else writes, by the name under which they are shown: `Config.<name>` of the host's node. */
  readonly metadataFiles: MetadataFiles;
  /** Where the host's own files are; `undefined`: it is found out. */
  readonly hostRoot: string | undefined;
  /** Probes to run: by name, or a path or package that exports one. */
  readonly probes: readonly string[];
  readonly netlink: {
    /** How often counters are read. */
    readonly metricsInterval: Milliseconds;
    /** Whether routes of routing daemons are rows too, or are counted for each table. */
    readonly routes: 'counted' | 'all';
    /** Of which interfaces the driver's own counters are read, too. */
    readonly statistics: 'none' | 'hardware' | 'all';
  };
  readonly netns: {
    /** Folders in which named namespaces appear, and single files over which one is mounted. */
    readonly runPaths: readonly string[];
    /** Whether namespaces are shown that have no name, only processes. */
    readonly processes: boolean;
  };
  /** What the analyzer may have done on this host: `local` only where it is on the same machine. */
  readonly allow: {
    readonly capture: Permission;
    readonly inject: Permission;
  };
  readonly capture: {
    /** Captures that run at once. */
    readonly most: number;
    /** Memory of the packet rings of all captures. */
    readonly ringMemory: Bytes;
    /** Threads among which captures are shared out. */
    readonly workers: number;
    /** Packets/s of one capture for a thread of its own, and for more than one. */
    readonly moveAbove: number;
    readonly spreadAbove: number;
    /** Before it gives up what it needs no more. */
    readonly quietAfter: Milliseconds;
    /** Most bytes of a packet that a capture may look at. */
    readonly headerSize: number;
    /** Most packets of a flow that a capture may keep. */
    readonly rawPackets: number;
    /** Whether interfaces receive what is not addressed to them, too. */
    readonly promiscuous: boolean;
    /** Where streams of packets are awaited, and on which ports. */
    readonly pcapSocketAddress: string;
    readonly pcapSocketMinPort: number;
    readonly pcapSocketMaxPort: number;
    /** Ports of sFlow and NetFlow collectors that no capture gives a port. */
    readonly sflowMinPort: number;
    readonly sflowMaxPort: number;
    readonly netflowMinPort: number;
    readonly netflowMaxPort: number;
  };
  /** Where the database of Open vSwitch is. */
  readonly ovsdb: string;
  readonly flow: {
    /** How often flows that go on are sent. */
    readonly update: Milliseconds;
    /** After how long an idle flow ends. */
    readonly expire: Milliseconds;
    /** Flows in one table. */
    readonly maxFlows: number;
    /** After how long idle flows of an application end, by its name: `{ dns: 10s }`. */
    readonly applicationTimeouts: JsonObject;
    /** Names of applications by port: `{ 443/tcp: HTTPS }`. */
    readonly applicationPorts: JsonObject;
  };
  /** Whether an agent that has a process of its own gives up, at its start, every right that no probe needs. */
  readonly dropRights: boolean;
  /** `HOST:PORT` on loopback where the agent itself answers; `undefined`: it does not. */
  readonly listen: string | undefined;
  /** Folder in which the agent keeps what must outlive it. */
  readonly stateDir: string;
}

export interface HistoryConfig {
  /** Where the past of the topology is read from, besides the journal that every analyzer keeps. */
  readonly home: 'embedded' | 'neo4j';
  /** Of Neo4j: `bolt://HOST:PORT`, `neo4j://…`, with `+s` for TLS. */
  readonly url: string;
  readonly user: string;
  /** The password itself, or `file:PATH`; read it with `readPassword`. `undefined`: Neo4j asks for none. */
  readonly password: string | undefined;
  /** Name of the database in Neo4j. */
  readonly database: string;
  /** How long changes are kept. */
  readonly retention: Milliseconds;
  /** Most that may wait for the disk before ingest is held up. */
  readonly maxTailBytes: Bytes;
  /** Most memory that views of the past may take. */
  readonly cacheBytes: Bytes;
}

export interface SamplesConfig {
  /** How long measurements are kept. */
  readonly retention: Milliseconds;
  /** Memory of the store of measurements. */
  readonly memoryLimit: Bytes;
  /** Threads of the store of measurements. */
  readonly threads: number;
}

export interface FlowsConfig {
  /** How long flows, their samples and their raw packets are kept. */
  readonly retention: Milliseconds;
  /** Most that the files of flows may take on disk; the oldest go first. */
  readonly maxBytes: Bytes;
  /** Memory of the store of flows. */
  readonly memoryLimit: Bytes;
  /** Threads of the store of flows. */
  readonly threads: number;
  /** Flows that the analyzer keeps at hand for questions about the present. */
  readonly maxLive: number;
}

export interface RegistryConfig {
  readonly etcd: {
    /** URLs of etcd; empty: the registry lies in the data folder. */
    readonly endpoints: readonly string[];
    /** Put in front of every key. */
    readonly prefix: string;
    /** What the data folder holds of before goes to etcd at the start. */
    readonly bringOver: boolean;
    readonly user: string | undefined;
    /** The password, or `file:PATH`. */
    readonly password: string | undefined;
    /** PEM files: who signed etcd's certificate where that is nobody the system knows, and our own certificate with its key. */
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
  };
}

export interface LimitsConfig {
  /** Most levels of nesting in a GraphQL document. */
  readonly depth: number;
  /** Most elements that a document may ask for, as estimated from its page sizes. */
  readonly cost: number;
  /** Most entries in a page of a list. */
  readonly pageSize: number;
  /** Most elements in one picture of the topology. */
  readonly pictureElements: number;
  /** Largest request body or WebSocket message. */
  readonly requestBytes: Bytes;
  /** Subscriptions in one WebSocket connection. */
  readonly subscriptionsPerConnection: number;
  /** Operations that run at once in one WebSocket connection, subscriptions among them. */
  readonly operationsPerConnection: number;
  /** WebSocket connections of clients; agents are not counted. */
  readonly connections: number;
  /** Connections of any kind with one address. */
  readonly connectionsPerAddress: number;
  /** Longest that a request or a message may take to arrive. */
  readonly arrival: Milliseconds;
  /** How often a client over WebSocket is asked whether it is there. */
  readonly ping: Milliseconds;
  /** Longest that a query or mutation may take. */
  readonly deadline: Milliseconds;
}

/** What one origin (an agent or a publisher) may hold and send. */
export interface QuotaConfig {
  readonly elements: number;
  readonly metadataBytes: Bytes;
  readonly changesPerSecond: number;
}

export interface GraceConfig {
  /** How long an agent may be away before its elements are closed. */
  readonly agentLost: Milliseconds;
}
