/** A node as an agent puts it into its graph. */
export const node = (id: string, metadata: Record<string, string>) => ({ op: 'putNode' as const, id, host: 'test', metadata });

/** The edge by which one node owns another. */
export const owns = (parent: string, child: string) => ({
  op: 'putEdge' as const,
  id: `${parent}-${child}`,
  host: 'test',
  parent,
  child,
  metadata: { RelationType: 'ownership' },
});
