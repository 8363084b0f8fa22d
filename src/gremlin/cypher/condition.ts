import type { Shape, Wanted } from '../predicates/wanted.js';
import { ID, type Column, type CypherModel } from './model.js';
import type { Parameters } from './parameters.js';

/** An expression of Cypher that is true, false or null; or what it always is. */
type Expression = string | boolean;

/** A condition in Cypher, as near as the database can say it. */
export interface PrintedCondition {
  /** Holds wherever the dialect's does. */
  readonly possible: Expression;
  /** Holds nowhere else. */
  readonly certain: Expression;
  /** Whether both are the same where nothing is doubtful. */
  readonly isExact: boolean;
  /** Where one of them holds, a value was left out, and the database does not know. */
  readonly doubts: readonly string[];
}

/** How one place is asked what a shape asks. */
interface Place {
  readonly isThere: string;
  readonly texts: (texts: readonly string[]) => PrintedCondition;
  readonly prefix: (prefix: string) => PrintedCondition;
  /** `asked` prints the comparison of a value. */
  readonly integer: (asked: (value: string) => string) => PrintedCondition;
  readonly boolean: () => PrintedCondition;
}

const exactly = (expression: Expression): PrintedCondition => ({
  possible: expression,
  certain: expression,
  isExact: true,
  doubts: [],
});
const perhaps = (possible: Expression, isMarked?: string): PrintedCondition => ({
  possible,
  certain: false,
  isExact: false,
  doubts: isMarked === undefined ? [] : [isMarked],
});

/** What a text that is a whole number begins with. */
const NUMERIC = `=~ '[-+0-9].*'`;

/** What is asked of the state or the relationship that the variable names. */
export function printWanted(
  wanted: Wanted,
  variable: string,
  on: 'nodes' | 'edges',
  model: CypherModel,
  parameters: Parameters,
): PrintedCondition {
  const print = (each: Wanted): PrintedCondition => printWanted(each, variable, on, model, parameters);
  switch (wanted.kind) {
    case 'all':
      return combine(wanted.of.map(print), 'AND');
    case 'any':
      return combine(wanted.of.map(print), 'OR');
    case 'there': {
      const column = model.column(wanted.key);
      return column === undefined ? perhaps(true) : exactly(`${variable}.${column.property} IS ${wanted.isThere ? 'NOT NULL' : 'NULL'}`);
    }
    case 'value': {
      const column = model.column(wanted.key);
      return column === undefined ? perhaps(true) : ofShape(wanted.shape, placeOf(column, variable, on, model, parameters), parameters);
    }
    case 'end': {
      // What asks for an end's being there finds nothing.
      if (wanted.shape.kind === 'not' && wanted.shape.mustBeThere) return exactly(false);
      return ofShape(
        wanted.shape,
        textAt(`${wanted.end === 'parent' ? 'startNode' : 'endNode'}(${variable}).${ID}`, undefined, parameters),
        parameters,
      );
    }
  }
}

function placeOf(column: Column, variable: string, on: 'nodes' | 'edges', model: CypherModel, parameters: Parameters): Place {
  const value = `${variable}.${column.property}`;
  const marker = column.isMarked ? parameters.marker(model.marker) : undefined;
  if (column.type === 'text') return textAt(value, marker, parameters);
  if (column.type === 'integer') return integerAt(value, marker);
  // Lists of edges never match, but a text that is not in a list looks the same.
  return on === 'nodes' ? textsAt(value, marker, parameters) : doubtfulAt(value);
}

/** The same where the marker may stand instead of the value. */
function orMarked(condition: PrintedCondition, isMarked: string | undefined): PrintedCondition {
  if (isMarked === undefined) return condition;
  const possible = typeof condition.possible === 'string' ? `(${condition.possible} OR ${isMarked})` : condition.possible || isMarked;
  return { ...condition, possible, doubts: [isMarked] };
}

function textAt(value: string, marker: string | undefined, parameters: Parameters): Place {
  const isMarked = marker && `${value} = ${marker}`;
  return {
    isThere: `${value} IS NOT NULL`,
    texts(texts) {
      const exact = exactly(`${value} ${oneOf(texts, parameters)}`);
      // One list, and not an OR, leads to the index.
      return marker ? { ...orMarked(exact, isMarked), possible: `${value} ${oneOf(texts, parameters, marker)}` } : exact;
    },
    prefix: (prefix) =>
      prefix === ''
        ? perhaps(`${value} IS NOT NULL`, isMarked)
        : orMarked(perhaps(`${value} STARTS WITH ${parameters.add(prefix)}`), isMarked),
    integer: () => orMarked(perhaps(`${value} ${NUMERIC}`), isMarked),
    boolean: () => orMarked(exactly(false), isMarked),
  };
}

