import { FLOW_EXPIRE, FLOW_MAX_FLOWS, FLOW_UPDATE } from '../../common/config/defaults.js';

/** `L2`: conversations are told apart by MAC and above; `L3`: by address and above, by MAC only where there is no address. */
export type LayerKeyMode = 'L2' | 'L3';

/** Extra layers as bits, numbered as in Skydive's captures. */
export const EXTRA_LAYERS = { VRRP: 1, DNS: 2, DHCPv4: 4 } as const;
export type ExtraLayerName = keyof typeof EXTRA_LAYERS;

/** Names for ports; an application that has one here replaces the name of the last layer. Keys are port numbers. */
export interface ApplicationPorts {
  readonly tcp: ReadonlyMap<number, string>;
  readonly udp: ReadonlyMap<number, string>;
}

/** What a table does with the packets of one capture on one node. */
export interface FlowTableOptions {
  readonly captureId: string;
  /** `TID` of the node: part of each flow's UUID. */
  readonly nodeTid: string;
  /**
   * Put behind the node in what ids of flows are made from; empty for Skydive's. Captures that begin to see a conversation together on one node would
   * give it the same.
   */
  readonly idSalt: string;
  readonly layerKeyMode: LayerKeyMode;
  /** Times and TTL of SYN, FIN and RST. */
  readonly extraTcpMetric: boolean;
  /** Puts IPv4 fragments together. */
  readonly ipDefrag: boolean;
  /** Follows TCP streams: lost, late and doubled segments. */
  readonly reassembleTcp: boolean;
  /** Sum of `EXTRA_LAYERS`. */
  readonly extraLayers: number;
  /** Raw packets kept for each flow; 0 for none. */
  readonly rawPacketLimit: number;
  /** Flows; when one more comes the one that was idle for longest is sent as `evicted`. */
  readonly maxFlows: number;
  /** Milliseconds between two updates of a flow; 0 for none (imports: each flow comes out once). */
  readonly updateMs: number;
  /** Milliseconds after which an idle flow ends; 0 for never. */
  readonly expireMs: number;
  readonly applicationPorts: ApplicationPorts;
  /** Milliseconds by name of an application in upper case: an idle flow of it ends at the next update. */
  readonly applicationTimeouts: ReadonlyMap<string, number>;
  /** UDP port that carries MPLS; 0 for none. */
  readonly mplsUdpPort: number;
  /** Seed of the table's own hash; random when left out, so that nobody can craft collisions. */
  readonly hashSeed?: number;
}

/** What a capture gets that says nothing. */
export const FLOW_TABLE_DEFAULTS = {
  captureId: '',
  nodeTid: '',
  idSalt: '',
  layerKeyMode: 'L2',
  extraTcpMetric: false,
  ipDefrag: false,
  reassembleTcp: false,
  extraLayers: 0,
  rawPacketLimit: 0,
  maxFlows: FLOW_MAX_FLOWS,
  updateMs: FLOW_UPDATE,
  expireMs: FLOW_EXPIRE,
  applicationPorts: { tcp: new Map<number, string>(), udp: new Map<number, string>() },
  applicationTimeouts: new Map([
    ['ARP', 10_000],
    ['DNS', 10_000],
  ]),
  mplsUdpPort: 0,
} as const satisfies FlowTableOptions;
