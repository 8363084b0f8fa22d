import type { ConfigPath } from '../../common/config/keys.js';

/** What becomes of one key of a Skydive configuration. */
export type OldKey =
  /** Its value, written as ours; `undefined` for a value that says nothing. `note`: what is different. */
  { readonly to: ConfigPath; readonly write: (value: unknown) => unknown; readonly note?: string } | { readonly dropped: string };

const asIs = (value: unknown): unknown => value;
const text = (value: unknown): unknown => (value === null ? undefined : String(value));
const seconds = (value: unknown): unknown => (typeof value === 'number' ? `${value}s` : text(value));
const list = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(String)
    : String(value)
        .split(/[\s,]+/)
        .filter(Boolean);

const take = (to: ConfigPath, write: (value: unknown) => unknown = asIs, note?: string): OldKey => ({ to, write, note });
const drop = (dropped: string): OldKey => ({ dropped });

/** The probes that every agent has are not named in old files. */
const ALWAYS: readonly string[] = ['host', 'netlink', 'netns'];
/** Probes of ours that do what an old one did. */
const PROBES: ReadonlySet<string> = new Set([...ALWAYS, 'ovsdb']);

const LEVELS: Readonly<Record<string, string>> = {
  DEBUG: 'debug',
  INFO: 'info',
  NOTICE: 'info',
  WARNING: 'warn',
  WARN: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
};

const withScheme = (address: string): string => (/^[\w+]+:\/\//.test(address) ? address : `http://${address}`);

/** Ports by protocol, as `443/tcp`. */
const ports =
  (protocol: 'tcp' | 'udp') =>
  (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([port, name]) => [`${port}/${protocol}`, String(name).toUpperCase()]))
      : undefined;

/** Keys by their dotted path. Where several go to one of ours, maps and lists are put together. */
export const OLD_KEYS: Readonly<Record<string, OldKey>> = {
  host_id: take('agent.hostId', text),
  'analyzer.listen': take('listen', text),
  'tls.server_cert': take('tls.certificate', text),
  'tls.server_key': take('tls.key', text),
  'tls.client_cert': take('tls.clientCertificate', text),
  'tls.client_key': take('tls.clientKey', text),
  'tls.ca_cert': take('tls.authorities', text, 'what an agent trusts; tls.clientAuthorities says whose certificates let agents in'),
  'tls.require_client_cert': take('tls.requireClientCertificate'),
  'auth.BASIC.file': take(
    'auth.usersFile',
    text,
    'hashes of htpasswd -B are read as they are; whoever has another kind of hash is added anew: canopy user add',
  ),
  'auth.BASIC.role': take('auth.defaultRole', text),
  'auth.BASIC.users': drop('passwords are not kept as text: canopy user add NAME'),
  'auth.BASIC.type': drop('the keys that are set say it'),
  'auth.KEYSTONE.auth_url': take('auth.keystone.url', text),
  'auth.KEYSTONE.tenant_name': take('auth.keystone.project', text),
  'auth.KEYSTONE.domain_name': take('auth.keystone.domain', text),
  'auth.KEYSTONE.role': take('auth.keystone.defaultRole', text),
  'auth.KEYSTONE.type': drop('the keys that are set say it'),
  'analyzer.auth.api.backend': drop(
    'users are asked for where auth.usersFile, auth.tokensFile, auth.keystone or auth.oidc is set; there is one list of users for all doors',
  ),
  'rbac.policy': take('auth.policy', (value) => (Array.isArray(value) ? value.map(String) : undefined)),
  'rbac.model.request_definition': take('auth.model', (value) => ({ request_definition: value })),
  'rbac.model.policy_definition': take('auth.model', (value) => ({ policy_definition: value })),
  'rbac.model.role_definition': take('auth.model', (value) => ({ role_definition: value })),
  'rbac.model.policy_effect': take('auth.model', (value) => ({ policy_effect: value })),
  'rbac.model.matchers': take('auth.model', (value) => ({ matchers: value })),
  analyzers: take('analyzer', (value) => (list(value) as string[]).map(withScheme)[0], 'an agent speaks to one analyzer: the first'),
  'agent.listen': take('agent.listen', text, 'health, metrics and a look at the graph, on loopback only'),
  'agent.topology.probes': take(
    'agent.probes',
    (value) =>
      [...ALWAYS, ...(list(value) as string[]).filter((name) => PROBES.has(name))].filter((name, at, all) => all.indexOf(name) === at),
    'only host, netlink, netns and ovsdb are there; others are loaded from a path or a package',
  ),
  'agent.topology.netlink.metrics_update': take('agent.netlink.metricsInterval', seconds),
  'agent.topology.netns.run_path': take('agent.netns.runPaths', list),
  'netns.run_path': take('agent.netns.runPaths', list),
  'agent.topology.docker.netns.run_path': take('agent.netns.runPaths', list),
  'agent.metadata': take('agent.metadata'),
  'agent.metadata_config.files': take('agent.metadataFiles', (value) =>
    Array.isArray(value)
      ? Object.fromEntries(
          (value as { name: string; path: string; type?: string; selector?: string }[]).map(({ name, ...file }) => [
            name,
            Object.fromEntries(Object.entries(file).filter(([, one]) => one)),
          ]),
        )
      : undefined,
  ),
  'agent.flow.pcapsocket.bind_address': take('agent.capture.pcapSocketAddress', text),
  'agent.flow.pcapsocket.min_port': take('agent.capture.pcapSocketMinPort'),
  'agent.flow.pcapsocket.max_port': take('agent.capture.pcapSocketMaxPort'),
  'agent.flow.pcapsocket.port_min': take('agent.capture.pcapSocketMinPort'),
  'agent.flow.pcapsocket.port_max': take('agent.capture.pcapSocketMaxPort'),
  'agent.flow.sflow.port_min': take('agent.capture.sflowMinPort'),
  'agent.flow.sflow.port_max': take('agent.capture.sflowMaxPort'),
  'agent.flow.netflow.port_min': take('agent.capture.netflowMinPort'),
  'agent.flow.netflow.port_max': take('agent.capture.netflowMaxPort'),
  'ovs.ovsdb': take('agent.ovsdb', text),
  'flow.update': take('agent.flow.update', seconds),
  'flow.expire': take('agent.flow.expire', seconds),
  'flow.max_entries': take('agent.flow.maxFlows'),
  'flow.application_timeout': take('agent.flow.applicationTimeouts', (value) =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, seconds(one)]))
      : undefined,
  ),
  'flow.application_ports.tcp': take('agent.flow.applicationPorts', ports('tcp')),
  'flow.application_ports.udp': take('agent.flow.applicationPorts', ports('udp')),
  'flow.default_layer_key_mode': drop('said of each capture: canopy capture create --layer-key-mode'),
  'flow.protocol': drop('flows of our agents travel on their connection; agents of Skydive may send theirs either way'),
  'logging.level': take('logLevel', (value) => LEVELS[String(value).toUpperCase()]),
  'etcd.servers': take('registry.etcd.endpoints', (value) => (list(value) as string[]).map(withScheme)),
  'analyzer.topology.backend': drop('the history is always kept, in the data folder; history.home: neo4j keeps it in Neo4j too'),
  'analyzer.flow.backend': drop('flows are always kept, in the data folder'),
  'analyzer.topology.fabric': drop(
    'make node and edge rules, which outlive every start: canopy rule create-node, canopy rule create-edges',
  ),
  'analyzer.topology.probes': drop('Kubernetes, Istio and OVN are not there yet'),
};

