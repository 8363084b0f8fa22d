import { execFileSync } from 'node:child_process';
import { inNamespace, prepareNamespaces, withNamespace } from '../../../agent/linux/namespace.js';
import { dumpLinks, type LinkMessage } from '../../../agent/linux/netlink/link.js';
import { RouteRequests } from '../../../agent/linux/netlink/requests.js';
import { openRouteSocket } from '../../../agent/linux/netlink/socket.js';

/** Full dumps of the links of the named namespace, and the same by `ip -j link`, in turns; prints the medians in µs as JSON. */
const WARM_UP = 2_000;
const ROUNDS = 20;
const DUMPS = 200;

const name = process.argv[2]!;
await prepareNamespaces();
const fd = withNamespace(`/run/netns/${name}`, ({ fd: entered }) =>
  inNamespace(entered, () => openRouteSocket({ groups: [], receiveBufferBytes: 256 * 1024 })),
);
const requests = new RouteRequests(fd);

const dump = (): LinkMessage[] => dumpLinks(requests);

const byProcess = (): { ifname: string }[] =>
  JSON.parse(execFileSync('ip', ['-n', name, '-j', 'link'], { encoding: 'utf8' })) as { ifname: string }[];

const names = (links: readonly string[]): string => [...links].sort().join();
if (names(dump().map((link) => link.name)) !== names(byProcess().map(({ ifname }) => ifname)))
  throw new Error('both must see the same links');
for (let index = 0; index < WARM_UP; index++) dump();
const ours: number[] = [];
const theirs: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  let from = performance.now();
  for (let index = 0; index < DUMPS; index++) dump();
  ours.push(((performance.now() - from) * 1_000) / DUMPS);
  from = performance.now();
  execFileSync('ip', ['-n', name, '-j', 'link']);
  theirs.push((performance.now() - from) * 1_000);
}
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
process.stdout.write(`${JSON.stringify({ links: dump().length, ours: median(ours), theirs: median(theirs) })}\n`);
requests.close();
