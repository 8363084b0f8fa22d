import { Field, ID, InputType } from 'type-graphql';
import type * as filters from '../src/services/flows/filter.js';
import type * as service from '../src/services/flows/flowService.js';
import { FlowOrderField, SortDirection } from './enums.js';
import { AddressFilter, IntFilter, NodeFilter, StringFilter } from './inputs.js';

@InputType({ description: 'Conditions on one end of a flow; all given ones must hold.' })
export class FlowEndFilter implements filters.FlowEndFilter {
  @Field(() => AddressFilter, { nullable: true, description: 'Its IP address.' })
  address?: AddressFilter;

  @Field(() => StringFilter, { nullable: true, description: 'Its MAC address, in lower case.' })
  mac?: StringFilter;

  @Field(() => IntFilter, { nullable: true, description: 'Its port.' })
  port?: IntFilter;
}

@InputType({ description: 'Which flows. All given conditions must hold.' })
export class FlowFilter implements filters.FlowFilter {
  @Field(() => [ID], { nullable: true, description: 'One of these flows.' })
  id?: string[];

  @Field(() => [ID], { nullable: true, description: 'One of these conversations, wherever captured.' })
  trackingId?: string[];

  @Field(() => StringFilter, { nullable: true, description: 'Application: `DNS`, `TCP`.' })
  application?: StringFilter;

  @Field(() => StringFilter, { nullable: true, description: 'Highest known protocol: `TCP`, `UDP`, `SCTP`, `ICMPV4`, `IPV6`, `ETHERNET`.' })
  protocol?: StringFilter;

  @Field(() => AddressFilter, { nullable: true, description: 'IP address at either end.' })
  address?: AddressFilter;

  @Field(() => IntFilter, { nullable: true, description: 'Port at either end.' })
  port?: IntFilter;

  @Field(() => FlowEndFilter, { nullable: true, description: 'The end that sent the first packet.' })
  a?: FlowEndFilter;

  @Field(() => FlowEndFilter, { nullable: true, description: 'The other end.' })
  b?: FlowEndFilter;

  @Field(() => NodeFilter, { nullable: true, description: 'Captured on a node that matches.' })
  captureNode?: NodeFilter;

  @Field(() => ID, { nullable: true, description: 'Of this capture.' })
  capture?: string;

  @Field(() => Boolean, { nullable: true, description: 'Whether it has ended.' })
  finished?: boolean;

  @Field(() => IntFilter, { nullable: true, description: 'Bytes of both directions since its start.' })
  bytes?: IntFilter;

  @Field(() => [FlowFilter], { nullable: true, description: 'All of these.' })
  and?: FlowFilter[];

  @Field(() => [FlowFilter], { nullable: true, description: 'At least one of these.' })
  or?: FlowFilter[];

  @Field(() => FlowFilter, { nullable: true, description: 'Not this.' })
  not?: FlowFilter;
}

@InputType({ description: 'In which order flows are given.' })
export class FlowOrder implements service.FlowOrder {
  @Field(() => FlowOrderField, { description: 'By what.' })
  field!: NonNullable<service.FlowOrder['field']>;

  @Field(() => SortDirection, { nullable: true, defaultValue: 'DESC', description: 'Largest first unless given.' })
  direction?: 'ASC' | 'DESC';
}
