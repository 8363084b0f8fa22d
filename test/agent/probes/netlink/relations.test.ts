import { beforeEach, describe, expect, it } from 'vitest';
import { decodeLink } from '../../../../agent/linux/netlink/link.js';
import { AgentGraph } from '../../../../agent/probes/kit/agentGraph.js';
import type { Link } from '../../../../agent/probes/netlink/link.js';
import { Relations } from '../../../../agent/probes/netlink/relations.js';
import type { WatchedNamespace } from '../../../../agent/probes/netlink/watchedNamespace.js';
import { linkBody, type LinkFields } from '../../linux/netlink/bytes.js';

describe('layer-2 edges between links', () => {
  let namespace: WatchedNamespace;
  let relations: Relations;
  let refreshed: string[];

  /** What the probe looks at of a namespace: its links, and who names which index. */
  const add = (fields: LinkFields): Link => {
    const link = { id: fields.name, namespace, message: decodeLink(linkBody(fields))!, edges: new Set() } as unknown as Link;
    namespace.links.set(fields.index, link);
    index(link);
    return link;
  };
  const index = (link: Link): void => {
    for (const ifIndex of [link.message.masterIndex, link.message.parentIndex]) {
      if (ifIndex === 0) continue;
      const named = namespace.dependants.get(ifIndex) ?? new Set();
      // As a link that is asked again: it leaves its place and comes back at the end.
      named.delete(link);
      namespace.dependants.set(ifIndex, named.add(link));
    }
  };

  beforeEach(() => {
    namespace = { links: new Map(), dependants: new Map() } as unknown as WatchedNamespace;
    refreshed = [];
    relations = new Relations({
      graph: new AgentGraph('host', () => undefined).writer('netlink'),
      resolve: () => undefined,
      refresh: (link) => {
        refreshed.push(link.id);
        index(link);
      },
    });
  });

  it('join the ends of a pair when the second one comes', () => {
    const one = add({ index: 2, name: 'one', kind: 'veth', link: 3 });
    relations.changed(one);
    expect(relations.peerOf(one)).toBeUndefined();
    const two = add({ index: 3, name: 'two', kind: 'veth', link: 2 });
    relations.changed(two);
    expect(relations.peerOf(one)).toBe(two);
  });

  it('are looked at once where an end names an index that another kind of link has now', () => {
    const alone = add({ index: 2, name: 'alone', kind: 'veth', link: 3 });
    relations.changed(alone);
    const other = add({ index: 3, name: 'other', kind: 'dummy' });
    relations.changed(other);
    expect(alone.edges.size).toBe(0);
  });

  it('are looked at once where ends of a bridge name each other wrongly', () => {
    add({ index: 3, name: 'one', kind: 'veth', master: 2, link: 4 });
    add({ index: 4, name: 'two', kind: 'veth', master: 2, link: 5 });
    add({ index: 5, name: 'three', kind: 'veth', master: 2, link: 3 });
    relations.changed(add({ index: 2, name: 'bridge', kind: 'bridge' }));
    expect(refreshed).toEqual(['two', 'three', 'one']);
  });
});
