import type { CaptureType } from '../../src/protocol/capture.js';
import { afpacket } from './afpacket/source.js';
import { dpdk } from './dpdk/source.js';
import { ebpf } from './ebpf/source.js';
import { netflow } from './netflow/source.js';
import { ovsmirror, ovsnetflow, ovssflow } from './ovs/source.js';
import { pcap } from './pcap/source.js';
import { pcapsocket } from './pcapsocket/source.js';
import { sflow } from './sflow/source.js';
import type { SourceDefinition } from './source.js';

/** Every kind of capture that this agent knows. */
export const SOURCES: readonly SourceDefinition[] = [
  afpacket,
  pcap,
  pcapsocket,
  sflow,
  netflow,
  ebpf,
  ovssflow,
  ovsnetflow,
  ovsmirror,
  dpdk,
];

const BY_TYPE = new Map<CaptureType, SourceDefinition>(SOURCES.map((source) => [source.type, source]));

export const sourceOf = (type: CaptureType): SourceDefinition | undefined => BY_TYPE.get(type);
