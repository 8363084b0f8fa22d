import { OperationTypeNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import { LoadGate, SHED_QUERIES_MS, SHED_SUBSCRIPTIONS_MS } from '../../src/server/load.js';

const { QUERY, MUTATION, SUBSCRIPTION } = OperationTypeNode;

describe('the load gate', () => {
  const shed = (gate: LoadGate) => [QUERY, SUBSCRIPTION, MUTATION].map((operation) => gate.refusal(operation)?.code);

  it('gives up queries first, then subscriptions, topology never', () => {
    const gate = new LoadGate();
    expect(shed(gate)).toEqual([undefined, undefined, undefined]);
    gate.take(SHED_QUERIES_MS + 1);
    expect(shed(gate)).toEqual(['UNAVAILABLE', undefined, undefined]);
    gate.take(SHED_SUBSCRIPTIONS_MS + 1);
    expect(shed(gate)).toEqual(['UNAVAILABLE', 'UNAVAILABLE', undefined]);
    expect(gate.refusal(QUERY)?.retriable).toBe(true);
  });

  it('lets work in again only well below the bound', () => {
    const gate = new LoadGate();
    gate.take(SHED_QUERIES_MS + 1);
    gate.take(SHED_QUERIES_MS - 1);
    expect(gate.refusal(QUERY)).toBeDefined();
    gate.take(SHED_QUERIES_MS / 2 - 1);
    expect(gate.refusal(QUERY)).toBeUndefined();
  });
});
