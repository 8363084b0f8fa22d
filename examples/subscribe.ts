/**
 * Follows the topology and never misses a change: begins with the picture, and after a lost connection goes on with what came meanwhile.
 *
 *   npx tsx examples/subscribe.ts [URL] [TYPE]
 */
import { connect, type ElementRow } from 'canopy/client';

const [url, type] = process.argv.slice(2);

const nameOf = (element: ElementRow): string =>
  'relationType' in element ? `${element.relationType} ${element.id}` : `${element.type} ${element.name}`;

const canopy = connect({ url, token: process.env.TOKEN });
const news = canopy.watchTopology({
  filter: type === undefined ? undefined : { nodes: { type: { eq: type } } },
  onLost: ({ message }) => console.error(message),
});

for await (const event of news) {
  if (event.kind === 'present') for (const node of event.nodes) console.log(`  ${nameOf(node)}`);
  else if (event.kind === 'changes') for (const { op, at, element } of event.changes) console.log(`${at} ${op} ${nameOf(element)}`);
  // Too long away: what followed is not kept any more, so what we know is void, and the picture comes again.
  else console.log(`begins anew: ${event.reason}`);
}