function textsAt(value: string, marker: string | undefined, parameters: Parameters): Place {
  const isMarked = marker && `${marker} IN ${value}`;
  const any = (asked: string): string => `any(text IN ${value} WHERE text ${asked})`;
  return {
    isThere: `${value} IS NOT NULL`,
    texts: (texts) => orMarked(exactly(any(oneOf(texts, parameters))), isMarked),
    prefix: (prefix) =>
      prefix === '' ? perhaps(`${value} IS NOT NULL`, isMarked) : orMarked(perhaps(any(`STARTS WITH ${parameters.add(prefix)}`)), isMarked),
    integer: () => orMarked(perhaps(any(NUMERIC)), isMarked),
    boolean: () => orMarked(exactly(false), isMarked),
  };
}

function integerAt(value: string, marker: string | undefined): Place {
  const isMarked = marker && `${value} = ${marker}`;
  const never = (): PrintedCondition => orMarked(exactly(false), isMarked);
  return {
    isThere: `${value} IS NOT NULL`,
    texts: never,
    prefix: never,
    integer: (asked) => orMarked(exactly(asked(value)), isMarked),
    boolean: never,
  };
}

function doubtfulAt(value: string): Place {
  const isThere = `${value} IS NOT NULL`;
  const mayBe = (): PrintedCondition => perhaps(isThere);
  return { isThere, texts: mayBe, prefix: mayBe, integer: mayBe, boolean: mayBe };
}

function oneOf(texts: readonly string[], parameters: Parameters, marker?: string): string {
  if (texts.length > 1) return `IN ${parameters.add(texts)}${marker ? ` + [${marker}]` : ''}`;
  return marker ? `IN [${parameters.add(texts[0]!)}, ${marker}]` : `= ${parameters.add(texts[0]!)}`;
}

function ofShape(shape: Shape, place: Place, parameters: Parameters): PrintedCondition {
  switch (shape.kind) {
    case 'anything':
      return exactly(true);
    case 'texts':
      return place.texts(shape.texts);
    case 'prefix':
      return place.prefix(shape.prefix);
    case 'integers':
      return ofIntegers(shape.from, shape.to, place, parameters);
    case 'boolean':
      return place.boolean();
    case 'either':
      return combine(
        shape.shapes.map((each) => ofShape(each, place, parameters)),
        'OR',
      );
    case 'not': {
      const { possible, certain, isExact, doubts } = ofShape(shape.shape, place, parameters);
      const negated = { possible: not(certain), certain: not(possible), isExact, doubts };
      return shape.mustBeThere ? combine([exactly(place.isThere), negated], 'AND') : negated;
    }
  }
}

function ofIntegers(from: number, to: number, place: Place, parameters: Parameters): PrintedCondition {
  if (from > to) return exactly(false);
  // Beyond this a number here is not the number there.
  if (![from, to].every((bound) => Number.isSafeInteger(bound) || !Number.isFinite(bound))) return perhaps(place.isThere);
  return place.integer((value) => {
    if (from === to) return `${value} = ${parameters.add(from)}`;
    const parts = [
      ...(Number.isFinite(from) ? [`${value} >= ${parameters.add(from)}`] : []),
      ...(Number.isFinite(to) ? [`${value} <= ${parameters.add(to)}`] : []),
    ];
    return parts.join(' AND ');
  });
}

/** What is not known to hold, because the value is missing, does not hold. */
const not = (expression: Expression): Expression => (typeof expression === 'boolean' ? !expression : `NOT coalesce(${expression}, false)`);

function combine(conditions: readonly PrintedCondition[], by: 'AND' | 'OR'): PrintedCondition {
  const of = (pick: (condition: PrintedCondition) => Expression): Expression => joined(conditions.map(pick), by);
  return {
    possible: of(({ possible }) => possible),
    certain: of(({ certain }) => certain),
    isExact: conditions.every(({ isExact }) => isExact),
    doubts: [...new Set(conditions.flatMap(({ doubts }) => doubts))],
  };
}

/** Of nothing either is true, as in the dialect. */
function joined(expressions: readonly Expression[], by: 'AND' | 'OR'): Expression {
  if (expressions.length === 0) return true;
  const deciding = by === 'OR';
  if (expressions.includes(deciding)) return deciding;
  const parts = expressions.filter((expression) => typeof expression === 'string');
  if (parts.length === 0) return !deciding;
  return parts.length === 1 ? parts[0]! : `(${parts.join(` ${by} `)})`;
}
