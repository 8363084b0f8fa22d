import { existsSync } from 'node:fs';
import { socketFile } from '../../ovsdb/ovsdb.js';
import { afpacket } from '../afpacket/source.js';
import type { SourceDefinition, SourceHost } from '../source.js';

/** Captures that a bridge of Open vSwitch takes part in. */

function withoutSwitch({ ovsdb }: SourceHost): string | undefined {
  const file = socketFile(ovsdb);
  return file === undefined || existsSync(file) ? undefined : `Open vSwitch is not here: there is no ${file} (agent.ovsdb)`;
}

/** Samples of what a bridge switches. */
export const ovssflow: SourceDefinition = { type: 'ovssflow', impossible: withoutSwitch };

/** What a bridge counts of each flow. */
export const ovsnetflow: SourceDefinition = {
  type: 'ovsnetflow',
  impossible: withoutSwitch,
  refuses: ({ bpf }) => (bpf === '' ? undefined : 'a capture of the type ovsnetflow takes no filter; ovssflow does'),
};

/** All packets of a port, copied to an interface that is made for it. */
export const ovsmirror: SourceDefinition = { type: 'ovsmirror', impossible: (host) => withoutSwitch(host) ?? afpacket.impossible(host) };
