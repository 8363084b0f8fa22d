import { useEffect, useState } from 'react';
import { followTopology } from './follow.js';
import { graphql } from './graphql.js';
import { listen } from './listen.js';

/** Counts the changes of nodes, and of links between them, while they are looked at live; `undefined` watches nothing. */
export function useChangesOf(ids: readonly string[] | undefined): number {
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(ids ?? null);
  useEffect(() => {
    const id = JSON.parse(key) as string[] | null;
    if (id === null) return;
    let isFirst = true;
    return followTopology(
      { nodes: { id } },
      {
        changed: () => {
          if (!isFirst) setTurn((count) => count + 1);
          isFirst = false;
        },
        refused: () => undefined,
      },
    ).stop;
  }, [key]);
  return turn;
}

const Measured = graphql(`
  subscription Measured($nodes: NodeFilter!) {
    metrics(nodes: $nodes, every: "2s") {
      at
    }
  }
`);

/** Counts the measurements of one node. */
export function useMeasurementsOf(id: string | undefined): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (id === undefined) return;
    return listen(Measured, () => ({ nodes: { id: [id] } }), { next: () => setTurn((count) => count + 1), refused: () => undefined });
  }, [id]);
  return turn;
}
