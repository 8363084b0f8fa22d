import { data } from '../graphqlOverHttp.js';

const PUBLISH = `mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { created } }`;

interface Element {
  readonly id: string;
  readonly [key: string]: unknown;
}

/**
 * A rack of so many hosts on one switch, as an inventory would publish it: each with an uplink, a bridge and some namespaces. With `routes` each
 * namespace also has links of layer 3: to its host's uplink, to one of the next host, and every second to one of its own host.
 */
export async function publishHosts(url: string, count: number, interfaces = 12, routes = false): Promise<void> {
  const nodes: Element[] = [{ id: 'tor', name: 'tor-1', type: 'switch', host: 'tor-1', metadata: { State: 'UP' } }];
  const edges: Record<string, unknown>[] = [];
  const own = (source: string, target: string): number => edges.push({ source, target, relationType: 'ownership' });
  const link = (source: string, target: string): number => edges.push({ source, target, relationType: 'layer2' });
  const route = (source: string, target: string): number => edges.push({ source, target, relationType: 'layer3' });
  for (let number = 1; number <= count; number++) {
    const host = `web-${number}`;
    nodes.push({ id: host, name: host, type: 'host', host });
    nodes.push({ id: `tor-p${number}`, name: `port${number}`, type: 'switchport', host: 'tor-1', metadata: { State: 'UP' } });
    own('tor', `tor-p${number}`);
    const uplink = `${host}-eth0`;
    const bridge = `${host}-br0`;
    nodes.push({ id: uplink, name: 'eth0', type: 'device', host, metadata: { State: 'UP', Speed: 10_000 } });
    nodes.push({ id: bridge, name: 'br0', type: 'bridge', host, metadata: { State: 'UP' } });
    own(host, uplink);
    own(host, bridge);
    link(uplink, `tor-p${number}`);
    link(bridge, uplink);
    for (let index = 0; index < interfaces; index++) {
      const id = `${host}-veth${index}`;
      const namespace = `${host}-ns${index}`;
      const state = (number + index) % 17 === 0 ? 'DOWN' : 'UP';
      nodes.push({ id, name: `veth${index}`, type: 'veth', host, metadata: { State: state } });
      nodes.push({ id: namespace, name: `app-${index}`, type: 'netns', host, metadata: { Path: `/run/netns/app-${index}` } });
      nodes.push({
        id: `${namespace}-eth0`,
        name: 'eth0',
        type: 'veth',
        host,
        metadata: { State: state, IPV4: [`10.${number}.0.${index + 1}/24`] },
      });
      own(host, id);
      own(host, namespace);
      own(namespace, `${namespace}-eth0`);
      link(bridge, id);
      link(id, `${namespace}-eth0`);
      if (!routes) continue;
      route(`${namespace}-eth0`, uplink);
      route(`${namespace}-eth0`, `web-${(number % count) + 1}-ns${index}-eth0`);
      if (index % 2) route(`${namespace}-eth0`, `${host}-ns${index - 1}-eth0`);
    }
  }
  const size = 2_000;
  for (let start = 0; start < nodes.length; start += size)
    await data(url, PUBLISH, { input: { origin: 'inventory', nodes: nodes.slice(start, start + size) } });
  for (let start = 0; start < edges.length; start += size)
    await data(url, PUBLISH, { input: { origin: 'inventory', edges: edges.slice(start, start + size) } });
}
