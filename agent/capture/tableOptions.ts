import { parseDuration } from '../../src/common/duration.js';
import type { AgentConfig } from '../../src/common/config/config.js';
import type { JsonObject } from '../../src/common/json.js';
import { EXTRA_LAYERS, type ApplicationPorts, type FlowTableOptions } from '../../src/flow/table/options.js';
import type { NodeRevision } from '../../src/graph/element.js';
import type { CaptureSpec } from '../../src/protocol/capture.js';

/** What the table of a capture on a node does with its packets; `isAlone`: no other runs there. Entries of the configuration that mean nothing are left out. */
export function tableOptions(
  spec: CaptureSpec,
  nodeTid: string,
  node: NodeRevision,
  isAlone: boolean,
  config: AgentConfig['flow'],
): FlowTableOptions {
  const { MPLSUDPPort: mplsUdpPort } = node.metadata;
  return {
    captureId: spec.id,
    nodeTid,
    idSalt: isAlone ? '' : spec.id,
    layerKeyMode: spec.layerKeyMode,
    extraTcpMetric: spec.extraTcpMetric,
    ipDefrag: spec.ipDefrag,
    reassembleTcp: spec.reassembleTcp,
    extraLayers: spec.extraLayers.reduce((bits, layer) => bits | EXTRA_LAYERS[layer], 0),
    rawPacketLimit: spec.rawPacketLimit,
    maxFlows: config.maxFlows,
    updateMs: config.update,
    expireMs: config.expire,
    applicationPorts: readPorts(config.applicationPorts),
    applicationTimeouts: new Map(
      Object.entries(config.applicationTimeouts).flatMap(([name, value]) => {
        const timeout = typeof value === 'string' ? parseDuration(value) : undefined;
        return timeout === undefined ? [] : [[name.toUpperCase(), timeout] as const];
      }),
    ),
    mplsUdpPort: typeof mplsUdpPort === 'number' ? mplsUdpPort : 0,
  };
}

/** `{ '443/tcp': 'HTTPS' }`. */
function readPorts(ports: JsonObject): ApplicationPorts {
  const result = { tcp: new Map<number, string>(), udp: new Map<number, string>() };
  for (const [key, name] of Object.entries(ports)) {
    const match = /^(\d+)\/(tcp|udp)$/.exec(key);
    if (match !== null && typeof name === 'string') result[match[2] as 'tcp' | 'udp'].set(Number(match[1]), name);
  }
  return result;
}
