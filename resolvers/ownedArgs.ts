import { ArgsType, Field } from 'type-graphql';
import { NodeFilter } from '../schema/inputs.js';
import { ForwardPage } from '../schema/page.js';

/** Arguments of lists of what a node owns. */
@ArgsType()
export class OwnedArgs extends ForwardPage {
  @Field(() => NodeFilter, { nullable: true, description: 'Which of them; all unless given.' })
  filter?: NodeFilter;
}
