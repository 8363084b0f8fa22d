import { Field, ObjectType } from 'type-graphql';
import { Element } from './element.js';
import { ChangeOp, ChangeReason } from './enums.js';
import { connectionOf } from './page.js';
import { Cursor, DateTime, JSONValue } from './scalars/index.js';

@ObjectType({
  simpleResolvers: true,
  description: 'A path of the metadata that is not the same any more. Rows of tables stand as `table.row`.',
})
export class PathChange {
  @Field(() => String, { description: 'Dotted path.' })
  path!: string;

  @Field(() => JSONValue, { nullable: true, description: 'Value before; `null` where there was none.' })
  before?: unknown;

  @Field(() => JSONValue, { nullable: true, description: 'Value after; `null` where there is none.' })
  after?: unknown;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'One change of one element. Its element has the fields of its own revision only: id, key, names, state, times, metadata, ids of the ends of an edge.',
})
export class Change {
  @Field(() => ChangeOp, { description: 'What happened.' })
  op!: string;

  @Field(() => DateTime, { description: 'On the axis of `at`: asking at this instant finds it done.' })
  at!: number;

  @Field(() => DateTime, { description: "The agent's own stamp, corrected by its clock's offset; not later than `at`." })
  observedAt!: number;

  @Field(() => Cursor, { description: 'Its place in the log.' })
  cursor!: unknown;

  @Field(() => Element, { description: 'The element after the change; for a removal its last state.' })
  element!: unknown;

  @Field(() => [PathChange], { description: 'What an update changed; empty for what appears or goes.' })
  paths!: PathChange[];

  @Field(() => ChangeReason, { nullable: true, description: 'Why, where it is known.' })
  reason?: string;
}

export const ChangeConnection = connectionOf('Change', () => Change);
export const RevisionConnection = connectionOf('Revision', () => Change);
