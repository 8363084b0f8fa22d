import { Field, ObjectType } from 'type-graphql';
import { Counter } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'So many were dropped for this reason.' })
export class DropCount {
  @Field(() => String, { description: 'Why: `flowTableFull`, `shipping`, `malformed`…' })
  reason!: string;

  @Field(() => Counter, { description: 'How many.' })
  count!: number;
}
