import { execFileSync } from 'node:child_process';
import { BenchNamespace } from './agents/benchNamespace.js';
import { lessIsBetter, type Bench } from './bench.js';
import { compileProject } from './compiled.js';

/** With the loopback. */
const LINKS = 100;

export const bench: Bench = {
  name: 'netlink-dump',
  measures: 'µs for a full dump of 100 links, decoded; baseline: `ip -j link` as a process',
  run: async () => {
    const compiled = compileProject();
    const namespace = new BenchNamespace('dump');
    try {
      namespace.batch(
        Array.from({ length: LINKS - 1 }, (_, index) =>
          index % 2 === 1 ? `link set v${index} up` : `link add v${index} type veth peer name v${index + 1}`,
        ),
      );
      namespace.ip(`link del v${LINKS - 2}`);
      namespace.ip(`link add v${LINKS - 2} type bridge`);
      const script = compiled.file('test/bench/agents/dumpLinks.ts');
      const { ours, theirs } = JSON.parse(execFileSync(process.execPath, [script, namespace.name], { encoding: 'utf8' })) as {
        ours: number;
        theirs: number;
      };
      return [lessIsBetter('netlink-dump', ours, 'µs', theirs)];
    } finally {
      namespace.remove();
      compiled.remove();
    }
  },
};
