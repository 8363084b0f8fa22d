import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { compile } from '../../gremlin/gremlin.js';

/** A rule that makes a node, or lays metadata over nodes, as it is kept. */
export interface NodeRule {
  readonly Action: 'create' | 'update';
  readonly Metadata: JsonObject;
  /** Gremlin string; which nodes an `update` is for. */
  readonly Query: string;
}

/** A rule that links every node of one string with every node of another. */
export interface EdgeRule {
  readonly Src: string;
  readonly Dst: string;
  readonly Metadata: JsonObject;
}

/** Throws `BAD_INPUT` for a rule that can never do anything. */
export function checkNodeRule(rule: JsonObject): asserts rule is JsonObject & NodeRule {
  const { Action, Metadata, Query } = rule as { Action: string; Metadata: JsonObject; Query: string };
  if (Action === 'create') {
    for (const key of ['Name', 'Type'])
      if (typeof Metadata[key] !== 'string' || Metadata[key] === '')
        throw wrong(`invalid schema: Metadata.${key} must be a text that is not empty`);
    if (Metadata.Type === 'netns' && typeof Metadata.Path !== 'string') throw wrong('invalid schema: a netns needs Metadata.Path');
    return;
  }
  if (Action !== 'update') throw wrong(`Action: '${Action}' is neither create nor update`);
  if (Metadata.Name !== undefined || Metadata.Type !== undefined) throw wrong('Name and Type fields can not be changed');
  if (Object.keys(Metadata).length === 0) throw wrong('Metadata: there is nothing to set');
  checkQuery('Query', Query);
}

/** Throws as `checkNodeRule`. */
export function checkEdgeRule(rule: JsonObject): asserts rule is JsonObject & EdgeRule {
  const { Src, Dst, Metadata } = rule as { Src: string; Dst: string; Metadata: JsonObject };
  checkQuery('Src', Src);
  checkQuery('Dst', Dst);
  if (!isJsonObject(Metadata) || typeof Metadata.RelationType !== 'string' || Metadata.RelationType === '')
    throw wrong('invalid schema: Metadata.RelationType must be a text that is not empty');
}

function checkQuery(field: string, query: string): void {
  if (query === '') throw wrong(`${field}: a query that finds nodes is needed`);
  let gives: string;
  try {
    ({ gives } = compile(query));
  } catch (error) {
    throw wrong(`${field}: Not a valid Gremlin expression: ${(error as Error).message}`);
  }
  if (gives !== 'nodes') throw wrong(`${field}: a query that finds nodes is needed, and this one gives ${gives}`);
}

const wrong = (message: string): CanopyError => new CanopyError('BAD_INPUT', message);
