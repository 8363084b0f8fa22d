import { Field, InputType, Int, ObjectType } from 'type-graphql';
import type * as sockets from '../src/services/sockets.js';
import { AddressFilter, IntFilter, StringFilter } from './inputs.js';
import { connectionOf } from './page.js';
import { IPAddress } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'An open socket of a machine, and the process that has it.' })
export class Socket {
  @Field(() => String, { description: '`TCP` or `UDP`.' })
  protocol!: string;

  @Field(() => String, { nullable: true, description: "The kernel's name of its state: `ESTABLISHED`, `LISTEN`." })
  state?: string;

  @Field(() => String, { nullable: true, description: 'File of the program: `/usr/sbin/sshd`.' })
  process?: string;

  @Field(() => String, { nullable: true, description: 'Name of the process: `sshd`.' })
  name?: string;

  @Field(() => Int, { nullable: true, description: 'Its number on its machine.' })
  pid?: number;

  @Field(() => IPAddress, { nullable: true, description: 'Its own address; `0.0.0.0` or `::` for all.' })
  localAddress?: string;

  @Field(() => Int, { nullable: true, description: 'Its own port.' })
  localPort?: number;

  @Field(() => IPAddress, { nullable: true, description: 'With whom it talks; all zeros for nobody yet.' })
  remoteAddress?: string;

  @Field(() => Int, { nullable: true, description: 'The port there; 0 for nobody yet.' })
  remotePort?: number;
}

export const SocketConnection = connectionOf('Socket', () => Socket);

@InputType({ description: 'Conditions on one end of a socket; all given ones must hold.' })
export class SocketEndFilter implements sockets.SocketEndFilter {
  @Field(() => AddressFilter, { nullable: true, description: 'Its address.' })
  address?: AddressFilter;

  @Field(() => IntFilter, { nullable: true, description: 'Its port.' })
  port?: IntFilter;
}

@InputType({ description: 'Which sockets. All given conditions must hold.' })
export class SocketFilter implements sockets.SocketFilter {
  @Field(() => StringFilter, { nullable: true, description: '`TCP` or `UDP`.' })
  protocol?: StringFilter;

  @Field(() => StringFilter, { nullable: true, description: '`ESTABLISHED`, `LISTEN`, …' })
  state?: StringFilter;

  @Field(() => StringFilter, { nullable: true, description: 'File of the program: `/usr/sbin/sshd`.' })
  process?: StringFilter;

  @Field(() => StringFilter, { nullable: true, description: 'Name of the process.' })
  name?: StringFilter;

  @Field(() => IntFilter, { nullable: true, description: 'Number of the process on its machine.' })
  pid?: IntFilter;

  @Field(() => SocketEndFilter, { nullable: true, description: 'The own end.' })
  local?: SocketEndFilter;

  @Field(() => SocketEndFilter, { nullable: true, description: 'The other end.' })
  remote?: SocketEndFilter;

  @Field(() => [SocketFilter], { nullable: true, description: 'All of these.' })
  and?: SocketFilter[];

  @Field(() => [SocketFilter], { nullable: true, description: 'At least one of these.' })
  or?: SocketFilter[];

  @Field(() => SocketFilter, { nullable: true, description: 'Not this.' })
  not?: SocketFilter;
}
