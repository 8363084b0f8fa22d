import { Field, ObjectType } from 'type-graphql';
import { AuditOutcome } from './enums.js';
import { PageInfo } from './page.js';
import { DateTime } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'Somebody changed something, signed in, or tried to.' })
export class AuditEntry {
  @Field(() => DateTime, { description: 'When.' })
  at!: number;

  @Field(() => String, { description: "The viewer's name: a user, `token:NAME`; of who was not let in, the name that they gave." })
  who!: string;

  @Field(() => String, { description: 'Address that it came from.' })
  from!: string;

  @Field(() => String, { description: 'What: `createCapture`, `DELETE /api/capture/ID`, `sign in`, `connect /ws/publisher`.' })
  what!: string;

  @Field(() => String, { description: 'What it was done with, as JSON, cut after 600 characters; empty for nothing.' })
  with!: string;

  @Field(() => AuditOutcome, { description: 'What became of it.' })
  outcome!: string;

  @Field(() => String, { nullable: true, description: 'Why not: the code of the error, or the status.' })
  code?: string;
}

@ObjectType({ simpleResolvers: true, description: 'An entry and its place in the log.' })
export class AuditEdge {
  @Field(() => AuditEntry, { description: 'The entry.' })
  node!: AuditEntry;

  @Field(() => String, { description: 'Its place.' })
  cursor!: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A page of the audit log. Its whole length is not told: it would have to be read for that.',
})
export class AuditConnection {
  @Field(() => [AuditEdge], { description: 'Entries with their cursors.' })
  edges!: AuditEdge[];

  @Field(() => [AuditEntry], { description: 'The entries alone.' })
  nodes!: AuditEntry[];

  @Field(() => PageInfo, { description: 'Where this page lies.' })
  pageInfo!: PageInfo;
}
