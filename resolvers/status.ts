import { Ctx, Query, Resolver } from 'type-graphql';
import { Agent, Status, Viewer } from '../schema/status.js';
import type * as status from '../src/services/status.js';
import { rightsOf, scopesOf } from '../src/services/viewer.js';
import type { Context } from './context.js';

@Resolver(() => Status)
export class StatusResolver {
  @Query(() => Status, { description: 'How the analyzer is doing.' })
  status(@Ctx() context: Context): status.Status {
    return context.services.status.read(context);
  }

  @Query(() => [Agent], { description: 'Agents that are known, by id.' })
  agents(@Ctx() context: Context): readonly status.AgentStatus[] {
    return context.services.status.read(context).agents;
  }

  @Query(() => Viewer, { description: 'Who asks, and what they may do.' })
  viewer(@Ctx() { viewer }: Context): Viewer {
    return { name: viewer.name, roles: viewer.roles.map((role) => role.toUpperCase()), rights: rightsOf(viewer), scopes: scopesOf(viewer) };
  }
}
