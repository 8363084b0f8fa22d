import { Field, ObjectType } from 'type-graphql';
import { PathChange } from './change.js';
import { Element } from './element.js';
import { connectionOf } from './page.js';
import { DateTime } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'An element that is there at both instants and not the same.' })
export class ElementChange {
  @Field(() => Element, { description: 'As it is at the later instant.' })
  element!: unknown;

  @Field(() => [PathChange], { description: 'Every path that differs. What changed and changed back is not here.' })
  paths!: PathChange[];
}

export const ElementChangeConnection = connectionOf('ElementChange', () => ElementChange);

/** Its lists and `coverage` are added by `resolvers/diff.ts`. */
@ObjectType({ simpleResolvers: true, description: 'What is different between two instants, each element once.' })
export class TopologyDiff {
  @Field(() => DateTime, { description: 'The earlier instant that was looked at.' })
  from!: number;

  @Field(() => DateTime, { description: 'The later instant that was looked at.' })
  to!: number;
}
