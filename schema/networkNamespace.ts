import { Field, ObjectType } from 'type-graphql';
import { Node } from './node.js';
import { Counter } from './scalars/index.js';

@ObjectType({ implements: Node, simpleResolvers: true, description: 'A network namespace other than its host’s own.' })
export class NetworkNamespace extends Node {
  @Field(() => String, { description: 'File that names it: `/var/run/netns/blue`.' })
  path!: string;

  @Field(() => Counter, { nullable: true, description: 'Inode of the namespace; with `device` it tells two names of one namespace.' })
  inode?: number;

  @Field(() => Counter, { nullable: true, description: 'Device number of the file system that the inode is on.' })
  device?: number;

  @Field(() => String, { nullable: true, description: 'Who made it, where known: docker, lxd, runc, neutron.' })
  manager?: string;
}
