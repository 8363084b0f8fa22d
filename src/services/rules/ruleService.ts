import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';
import type { Asker } from '../asker.js';
import type { KeptDocument, KeptDocuments } from '../keptDocuments.js';
import { checkEdgeRule, checkNodeRule, type EdgeRule, type NodeRule } from './check.js';

/** What every rule has for people. */
interface Named {
  readonly id: string;
  readonly Name: string;
  readonly Description: string;
}
export type KeptNodeRule = Named & NodeRule;
export type KeptEdgeRule = Named & EdgeRule;

/** Rules of both kinds, as people make, list and delete them; `Rules` follows them. */
export class RuleService {
  constructor(
    private readonly nodeRules: KeptDocuments,
    private readonly edgeRules: KeptDocuments,
  ) {}

  async listNodeRules(asker: Asker): Promise<KeptNodeRule[]> {
    return (await this.nodeRules.list(asker)).map((document) => ruleIn<KeptNodeRule>(document));
  }

  async listEdgeRules(asker: Asker): Promise<KeptEdgeRule[]> {
    return (await this.edgeRules.list(asker)).map((document) => ruleIn<KeptEdgeRule>(document));
  }

  /** Throws `BAD_INPUT` for one that can never do anything. */
  async createNodeRule(asker: Asker, rule: JsonObject): Promise<KeptNodeRule> {
    checkNodeRule(rule);
    return ruleIn<KeptNodeRule>(await this.nodeRules.create(asker, rule, undefined));
  }

  /** Throws as `createNodeRule`. */
  async createEdgeRule(asker: Asker, rule: JsonObject): Promise<KeptEdgeRule> {
    checkEdgeRule(rule);
    return ruleIn<KeptEdgeRule>(await this.edgeRules.create(asker, rule, undefined));
  }

  /** A rule of either kind, and with it what it made. Throws `NOT_FOUND`. */
  async remove(asker: Asker, id: string): Promise<void> {
    if ((await this.nodeRules.remove(asker, id)) || (await this.edgeRules.remove(asker, id))) return;
    throw new CanopyError('NOT_FOUND', `there is no rule ${id}`, { details: { id } });
  }
}

const ruleIn = <Rule extends Named>({ id, value }: KeptDocument): Rule => ({ ...value, id }) as unknown as Rule;
