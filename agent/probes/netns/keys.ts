import type { MetadataKey } from '../kit/metadataKeys.js';

/** Every key that the netns probe writes. */
export const NETNS_KEYS: readonly MetadataKey[] = [
  {
    path: 'Name',
    kind: 'state',
    type: 'text',
    indexed: true,
    meaning: 'Name of the namespace: that of its file; `net:[INODE]`, as the kernel says, where only processes hold it.',
  },
  { path: 'Type', kind: 'state', type: 'text', indexed: true, meaning: 'netns' },
  { path: 'TID', kind: 'state', type: 'text', indexed: true, meaning: 'Topological id, made from the host’s and the path.' },
  {
    path: 'Path',
    kind: 'state',
    type: 'text',
    meaning: 'File by which the namespace is entered: one over which it is mounted, or that of a process in it.',
  },
  { path: 'PID', kind: 'state', type: 'integer', meaning: 'A process that holds the namespace, where it has no name.' },
  { path: 'Command', kind: 'state', type: 'text', meaning: 'What that process is called.' },
  {
    path: 'Inode',
    kind: 'state',
    type: 'integer',
    meaning: 'Inode of the namespace; the kernel gives it again to another one as soon as this one is gone.',
  },
  { path: 'Device', kind: 'state', type: 'integer', meaning: 'Device number of the file system of namespaces.' },
];
