import type { ListedChange } from '../data/changesOf.js';

/** Changes of one moment on one host: what a person did, and what followed from it. */
export interface ChangeGroup {
  readonly key: string;
  readonly lead: ListedChange;
  readonly others: readonly ListedChange[];
}

/** Milliseconds within which changes belong together. */
const TOGETHER_MS = 150;

/** Puts changes that came together under one: rather a thing than a link, rather one that came or went. The list is newest first. */
export function grouped(changes: readonly ListedChange[]): readonly ChangeGroup[] {
  const groups: ListedChange[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    const isNear =
      last !== undefined &&
      last[0]!.element.host === change.element.host &&
      Date.parse(last.at(-1)!.at) - Date.parse(change.at) <= TOGETHER_MS;
    if (isNear) last.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => {
    const lead = [...group].sort((a, b) => weight(b) - weight(a))[0]!;
    return { key: lead.cursor, lead, others: group.filter((change) => change !== lead) };
  });
}

const weight = ({ element, op }: ListedChange): number =>
  (element.__typename === 'Edge' ? 0 : element.type === 'netns' ? 3 : 2) + (op === 'UPDATED' ? 0 : 1);
