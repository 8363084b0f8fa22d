import { Field, Float, Int, ObjectType } from 'type-graphql';
import { GapReason } from './enums.js';
import { DateTime } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'A stretch of time in which something was not watched.' })
export class CoverageGap {
  @Field(() => DateTime, { description: 'Start.' })
  from!: number;

  @Field(() => DateTime, { nullable: true, description: 'End; `null` while it lasts.' })
  to?: number;

  @Field(() => GapReason, { description: 'Why.' })
  reason!: string;

  @Field(() => String, { nullable: true, description: 'Host that was not watched; `null` when none was.' })
  host?: string;

  @Field(() => String, { nullable: true, description: 'Probe that did not watch; `null` when all of the host did not.' })
  probe?: string;
}

@ObjectType({ simpleResolvers: true, description: 'What was watched, and what was not: no change seen is not the same as no change.' })
export class Coverage {
  @Field(() => Boolean, { description: 'Whether everything was watched all the time.' })
  complete!: boolean;

  @Field(() => [CoverageGap], { description: 'What was not, in order of time.' })
  gaps!: CoverageGap[];
}

@ObjectType({ simpleResolvers: true, description: 'How many changes there were in one step of time.' })
export class ChangeBucket {
  @Field(() => DateTime, { description: 'Start of the step.' })
  start!: number;

  @Field(() => Int, { description: 'Elements that appeared.' })
  added!: number;

  @Field(() => Int, { description: 'Updates of elements.' })
  updated!: number;

  @Field(() => Int, { description: 'Elements that went.' })
  removed!: number;

  @Field(() => Float, {
    description: 'Share of the hosts and probes that were watched, 0 to 1. Nothing counted where nothing was watched says nothing.',
  })
  watched!: number;
}
