import { Bridges } from '../../../../agent/capture/ovs/bridges.js';

/** Attaches to a bridge and to a port, says so, and waits to be killed. */
const [address, owner, bridge, port] = process.argv.slice(2) as [string, string, string, string];
const bridges = new Bridges({ address, owner, lost: () => undefined });
await bridges.export({ key: 1, capture: 'a' }, 'sflow', { name: bridge, uuid: undefined }, { agent: 'lo', targets: '127.0.0.1:9' });
await bridges.mirror({ key: 2, capture: 'b' }, { name: port, uuid: undefined });
process.stdout.write('attached\n');
