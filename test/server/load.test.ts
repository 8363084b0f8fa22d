import { OperationTypeNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import { LOOKS_IN_A_ROW, LoadGate, SHED_QUERIES_MS, SHED_SUBSCRIPTIONS_MS } from '../../src/server/load.js';

const { QUERY, MUTATION, SUBSCRIPTION } = OperationTypeNode;

describe('the load gate', () => {
  const shed = (gate: LoadGate) => [QUERY, SUBSCRIPTION, MUTATION].map((operation) => gate.refusal(operation)?.code);

  const overload = (gate: LoadGate, latenessMs: number) => {
    for (let look = 0; look < LOOKS_IN_A_ROW; look++) gate.take(latenessMs);
  };

  it('gives up queries first, then subscriptions, topology never', () => {
    const gate = new LoadGate();
    expect(shed(gate)).toEqual([undefined, undefined, undefined]);
    overload(gate, SHED_QUERIES_MS + 1);
    expect(shed(gate)).toEqual(['UNAVAILABLE', undefined, undefined]);
    overload(gate, SHED_SUBSCRIPTIONS_MS + 1);
    expect(shed(gate)).toEqual(['UNAVAILABLE', 'UNAVAILABLE', undefined]);
    expect(gate.refusal(QUERY)?.retriable).toBe(true);
  });

  it('does not mind a single late moment', () => {
    const gate = new LoadGate();
    overload(gate, 0);
    gate.take(SHED_SUBSCRIPTIONS_MS * 10);
    expect(shed(gate)).toEqual([undefined, undefined, undefined]);
  });

  it('lets work in again only well below the bound', () => {
    const gate = new LoadGate();
    overload(gate, SHED_QUERIES_MS + 1);
    gate.take(SHED_QUERIES_MS - 1);
    expect(gate.refusal(QUERY)).toBeDefined();
    gate.take(SHED_QUERIES_MS / 2 - 1);
    expect(gate.refusal(QUERY)).toBeUndefined();
  });
});
