import type { CaptureType } from '../../src/protocol/capture.js';
import { afpacket } from './afpacket/source.js';
import { ebpf } from './ebpf/source.js';
import { netflow } from './netflow/source.js';
import { pcap } from './pcap/source.js';
import { pcapsocket } from './pcapsocket/source.js';
import { sflow } from './sflow/source.js';
import type { SourceDefinition } from './source.js';

/** Every kind of capture that this agent knows. */
export const SOURCES: readonly SourceDefinition[] = [afpacket, pcap, pcapsocket, sflow, netflow, ebpf];

const BY_TYPE = new Map<CaptureType, SourceDefinition>(SOURCES.map((source) => [source.type, source]));

export const sourceOf = (type: CaptureType): SourceDefinition | undefined => BY_TYPE.get(type);
