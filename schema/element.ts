import { createUnionType } from 'type-graphql';
import { Edge } from './edge.js';
import { Host } from './host.js';
import { NetworkInterface } from './networkInterface.js';
import { NetworkNamespace } from './networkNamespace.js';
import { CustomNode } from './node.js';
import { connectionOf } from './page.js';

export const Element = createUnionType({
  name: 'Element',
  description: 'A node of any kind, or an edge.',
  types: () => [Host, NetworkNamespace, NetworkInterface, CustomNode, Edge] as const,
});

export const ElementConnection = connectionOf('Element', () => Element);
