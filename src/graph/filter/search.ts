import type { NodeRevision } from '../element.js';
import { addressesOf, macOf } from './addresses.js';
import type { NodeTest } from './compiled.js';

/** Every word must occur in the name, type, host, MAC or one of the addresses, in any case. */
export function compileSearch(search: string): NodeTest {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (node) => {
    const text = searchable(node);
    return words.every((word) => text.includes(word));
  };
}

const searchable = (node: NodeRevision): string =>
  [node.metadata.Name, node.metadata.Type, node.host, macOf(node), ...addressesOf(node)]
    .filter((part) => typeof part === 'string')
    .join('\n')
    .toLowerCase();
