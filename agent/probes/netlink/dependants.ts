import { lowerIndexes, type Link } from './link.js';

/** Indexes of links that it may have edges to. */
function relatedIndexes(link: Link): Set<number> {
  const indexes = new Set(lowerIndexes(link));
  if (link.message.masterIndex !== 0) indexes.add(link.message.masterIndex);
  return indexes;
}

/** Lets the links that it names find it, whether they are known or not. */
export function addDependant(link: Link): void {
  const { dependants } = link.namespace;
  for (const ifIndex of relatedIndexes(link)) {
    const links = dependants.get(ifIndex);
    if (links === undefined) dependants.set(ifIndex, new Set([link]));
    else links.add(link);
  }
}

/** Before it changes, or goes. */
export function dropDependant(link: Link): void {
  const { dependants } = link.namespace;
  for (const ifIndex of relatedIndexes(link)) {
    const links = dependants.get(ifIndex);
    links?.delete(link);
    if (links?.size === 0) dependants.delete(ifIndex);
  }
}
