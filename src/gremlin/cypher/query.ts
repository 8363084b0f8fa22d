import type { Json } from '../../common/json.js';
import type { Filter } from '../predicates/filter.js';
import type { Wanted } from '../predicates/wanted.js';
import { printWanted } from './condition.js';
import { FROM, ID, SLOT, SLOT_KEYS, TO, type CypherModel } from './model.js';
import { Parameters } from './parameters.js';

/** The deepest walk that is written out, ring by ring. */
const DEEPEST_REACH = 8;

/** What a column of the answer holds. */
export type ColumnKind = 'node' | 'edge' | 'value';

/** A column that holds an element only so that a filter can be asked again in memory. */
export interface Check {
  readonly column: string;
  readonly filter: Filter;
}

/** A statement, and how its rows are read. Time is not in it: `$t` and `$slots` are given when it runs. */
export interface Statement {
  readonly text: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** All must hold for a row to count. */
  readonly checks: readonly Check[];
  /** Whether a column `doubt` tells where the database does not know: then `careful` has to be asked. */
  readonly hasDoubts: boolean;
  /** Whether nothing found may mean that a named element is not there at all. */
  readonly isNamed: boolean;
}

export type Direction = 'OUT' | 'IN' | 'BOTH';

/** The variables of what a row stands at. */
type Place =
  | { readonly on: 'graph' }
  /** At least one of them: what stays the same through all states, and the state. */
  | { readonly on: 'nodes'; readonly element: string | undefined; readonly state: string | undefined }
  | { readonly on: 'edges'; readonly edge: string; readonly parent: string | undefined; readonly child: string | undefined }
  | { readonly on: 'value'; readonly expression: string };

const ARROWS: Readonly<Record<Direction, readonly [string, string]>> = { OUT: ['-', '->'], IN: ['<-', '-'], BOTH: ['-', '-'] };

/**
 * Cypher of the first steps of a plan, one `MATCH` for each, because a single pattern never uses a relationship twice. Methods that cannot do what is asked
 * return `false` and change nothing. `careful`: whatever is doubtful is brought along and looked at in memory.
 */
export class CypherQuery {
  readonly #parameters = new Parameters();
  readonly #clauses: string[] = [];
  #place: Place = { on: 'graph' };
  #names = 0;
  #checks: { readonly variable: string; readonly kind: ColumnKind; readonly filter: Filter }[] = [];
  /** Expressions that are true of a row that the database cannot judge. */
  #doubts: string[] = [];
  #isNamed = false;

  constructor(
    private readonly model: CypherModel,
    private readonly moment: 'past' | 'present',
    private readonly isCareful = false,
  ) {}

  /** All nodes, or the one with the id. */
  nodes(id: string | undefined, filter: Filter | undefined): boolean {
    const state = this.#name('s');
    const named = id === undefined ? [] : [`${state}.${ID} = ${this.#parameters.add(id)}`];
    this.#place = { on: 'nodes', element: undefined, state };
    this.#isNamed = id !== undefined;
    this.#match(`(${state}:${this.#stateLabel})`, [...named, ...this.#asked(filter, state), ...this.#stands(state)]);
    return true;
  }

