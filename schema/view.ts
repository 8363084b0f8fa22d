import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { DateTime } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'A view of the network that somebody gave a name, for everybody.' })
export class View {
  @Field(() => ID, { description: 'Never used again. `/?view=ID` opens it.' })
  id!: string;

  @Field(() => String, { description: 'A name for people.' })
  name!: string;

  @Field(() => String, { description: "What of the page's address makes it: `form=table&find=type%3Aveth&v=1`." })
  address!: string;

  @Field(() => String, { description: 'Who saved it last.' })
  by!: string;

  @Field(() => DateTime, { description: 'When it was saved first.' })
  createdAt!: number;

  @Field(() => DateTime, { description: 'When it was saved last.' })
  updatedAt!: number;
}

@InputType({ description: 'A view to keep.' })
export class CreateViewInput {
  @Field(() => String, { description: 'A name for people, at most 100 characters.' })
  name!: string;

  @Field(() => String, { description: "What stands behind the `?` of the page's address; at most 16,384 characters." })
  address!: string;
}

@InputType({ description: 'What is to be different; the rest stays.' })
export class UpdateViewInput {
  @Field(() => String, { nullable: true, description: 'Another name.' })
  name?: string;

  @Field(() => String, { nullable: true, description: 'Another address.' })
  address?: string;
}

@ObjectType({ simpleResolvers: true, description: 'The view as it is kept.' })
export class ViewPayload {
  @Field(() => View, { description: 'As it is kept.' })
  view!: View;
}

@ObjectType({ simpleResolvers: true, description: 'The view that went.' })
export class DeleteViewPayload {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}
