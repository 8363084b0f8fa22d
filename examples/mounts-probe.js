// A whole probe: what is mounted on the host. Run it with
//
//   canopy allinone --set agent.probes=host,netlink,netns,./examples/mounts-probe.js
//   canopy nodes --type mount
//
// docs/writing-a-probe.md says what each part means.
import { readFileSync } from 'node:fs';

/** Milliseconds between two looks. */
const LOOK_AGAIN = 5_000;

/** @type {import('../agent/probes/kit/probe.js').ProbeDefinition} */
export default {
  name: 'mounts',
  summary: 'File systems that are mounted on the host',
  needsLinux: false,
  needs: [],
  keys: [
    { path: 'Name', kind: 'state', type: 'text', indexed: true, meaning: 'Where it is mounted.' },
    { path: 'Type', kind: 'state', type: 'text', indexed: true, meaning: 'mount' },
    { path: 'FileSystem', kind: 'state', type: 'text', meaning: 'Kind of the file system: ext4, tmpfs, …' },
  ],
  create: (context) => new MountsProbe(context),
};

class MountsProbe {
  /** @param {import('../agent/probes/kit/probe.js').ProbeContext} context */
  constructor(context) {
    this.context = context;
    this.known = new Set();
  }

  start() {
    this.look();
    this.cancel = this.context.clock.every(LOOK_AGAIN, () => this.look());
  }

  stop() {
    this.cancel?.();
  }

  /** What it throws, from a timer too, ends this run of the probe; it is shown, and started again a little later. */
  look() {
    const { id, graph, root, health } = this.context;
    const present = new Set();
    graph.batch(() => {
      for (const line of readFileSync('/proc/self/mounts', 'utf8').trim().split('\n')) {
        const [, path = '', fileSystem = ''] = line.split(' ');
        const node = id('mount', path);
        present.add(node);
        graph.putNode({ id: node, parent: root, metadata: { Name: path, Type: 'mount', FileSystem: fileSystem } });
      }
      for (const node of this.known) if (!present.has(node)) graph.removeNode(node);
    });
    this.known = present;
    health.heard(present.size);
  }
}