  /** All edges, or the one with the id. */
  edges(id: string | undefined, filter: Filter | undefined): boolean {
    const [parent, edge, child] = [this.#name('n'), this.#name('r'), this.#name('n')];
    const named = id === undefined ? [] : [`${edge}.${ID} = ${this.#parameters.add(id)}`];
    this.#place = { on: 'edges', edge, parent, child };
    this.#isNamed = id !== undefined;
    const filed = this.#isPast ? [`${edge}.${SLOT} IN $slots`] : [];
    this.#match(`(${parent}:${this.model.identity})-[${edge}:${this.model.edge}]->(${child}:${this.model.identity})`, [
      ...named,
      ...this.#endAsked(filter, edge),
      ...this.#asked(filter, edge),
      ...filed,
      ...this.#lasts(edge),
    ]);
    return true;
  }

  /** From nodes to the nodes around them, once for each edge. */
  toNeighbors(direction: Direction, filter: Filter | undefined): boolean {
    const [, , element] = this.#follow(direction);
    this.#place = { on: 'nodes', element, state: undefined };
    this.where(filter);
    return true;
  }

  /** From nodes to their edges. */
  toEdges(direction: Direction, filter: Filter | undefined): boolean {
    const [from, edge, to] = this.#follow(direction, filter);
    this.#place = {
      on: 'edges',
      edge,
      parent: direction === 'OUT' ? from : direction === 'IN' ? to : undefined,
      child: direction === 'OUT' ? to : direction === 'IN' ? from : undefined,
    };
    return true;
  }

  /** From edges to their ends. */
  toEnds(ends: 'parent' | 'child' | 'both', filter: Filter | undefined): boolean {
    const { edge, parent = `startNode(${edge})`, child = `endNode(${edge})` } = this.#edgePlace();
    let element: string;
    if (ends === 'both') this.#clauses.push(`UNWIND [${parent}, ${child}] AS ${(element = this.#name('n'))}`);
    else {
      const end = ends === 'parent' ? parent : child;
      if (end.includes('(')) this.#clauses.push(`WITH *, ${end} AS ${(element = this.#name('n'))}`);
      else element = end;
    }
    this.#place = { on: 'nodes', element, state: undefined };
    this.where(filter);
    return true;
  }

  /** Keeps what passes. */
  where(filter: Filter | undefined): boolean {
    if (filter === undefined) return true;
    if (this.#place.on === 'nodes' && this.#place.state === undefined) this.#matchState(filter);
    else {
      const conditions = this.#asked(filter, this.#variable);
      if (conditions.length > 0) this.#clauses.push(`WITH * WHERE ${conditions.join(' AND ')}`);
    }
    return true;
  }

  /** Each element once. */
  distinct(): boolean {
    if (this.#mustBeChecked) return false;
    const kept = this.#placeVariables.join(', ');
    this.#clauses.push(this.#doubts.length === 0 ? `WITH DISTINCT ${kept}` : `WITH ${kept}, ${this.#doubt} AS doubt`);
    if (this.#doubts.length > 0) this.#doubts = ['doubt'];
    return true;
  }

  /** From one place up to and without another. */
  slice(from: number, to: number): boolean {
    if (this.#mustBeChecked || ![from, to].every((place) => Number.isSafeInteger(place) && place >= 0)) return false;
    const skip = from === 0 ? '' : ` SKIP ${this.#parameters.add(from)}`;
    this.#clauses.push(`WITH *${skip} LIMIT ${this.#parameters.add(Math.max(0, to - from))}`);
    return true;
  }

  count(): boolean {
    if (this.#mustBeChecked) return false;
    this.#place = { on: 'value', expression: 'count(*)' };
    return true;
  }

  /** The nodes and what lies at most `depth` edges from one of them, each once. */
  reach(direction: Direction, depth: number, via: Filter | undefined): boolean {
    if (this.#mustBeChecked || depth > DEEPEST_REACH) return false;
    if (via !== undefined && (!this.#wouldBeExact(via, 'edges') || this.isCareful)) return false;
    const start = this.#elementVariable();
    const rings = [this.#name('ring')];
    const doubted = this.#doubts.length > 0;
    this.#clauses.push(`WITH collect(DISTINCT ${start}) AS ${rings[0]}${doubted ? `, ${this.#doubt} AS doubt` : ''}`);
    this.#doubts = doubted ? ['doubt'] : [];
    for (let ring = 1; ring <= depth; ring++) this.#nextRing(rings, direction, via);
    const element = this.#name('n');
    this.#clauses.push(`UNWIND ${rings.join(' + ')} AS ${element}`, `WITH DISTINCT ${element}${this.#doubts.length > 0 ? ', doubt' : ''}`);
    this.#place = { on: 'nodes', element, state: undefined };
    return true;
  }

  /** The statement with what the steps so far find; `undefined` before the first one. */
  finish(): Statement | undefined {
    if (this.#place.on === 'graph') return undefined;
    if (this.#place.on === 'nodes' && this.#place.state === undefined) this.#matchState(undefined);
    const columns: Record<string, ColumnKind> = {};
    const returned: string[] = [];
    const place = this.#place;
    if (place.on === 'value') {
      columns.found = 'value';
      returned.push(`${place.expression} AS found`);
    } else {
      columns.found = place.on === 'nodes' ? 'node' : 'edge';
      returned.push(`${this.#carried(this.#variable)} AS found`);
    }
    const checks = this.#checks.map(({ variable, kind, filter }, index): Check => {
      if (variable === this.#variable) return { column: 'found', filter };
      const column = `check${index}`;
      columns[column] = kind;
      returned.push(`${this.#carried(variable)} AS ${column}`);
      return { column, filter };
    });
    const hasDoubts = this.#doubts.length > 0;
    if (hasDoubts) {
      columns.doubt = 'value';
      returned.push(`${place.on === 'value' ? this.#doubt : this.#doubts.join(' OR ')} AS doubt`);
    }
    const text = [...this.#clauses, `RETURN ${returned.join(', ')}`].join('\n');
    return { text, parameters: this.#parameters.usedIn(text), columns, checks, hasDoubts, isNamed: this.#isNamed };
  }

  #carried(variable: string): string {
    return `${variable} {${this.model.carried.map((property) => `.${property}`).join(', ')}}`;
  }

  get #isPast(): boolean {
    return this.moment === 'past';
  }

  get #stateLabel(): string {
    return this.#isPast ? this.model.state : this.model.current;
  }

  /** Whether rows may still go when they are looked at in memory: nothing may then be counted or left out before. */
  get #mustBeChecked(): boolean {
    return this.#checks.length > 0;
  }

  /** Whether any row of a group is doubtful. */
  get #doubt(): string {
    return this.#doubts.length === 0 ? 'false' : `max(CASE WHEN ${this.#doubts.join(' OR ')} THEN true ELSE false END)`;
  }

  /** The variable of the element itself, as it is kept. */
  get #variable(): string {
    const place = this.#place;
    return place.on === 'edges' ? place.edge : place.on === 'nodes' ? place.state! : '';
  }

  get #placeVariables(): string[] {
    const place = this.#place;
    if (place.on === 'nodes') return [place.element, place.state].filter((variable) => variable !== undefined);
    return place.on === 'edges' ? [place.edge, place.parent, place.child].filter((variable) => variable !== undefined) : [];
  }

  #edgePlace(): { edge: string; parent: string | undefined; child: string | undefined } {
    if (this.#place.on !== 'edges') throw new TypeError('the plan has seen to it that this follows edges');
    return this.#place;
  }

  #name(kind: string): string {
    return `${kind}${this.#names++}`;
  }

  #match(pattern: string, conditions: readonly string[]): void {
    this.#clauses.push(conditions.length === 0 ? `MATCH ${pattern}` : `MATCH ${pattern} WHERE ${conditions.join(' AND ')}`);
  }

  /** The state of the node that the row stands at. */
  #matchState(filter: Filter | undefined): void {
    if (this.#place.on !== 'nodes') return;
    const { element } = this.#place;
    const state = this.#name('s');
    this.#place = { on: 'nodes', element, state };
    this.#match(`(${state}:${this.#stateLabel})`, [
      `${state}.${ID} = ${element}.${ID}`,
      ...this.#stands(state),
      ...this.#asked(filter, state),
    ]);
  }

  /** What the row stands at through all its states. */
  #elementVariable(): string {
    if (this.#place.on !== 'nodes') throw new TypeError('the plan has seen to it that this follows nodes');
    const { element, state } = this.#place;
    if (element !== undefined) return element;
    const found = this.#name('n');
    this.#match(`(${found}:${this.model.identity} {${ID}: ${state}.${ID}})`, []);
    this.#place = { on: 'nodes', element: found, state };
    return found;
  }

  /** From nodes along their edges. */
  #follow(direction: Direction, filter?: Filter): [from: string, edge: string, to: string] {
    const from = this.#elementVariable();
    const [edge, to] = [this.#name('r'), this.#name('n')];
    const [left, right] = ARROWS[direction];
    const conditions = [...this.#lasts(edge), ...this.#asked(filter, edge)];
    this.#match(`(${from})${left}[${edge}:${this.model.edge}]${right}(${to}:${this.model.identity})`, conditions);
    return [from, edge, to];
  }

  #nextRing(rings: string[], direction: Direction, via: Filter | undefined): void {
    const last = rings.at(-1)!;
    const [from, edge, to, next] = [this.#name('n'), this.#name('r'), this.#name('n'), this.#name('ring')];
    const [left, right] = ARROWS[direction];
    const before = this.#doubts;
    this.#doubts = [];
    const conditions = [...this.#lasts(edge), ...this.#asked(via, edge)];
    const doubts = [...before, ...this.#doubts];
    this.#doubts = doubts;
    this.#clauses.push(
      // An empty list would leave no row at all.
      `UNWIND CASE WHEN size(${last}) = 0 THEN [null] ELSE ${last} END AS ${from}`,
      `OPTIONAL MATCH (${from})${left}[${edge}:${this.model.edge}]${right}(${to}:${this.model.identity}) WHERE ${conditions.join(' AND ')}`,
      `WITH ${rings.join(', ')}, collect(DISTINCT ${to}) AS ${next}${doubts.length > 0 ? `, ${this.#doubt} AS doubt` : ''}`,
    );
    if (doubts.length > 0) this.#doubts = ['doubt'];
    rings.push(next);
  }

  /** Conditions for a state to hold at the instant. */
  #stands(state: string): string[] {
    return this.#isPast ? [`${state}.${SLOT} IN $slots`, ...this.#lasts(state)] : [];
  }

  /** Conditions for what is reached otherwise than by its slot. */
  #lasts(variable: string): string[] {
    if (this.#isPast) return [`${variable}.${FROM} <= $t`, `${variable}.${TO} > $t`];
    return [`${variable}.${SLOT} = ${this.#parameters.add(this.model.open)}`];
  }

  #wouldBeExact(filter: Filter, on: 'nodes' | 'edges'): boolean {
    return printWanted(filter.wanted, '', on, this.model, new Parameters()).isExact;
  }

  /** Conditions of a filter, as far as the database understands them; what it does not is remembered for later. */
  #asked(filter: Filter | undefined, variable: string): string[] {
    if (filter === undefined) return [];
    const on = variable.startsWith('r') ? 'edges' : 'nodes';
    const { possible, isExact, doubts } = printWanted(filter.wanted, variable, on, this.model, this.#parameters);
    if (!isExact || (this.isCareful && doubts.length > 0)) {
      this.#checks.push({ variable, kind: on === 'edges' ? 'edge' : 'node', filter });
    } else this.#doubts.push(...doubts);
    if (possible === true) return [];
    return [possible === false ? 'false' : possible];
  }

  /** Where an end is asked for by its id, the index on it. */
  #endAsked(filter: Filter | undefined, edge: string): string[] {
    const end = filter && namedEnd(filter.wanted);
    if (end === undefined) return [];
    const id = this.#parameters.add(end.id);
    const key = `${edge}.${SLOT_KEYS[end.end]}`;
    return [
      this.#isPast ? `${key} IN [slot IN $slots | ${id} + '|' + slot]` : `${key} = ${id} + '|' + ${this.#parameters.add(this.model.open)}`,
    ];
  }
}

/** The end that every edge that passes has. */
function namedEnd(wanted: Wanted): { readonly end: 'parent' | 'child'; readonly id: string } | undefined {
  if (wanted.kind === 'all') return wanted.of.map(namedEnd).find((end) => end !== undefined);
  if (wanted.kind !== 'end' || wanted.shape.kind !== 'texts' || wanted.shape.texts.length !== 1) return undefined;
  return { end: wanted.end, id: wanted.shape.texts[0]! };
}