/** Why whole branches have no place here: of a key the first that it lies in. */
export const OLD_BRANCHES: readonly (readonly [prefix: string, why: string])[] = [
  ['analyzer.startup', 'captures outlive every start: canopy capture create --gremlin … --bpf … --type …, once'],
  ['analyzer.topology', 'this probe is not there yet'],
  ['analyzer.auth', 'agents show a token: canopy token create --role agent; those of Skydive may show a name and a password'],
  ['agent.auth', 'an agent shows the token in tokenFile: canopy token create'],
  ['auth', 'users are in auth.usersFile, in Keystone or with an OpenID provider'],
  ['http.cookie', 'our clients send no cookies of others'],
  ['http', 'connections need no tuning'],
  ['storage', 'the history and the flows are kept in the data folder'],
  ['etcd', 'no etcd is brought along: without one captures are kept in the data folder'],
  ['ui', 'the page keeps its settings in its address'],
  ['logging', 'messages go to standard error as JSON lines; whoever starts the process keeps them'],
  ['agent.topology', 'this probe is not there yet'],
  ['agent.flow.probes', 'a capture says itself of which type it is'],
  ['agent.flow.ebpf', 'the kernel counts the flows, which are read once a second'],
  ['agent.flow.sflow', "datagrams are heard on the node's own address"],
  ['agent.flow.netflow', "datagrams are heard on the node's own address"],
  ['agent.flow', 'nothing to set'],
  ['agent.capture', 'statistics are told as they change'],
  ['ovs', 'this probe is not there yet'],
  ['opencontrail', 'this probe is not there yet'],
  ['dpdk', 'this source of packets is not there yet'],
  ['plugin', 'probes of others are loaded from a path or a package: agent.probes'],
  ['cache', 'nothing is cached for a time: answers are of the present'],
  ['graph', 'the history is always kept, in the data folder; history.home: neo4j keeps it in Neo4j too'],
  ['flow', 'nothing to set'],
  ['analyzer.ssh_enabled', 'the page opens no terminal'],
  ['analyzer.flow', 'what is kept for a slow store is bounded by itself'],
  ['analyzer.replication', 'analyzers do not speak to each other yet'],
  ['analyzer', 'nothing to set'],
];

/** Why a key without a place of its own is left out; `undefined` for one that Skydive never had. */
export const reasonFor = (key: string): string | undefined =>
  OLD_BRANCHES.find(([prefix]) => key === prefix || key.startsWith(`${prefix}.`))?.[1];
