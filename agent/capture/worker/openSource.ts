import type { CaptureType } from '../../../src/protocol/capture.js';
import { openAfpacket } from '../afpacket/open.js';
import { openEbpf } from '../ebpf/open.js';
import { openNetflow } from '../netflow/open.js';
import { openOvsmirror, openOvsnetflow, openOvssflow } from '../ovs/open.js';
import { openPcap } from '../pcap/open.js';
import { openPcapsocket } from '../pcapsocket/open.js';
import { openSflow } from '../sflow/open.js';
import type { OpenSource, SourceContext } from '../source.js';

/** How each kind of capture is opened in a worker. */
export const OPEN_SOURCE: Readonly<Partial<Record<CaptureType, (context: SourceContext) => OpenSource>>> = {
  afpacket: openAfpacket,
  pcap: openPcap,
  pcapsocket: openPcapsocket,
  sflow: openSflow,
  netflow: openNetflow,
  ebpf: openEbpf,
  ovssflow: openOvssflow,
  ovsnetflow: openOvsnetflow,
  ovsmirror: openOvsmirror,
};
