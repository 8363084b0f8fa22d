import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import {
  CreateEdgeRuleInput,
  CreateEdgeRulePayload,
  CreateNodeRuleInput,
  CreateNodeRulePayload,
  DeleteRulePayload,
  EdgeRule,
  NodeRule,
} from '../schema/rule.js';
import { CanopyError } from '../src/common/errors.js';
import type { Json, JsonObject } from '../src/common/json.js';
import { isJsonObject } from '../src/graph/metadataPath.js';
import type { KeptEdgeRule, KeptNodeRule } from '../src/services/rules/ruleService.js';
import type { Context } from './context.js';

const shownNodeRule = ({ id, Name, Description, Action, Query: gremlin, Metadata }: KeptNodeRule): NodeRule => ({
  id,
  name: Name,
  description: Description,
  action: Action.toUpperCase(),
  gremlin: gremlin === '' ? undefined : gremlin,
  metadata: Metadata,
});

const shownEdgeRule = ({ id, Name, Description, Src, Dst, Metadata }: KeptEdgeRule): EdgeRule => ({
  id,
  name: Name,
  description: Description,
  source: Src,
  target: Dst,
  metadata: Metadata,
});

function objectIn(metadata: Json): JsonObject {
  if (isJsonObject(metadata)) return metadata;
  throw new CanopyError('BAD_INPUT', `input.metadata: ${JSON.stringify(metadata)} is not valid; give an object`);
}

@Resolver()
export class RuleResolver {
  @Query(() => [NodeRule], { description: 'Rules that make nodes or lay values over them. Usually a handful.' })
  async nodeRules(@Ctx() context: Context): Promise<NodeRule[]> {
    return (await context.services.rules.listNodeRules(context)).map(shownNodeRule);
  }

  @Query(() => [EdgeRule], { description: 'Rules that make edges. Usually a handful.' })
  async edgeRules(@Ctx() context: Context): Promise<EdgeRule[]> {
    return (await context.services.rules.listEdgeRules(context)).map(shownEdgeRule);
  }

  @Mutation(() => CreateNodeRulePayload, {
    description: 'Keep a node there, or values over all nodes that a string finds, as the graph changes.',
  })
  async createNodeRule(
    @Ctx() context: Context,
    @Arg('input', () => CreateNodeRuleInput) { name = '', description = '', action, gremlin = '', metadata }: CreateNodeRuleInput,
  ): Promise<CreateNodeRulePayload> {
    const rule = { Name: name, Description: description, Action: action.toLowerCase(), Query: gremlin, Metadata: objectIn(metadata) };
    return { rule: shownNodeRule(await context.services.rules.createNodeRule(context, rule)) };
  }

  @Mutation(() => CreateEdgeRulePayload, { description: 'Keep edges between all nodes of two strings, as the graph changes.' })
  async createEdgeRule(
    @Ctx() context: Context,
    @Arg('input', () => CreateEdgeRuleInput)
    { name = '', description = '', source, target, relationType, metadata = {} }: CreateEdgeRuleInput,
  ): Promise<CreateEdgeRulePayload> {
    const rule = {
      Name: name,
      Description: description,
      Src: source,
      Dst: target,
      Metadata: { ...objectIn(metadata), RelationType: relationType },
    };
    return { rule: shownEdgeRule(await context.services.rules.createEdgeRule(context, rule)) };
  }

  @Mutation(() => DeleteRulePayload, { description: 'End a rule of either kind; what it made goes with it.' })
  async deleteRule(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<DeleteRulePayload> {
    await context.services.rules.remove(context, id);
    return { id };
  }
}
