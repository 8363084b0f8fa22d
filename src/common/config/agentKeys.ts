import * as defaults from './defaults.js';
import type { KeyTable } from './keyEntry.js';
import * as kinds from './kinds.js';
import { metadataFiles } from './metadataFiles.js';
import { DAY, MIB, SECOND, TIB } from './units.js';

/** What an agent is told: what it watches, what it may be asked, and how much it may use. */
export const AGENT_KEYS: KeyTable<'agent'> = {
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
    doc: 'Threads among which captures are shared out. Together with those that belong to one busy capture there are at most one less than there are processors, and one at least.',
    example: '4',
  },
  'agent.capture.moveAbove': {
    kind: kinds.count(1, 1_000_000_000),
    default: defaults.CAPTURE_MOVE_ABOVE,
    doc: 'Packets/s above which a capture of the type `afpacket` gets a thread of its own. No packet is lost or counted twice; the flows so far are sent with the reason `moved`, and conversations that go on make new flows with the same tracking ids. Where there is no thread left, the capture on the node says so as `crowded`.',
    example: '200000',
  },
  'agent.capture.spreadAbove': {
    kind: kinds.count(1, 1_000_000_000),
    default: defaults.CAPTURE_SPREAD_ABOVE,
    doc: 'Packets/s above which a capture is spread over more threads, each with the packets of other flows; also where a thread of its own loses packets second after second.',
    example: '1000000',
  },
  'agent.capture.quietAfter': {
    kind: kinds.duration(1_000, 86_400_000),
    default: defaults.CAPTURE_QUIET_AFTER,
    doc: 'For how long a capture has to be at less than half of what gave it more threads, before it gives them up.',
    example: '10m',
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
    doc: 'Where the database of Open vSwitch is, for the probe `ovsdb` and for captures on bridges and ports: `unix:PATH` or `tcp:HOST:PORT`. Where the default is not there, the host is taken to have no Open vSwitch.',
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
    doc: 'Most flows in the table of one capture on one node, about 300 bytes each, and up to 3 KiB each where a capture reassembles TCP. One more, and the one that was idle for longest is sent early.',
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
};
