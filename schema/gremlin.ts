import { Extensions, Field, Int, ObjectType } from 'type-graphql';
import type { Json } from '../src/common/json.js';
import { Edge } from './edge.js';
import { GremlinKind } from './enums.js';
import { Node } from './node.js';
import { DateTime, JSONValue } from './scalars/index.js';
import { Path } from './topology.js';

@ObjectType({
  simpleResolvers: true,
  description: 'What a Gremlin string found. `kind` says which list is filled; the others are `null`.',
})
export class GremlinResult {
  @Field(() => GremlinKind, { description: 'What was found.' })
  kind!: string;

  @Extensions({ entries: 'picture' })
  @Field(() => [Node], { nullable: true, description: 'For `NODES` and `GRAPH`, at the instant of the string. At most 5000.' })
  nodes?: Node[];

  @Extensions({ entries: 'picture' })
  @Field(() => [Edge], { nullable: true, description: 'For `EDGES` and `GRAPH`. At most 5000.' })
  edges?: Edge[];

  @Extensions({ entries: 'picture' })
  @Field(() => [Path], { nullable: true, description: 'For `PATHS`. At most 5000.' })
  paths?: Path[];

  @Field(() => [JSONValue], { nullable: true, description: 'For `VALUES`; the one of `VALUE`. At most 5000.' })
  values?: Json[];

  @Field(() => JSONValue, {
    nullable: true,
    description: "Skydive's own form, for every kind. Also `null` where that form is, or where a graph has more elements than fit.",
  })
  json?: Json;

  @Field(() => Int, { description: 'How many entries there are, also where not all are given.' })
  totalCount!: number;

  @Field(() => Boolean, { description: 'Whether only the first entries are given; `POST /api/topology` gives all.' })
  truncated!: boolean;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What became different in the result of a Gremlin string. Elements have the fields of their own revision only; ask for what surrounds them by id.',
})
export class GremlinChange {
  @Field(() => DateTime, { description: 'The moment of the result.' })
  at!: number;

  @Field(() => Boolean, { description: 'The first event: `entered` is the whole result.' })
  initial!: boolean;

  @Field(() => GremlinResult, { description: 'What was not in the result before.' })
  entered!: GremlinResult;

  @Field(() => GremlinResult, { description: 'What was in it and is another version now.' })
  changed!: GremlinResult;

  @Field(() => GremlinResult, { description: 'What is not in it any more, as it was then.' })
  left!: GremlinResult;

  @Field(() => Int, { description: 'Entries in the result now.' })
  totalCount!: number;
}

@ObjectType({ simpleResolvers: true, description: 'What could stand at a place in a Gremlin string.' })
export class GremlinCompletion {
  @Field(() => String, { description: 'What to put in the place, without quotes.' })
  text!: string;

  @Field(() => String, {
    description: 'What it is: of a step what it does, of a key how many elements have it, of a value how many have that.',
  })
  doc!: string;
}

@ObjectType({ simpleResolvers: true, description: 'How a Gremlin string could go on.' })
export class GremlinCompletions {
  @Field(() => Int, { description: 'Where the part begins that a completion replaces, in characters from the start of the string.' })
  from!: number;

  @Field(() => [GremlinCompletion], { description: 'Best first; at most 200.' })
  items!: GremlinCompletion[];
}

@ObjectType({ simpleResolvers: true, description: 'One step of a plan.' })
export class GremlinPlanStep {
  @Field(() => String, { description: 'As written, together with the filters that it does itself.' })
  step!: string;

  @Field(() => String, { description: 'What it starts from.' })
  takes!: string;

  @Field(() => String, { description: 'What it gives to the next.' })
  gives!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'How a source finds its elements in memory: `by id`, `index on Name`, `looks at all`; `null` for steps that go on from others.',
  })
  access?: string;

  @Field(() => Boolean, { description: 'Whether the database does it; otherwise it runs in memory, on what the database has found.' })
  inDatabase!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'What a database is asked for the first steps of a plan.' })
export class GremlinCypher {
  @Field(() => String, { description: 'Cypher. Nothing that the Gremlin string says is in it but as a parameter.' })
  statement!: string;

  @Field(() => JSONValue, {
    description: 'Values by name; `t` is the instant in milliseconds, `slots` the blocks of time that are looked into.',
  })
  parameters!: Json;

  @Field(() => Boolean, { description: 'Whether filters are asked again in memory, because the database cannot say all of them.' })
  isChecked!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'How a Gremlin string is read and run.' })
export class GremlinExplanation {
  @Field(() => GremlinKind, { description: 'What it answers with.' })
  gives!: string;

  @Field(() => [GremlinPlanStep], { description: 'Steps in the order in which they run; at most 256.' })
  steps!: GremlinPlanStep[];

  @Field(() => GremlinCypher, {
    nullable: true,
    description:
      'What Neo4j is asked, where it keeps the history (`history.home: neo4j`) and the string is about one past instant. When it is away, or has not followed so far, all steps run in memory.',
  })
  cypher?: GremlinCypher;
}
