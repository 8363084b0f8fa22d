import { ip, Network, uniquePrefix } from '../network.js';

/** A small network to look at: a bridge with three namespaces behind it, one link that is down. */
export interface Lab {
  readonly prefix: string;
  readonly network: Network;
  /** Name of a link or namespace of the lab. */
  name(part: string): string;
}

export function openLab(): Lab {
  const prefix = uniquePrefix();
  const name = (part: string): string => `${prefix}${part}`;
  const network = new Network();
  network.addLink(name('br'), 'type', 'bridge');
  ip('link', 'set', name('br'), 'up');
  ['web', 'api', 'db'].forEach((role, index) => {
    const namespace = network.addNamespace(name(role));
    network.addLink(name(`v${index}`), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('link', 'set', name(`v${index}`), 'master', name('br'));
    ip('link', 'set', name(`v${index}`), 'up');
    ip('-n', namespace, 'address', 'add', `10.77.9.${index + 1}/24`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  });
  network.addLink(name('down'), 'type', 'veth', 'peer', 'name', name('nowd'));
  return { prefix, network, name };
}
