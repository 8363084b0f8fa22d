import { WebSocket } from 'ws';
import { Peer } from './peer.js';

/** An element as an agent of Skydive tells of it. */
export const element = (id: string, host: string, metadata: object, more: object = {}) => ({
  ID: id,
  Host: host,
  Origin: `agent.${host}`,
  CreatedAt: 1_700_000_000_000,
  UpdatedAt: 1_700_000_000_000,
  Revision: 1,
  Metadata: metadata,
  ...more,
});

/** A host with one interface, `HOST-eth0`, whose TID is `HOST-tid`; the interface has what else is given. */
export const hostGraph = (host: string, more: object = {}) => ({
  Nodes: [
    element(`${host}-host`, host, { Type: 'host', Name: host }),
    element(`${host}-eth0`, host, {
      ...{ Type: 'device', Name: 'eth0', TID: `${host}-tid`, State: 'UP', MAC: '02:00:00:00:00:01', IPV4: ['10.9.0.1/24'] },
      ...{ Metric: { RxBytes: 10 } },
      ...more,
    }),
  ],
  Edges: [element(`${host}-own`, host, { RelationType: 'ownership' }, { Parent: `${host}-host`, Child: `${host}-eth0` })],
});

/** Connects as an agent of the host does; as long as its last connection is not gone there, it is tried again. */
export async function connectAgent(
  url: string,
  host: string,
  protocol: 'json' | 'protobuf' = 'protobuf',
  more: Readonly<Record<string, string>> = {},
): Promise<Peer> {
  const headers = { 'X-Host-ID': host, 'X-Client-Type': 'agent', ...more };
  for (let tries = 0; ; tries += 1) {
    try {
      return await Peer.connect(url, '/ws/agent/topology', { protocol, headers });
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** The connection over which it only pushes flows. */
export async function connectFlows(url: string, host: string): Promise<WebSocket> {
  const webSocket = new WebSocket(`${url.replace('http', 'ws')}/ws/agent/flow`, {
    headers: { 'X-Host-ID': host, 'X-Client-Type': 'agent', 'X-Client-Protocol': 'protobuf' },
  });
  await new Promise((resolve, reject) => webSocket.once('open', resolve).once('error', reject));
  return webSocket;
}
