import type { Revision } from '../../../src/graph/element.js';
import { layersOf, newEdge, newNode } from '../../../src/graph/revision.js';
import type { Batch, NewEdge } from '../../../src/history/neo4j/batch.js';
import type { Database } from '../../../src/history/neo4j/database.js';
import { FOREVER, OPEN, slotKey, slotOf } from '../../../src/history/neo4j/model.js';
import { revisionProperties, type Properties } from '../../../src/history/neo4j/properties.js';
import { writeBatch } from '../../../src/history/neo4j/write.js';
import { interfaceMetadata } from '../interfaces.js';

export const NODES = 10_000;
/** States of each node and of each edge, one after the other: with the hub's a million revisions. */
const STATES_EACH = 75;
const EDGE_STATES_EACH = 20;
/** The hub's edges: two hundred at a time, each time to others. */
export const HUB = 'hub';
const HUB_AT_ONCE = 200;
const HUB_GENERATIONS = 250;

/** A week. */
export const START = Date.UTC(2026, 0, 1);
export const SPAN = 7 * 86_400_000;

const BATCH = 2_000;
const EMPTY: Batch = {
  elements: [],
  closings: [],
  currents: [],
  pasts: [],
  edgeClosings: [],
  edges: [],
  rowEnds: new Map(),
  ownerEnds: new Map(),
  rows: [],
};

let seq = 0;

/** When one of so many states in a row ends; they change at different instants for each element. */
const changeAt = (state: number, states: number, phase: number): number => START + Math.floor((SPAN * (state + phase)) / states);

function held(element: Revision, from: number, to: number): Properties {
  const properties = revisionProperties(element);
  return to === FOREVER
    ? { ...properties, from, to, slot: OPEN }
    : { ...properties, from, to, endSeq: element.seq + 1, slot: slotOf(from, to) };
}

function edge(parent: string, child: string, state: number, from: number, to: number): NewEdge {
  const stamp = { seq: ++seq, at: from, observedAt: from };
  const layers = layersOf('host-0', { RelationType: 'layer2', State: state }, undefined, undefined);
  const properties = held(newEdge(`${parent}>${child}`, 'agent.bench', parent, child, state + 1, stamp, layers), from, to);
  const slot = properties.slot as string;
  return { parent, child, properties: { ...properties, slotKey: slotKey(parent, slot), dstSlotKey: slotKey(child, slot) } };
}

function* nodeStates(id: string, number: number): Generator<Properties> {
  const phase = (number % 89) / 89;
  for (let state = 0; state < STATES_EACH; state++) {
    const from = state === 0 ? START : changeAt(state, STATES_EACH, phase);
    const to = state === STATES_EACH - 1 ? FOREVER : changeAt(state + 1, STATES_EACH, phase);
    const layers = layersOf('host-0', { ...interfaceMetadata(number), State: state % 2 === 0 ? 'UP' : 'DOWN' }, undefined, undefined);
    yield held(newNode(id, 'agent.bench', state + 1, { seq: ++seq, at: from, observedAt: from }, layers), from, to);
  }
}

/** Each node is joined to the next one, to another one each twentieth of the week. */
function* nodeEdges(number: number): Generator<NewEdge> {
  const phase = (number % 97) / 97;
  for (let state = 0; state < EDGE_STATES_EACH; state++) {
    const from = state === 0 ? START : changeAt(state, EDGE_STATES_EACH, phase);
    const to = state === EDGE_STATES_EACH - 1 ? FOREVER : changeAt(state + 1, EDGE_STATES_EACH, phase);
    yield edge(`node-${number}`, `node-${(number + 1 + state) % NODES}`, state, from, to);
  }
}

function* hubEdges(): Generator<NewEdge> {
  for (let generation = 0; generation < HUB_GENERATIONS; generation++) {
    for (let place = 0; place < HUB_AT_ONCE; place++) {
      const phase = place / HUB_AT_ONCE;
      const from = generation === 0 ? START : changeAt(generation, HUB_GENERATIONS, phase);
      const to = generation === HUB_GENERATIONS - 1 ? FOREVER : changeAt(generation + 1, HUB_GENERATIONS, phase);
      yield edge(HUB, `node-${(generation * HUB_AT_ONCE + place) % NODES}`, generation, from, to);
    }
  }
}

/** Writes a million revisions as the projector would have left them: 10,000 nodes, their edges, and a hub with 50,000 edges of which 200 are there at a time. */
export async function writeRevisions(database: Database): Promise<void> {
  const write = (batch: Partial<Batch>): Promise<void> => database.write((run) => writeBatch(run, { ...EMPTY, ...batch }));
  const ids = [HUB, ...Array.from({ length: NODES }, (_, number) => `node-${number}`)];
  await inPieces(ids, (elements) => write({ elements }));
  await inPieces(states(ids), (all) =>
    write({ pasts: all.filter(({ slot }) => slot !== OPEN), currents: all.filter(({ slot }) => slot === OPEN) }),
  );
  await inPieces(edges(), (all) => write({ edges: all }));
}

function* states(ids: readonly string[]): Generator<Properties> {
  for (const [number, id] of ids.entries()) yield* nodeStates(id, number);
}

function* edges(): Generator<NewEdge> {
  for (let number = 0; number < NODES; number++) yield* nodeEdges(number);
  yield* hubEdges();
}

async function inPieces<T>(all: Iterable<T>, write: (piece: readonly T[]) => Promise<void>): Promise<void> {
  let piece: T[] = [];
  for (const one of all) {
    if (piece.push(one) < BATCH) continue;
    await write(piece);
    piece = [];
  }
  if (piece.length > 0) await write(piece);
}
