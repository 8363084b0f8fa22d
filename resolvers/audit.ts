import { Args, ArgsType, Ctx, Field, Int, Query, Resolver } from 'type-graphql';
import { AuditConnection } from '../schema/audit.js';
import { DateTime } from '../schema/scalars/index.js';
import type * as audit from '../src/services/audit.js';
import type { Instant } from '../src/services/instant.js';
import type { Context } from './context.js';

@ArgsType()
class AuditArgs {
  @Field(() => Int, { nullable: true, description: 'Entries, 0 to 1000; 100 unless given.' })
  first?: number;

  @Field(() => String, { nullable: true, description: 'Continue after this cursor, with what is older.' })
  after?: string;

  @Field(() => String, { nullable: true, description: 'Only what this viewer did.' })
  who?: string;

  @Field(() => DateTime, { nullable: true, description: 'Nothing before this instant.' })
  since?: Instant;
}

@Resolver()
export class AuditResolver {
  @Query(() => AuditConnection, { nullable: true, description: 'Who changed what, the newest first. For administrators.' })
  audit(@Ctx() context: Context, @Args(() => AuditArgs) args: AuditArgs): Promise<audit.AuditPage> {
    return context.services.audit.read(context, args);
  }
}
