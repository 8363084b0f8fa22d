/**
 * Sources of the workflows that come with the analyzer: JavaScript, a function each, in the surroundings that Skydive gives to workflows (`Gremlin`,
 * `client`, `sleep`). What is called is awaited, so that it may take its time.
 */

/** Shared by those that follow a path: a node by its id or `TID`, and the nodes of the shortest path of links between two. */
const PATHS = String.raw`
  const ask = async (query) => JSON.parse(await Gremlin(query)) || [];
  const quoted = (text) => "'" + text + "'";
  const find = async (end) => {
    const [node] = await ask('G.V().HasEither("@ID", ' + quoted(end) + ', "TID", ' + quoted(end) + ')');
    if (node === undefined) throw new Error('there is no node ' + end);
    return node;
  };
  const pathText = (from, to) => {
    const key = to.Metadata.TID === undefined ? 'Name' : 'TID';
    return 'G.V(' + quoted(from.ID) + ').ShortestPathTo(Metadata("' + key + '", ' + quoted(to.Metadata[key]) + '), Metadata("RelationType", "layer2"))';
  };`;

export const CHECK_CONNECTIVITY = String.raw`async function CheckConnectivity(source, destination) {${PATHS}
  const path = pathText(await find(source), await find(destination));
  if ((await ask(path)).length === 0) return { Connectivity: false, Flows: [] };
  const end = (node) => 'G.V().HasEither("@ID", ' + quoted(node) + ', "TID", ' + quoted(node) + ')';
  const capture = await client.captures.create({ GremlinQuery: path });
  try {
    await sleep(1000);
    const packets = { Src: end(source), Dst: end(destination), Type: 'icmp4', Count: 5, Interval: 100, ICMPID: 1 + Math.floor(Math.random() * 65000) };
    await client.packetInjections.create(packets);
    await sleep(1000);
    const flows = await ask('G.Flows().Has("CaptureID", ' + quoted(capture.UUID) + ', "ICMP.ID", ' + packets.ICMPID + ')');
    return { Connectivity: flows.length > 0, Flows: flows };
  } finally {
    await client.captures.delete(capture.UUID);
  }
}
`;

export const CHECK_MTU = String.raw`async function CheckMTU(source, destination) {${PATHS}
  const [path] = await ask(pathText(await find(source), await find(destination)));
  if (path === undefined) throw new Error('no path leads from ' + source + ' to ' + destination);
  let least = Infinity;
  for (const node of path) {
    if (node.Metadata.MTU === undefined) continue;
    if (node.Metadata.MTU < least && least !== Infinity) return false;
    least = node.Metadata.MTU;
  }
  return true;
}
`;

export const FLOW_MATRIX = String.raw`async function FlowMatrix(useFlows, format, debug) {
  const ask = async (query) => JSON.parse(await Gremlin(query)) || [];
  const nodes = {};
  const edges = {};
  const listeners = {};
  const links = [];
  const add = (host, name) => {
    const id = host.ID + '/' + name;
    nodes[id] = nodes[id] || { ID: id, Host: host.Host, Metadata: { Type: 'process', Name: name, Host: host.Metadata.Name } };
    return id;
  };
  for (const host of await ask('G.V().HasKey("Sockets")')) {
    for (const socket of host.Metadata.Sockets) {
      const id = add(host, socket.Name || socket.Process);
      const local = socket.Protocol + ' ' + socket.LocalAddress + ':' + socket.LocalPort;
      if (socket.State === 'LISTEN') listeners[local] = id;
      else links.push({ from: id, local, to: socket.Protocol + ' ' + socket.RemoteAddress + ':' + socket.RemotePort });
    }
  }
  const owners = {};
  for (const link of links) owners[link.local] = link.from;
  const connect = (from, to, service) => {
    if (from === undefined || to === undefined || listeners[service] === undefined) return;
    const id = from + ' ' + to + ' ' + service;
    edges[id] = { ID: id, Parent: from, Child: to, Metadata: { RelationType: 'connection', Service: service } };
  };
  for (const link of links) connect(link.from, owners[link.to] || listeners[link.to], link.to);
  if (useFlows) {
    for (const flow of await ask('G.Flows().HasEither("Transport.Protocol", "TCP", "Transport.Protocol", "UDP")')) {
      const end = (side) => flow.Transport.Protocol + ' ' + flow.Network[side] + ':' + flow.Transport[side];
      connect(owners[end('A')], owners[end('B')] || listeners[end('B')], end('B'));
    }
  }
  if (format === 'dot') {
    const line = (edge) => JSON.stringify(edge.Parent) + ' -> ' + JSON.stringify(edge.Child) + ' [label=' + JSON.stringify(edge.Metadata.Service) + ']\n';
    return 'digraph g {\n' + Object.values(edges).map(line).join('') + '}';
  }
  return debug ? { nodes, edges, listeners, links } : { nodes, edges };
}
`;

export const FLOW_VALIDATION = String.raw`async function FlowValidation(first, second, all, protocol, from, to, number, seconds) {${PATHS}
  const ends = [await find(first), await find(second)];
  const [path] = all ? await ask(pathText(ends[0], ends[1])) : [ends];
  if (path === undefined) throw new Error('no path leads from ' + first + ' to ' + second);
  const terms = [protocol];
  if (from) terms.push('src host ' + from);
  if (to) terms.push('dst host ' + to);
  if (number && protocol === 'icmp') terms.push('icmp[4:2] = ' + number);
  else if (number) terms.push('port ' + number);
  const query = 'G.V().Has("@ID", Within(' + path.map((node) => quoted(node.ID)).join(', ') + '))';
  const capture = await client.captures.create({ GremlinQuery: query, BPFFilter: terms.join(' and ') });
  try {
    await sleep(1000 * seconds);
    const seen = await ask('G.Flows().Has("CaptureID", ' + quoted(capture.UUID) + ').Values("NodeTID")');
    const captured = await ask(query + '.HasKey("Captures")');
    const missed = captured.filter((node) => !seen.includes(node.Metadata.TID));
    return { Connectivity: seen.length > 0 && missed.length === 0, NotReachedNodes: missed.map((node) => node.Metadata.Name) };
  } finally {
    await client.captures.delete(capture.UUID);
  }
}
`;
