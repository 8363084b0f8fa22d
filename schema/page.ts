import { ArgsType, Field, Int, ObjectType, type ClassType } from 'type-graphql';
import type { PageArgs as ServicePageArgs } from '../src/services/page.js';

@ArgsType()
export class ForwardPage implements ServicePageArgs {
  @Field(() => Int, { nullable: true, description: 'Entries from the start, 0 to 1000; 50 unless given.' })
  first?: number;

  @Field(() => String, { nullable: true, description: 'Continue after this cursor, at the moment of its page.' })
  after?: string;
}

@ArgsType()
export class Page extends ForwardPage {
  @Field(() => Int, { nullable: true, description: 'Entries from the end, 0 to 1000; not together with `first`.' })
  last?: number;

  @Field(() => String, { nullable: true, description: 'End before this cursor, at the moment of its page.' })
  before?: string;
}

@ObjectType({ description: 'Where a page lies in its list.', simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether entries follow.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether entries come before.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first entry.' })
  startCursor?: string;

  @Field(() => String, { nullable: true, description: 'Cursor of the last entry: `after` of the next page.' })
  endCursor?: string;
}

/** Makes `<Name>Connection` and `<Name>Edge` for a type of entry, after the Relay specification, with `nodes` beside `edges`. */
export function connectionOf(name: string, entryType: () => ClassType | object): ClassType {
  @ObjectType(`${name}Edge`, { description: 'An entry and its place in the list.', simpleResolvers: true })
  class ConnectionEdge {
    @Field(() => (entryType as () => ClassType)(), { description: 'The entry.' })
    node!: unknown;

    @Field(() => String, { description: 'Its place, and the moment of the page.' })
    cursor!: string;
  }

  @ObjectType(`${name}Connection`, { description: 'A page of a list. The next page is of the same moment.', simpleResolvers: true })
  class EntryConnection {
    @Field(() => [ConnectionEdge], { description: 'Entries with their cursors.' })
    edges!: ConnectionEdge[];

    @Field(() => [entryType() as ClassType], { description: 'The entries alone.' })
    nodes!: unknown[];

    @Field(() => PageInfo, { description: 'Where this page lies.' })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: 'Entries in the whole list.' })
    totalCount!: number;
  }
  return EntryConnection;
}
