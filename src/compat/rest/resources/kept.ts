import { CanopyError } from '../../../common/errors.js';
import type { Clock } from '../../../common/clock.js';
import type { Json, JsonObject } from '../../../common/json.js';
import { isJsonObject } from '../../../graph/metadataPath.js';
import { orderedMetadata } from '../../../gremlin/json/goText.js';
import { goDuration } from '../../../gremlin/steps/time/instants.js';
import type { KeptDocument, KeptDocuments } from '../../../services/keptDocuments.js';
import { checkEdgeRule, checkNodeRule } from '../../../services/rules/check.js';
import { requireRight } from '../../../services/viewer.js';
import { fieldOf } from '../../elementJson.js';
import { applyPatch } from '../jsonPatch.js';
import type { Resource } from '../resource.js';

/** What is particular to one kind of kept thing. */
interface KeptKind {
  readonly name: 'alert' | 'workflow' | 'noderule' | 'edgerule';
  readonly documents: KeptDocuments;
  /** Fields with what they are where nothing was said. */
  readonly fields: Readonly<Record<string, Json>>;
  /** Throws `BAD_INPUT` for a value that can never work. */
  readonly check: (value: JsonObject) => void;
  /** Those of the fields that are left out where they are empty. */
  readonly optional?: readonly string[];
  /** Says why it cannot be made beside those that there are; `undefined`: it can. */
  readonly clash?: (value: JsonObject, others: readonly JsonObject[]) => string | undefined;
  /** Added when it is made. */
  readonly stamp?: () => JsonObject;
  readonly isPatchable: boolean;
}

function keptResource({ name, documents, fields, check, optional = [], clash, stamp, isPatchable }: KeptKind): Resource {
  const show = ({ id, value }: KeptDocument): JsonObject => ({
    UUID: id,
    ...Object.fromEntries(
      Object.entries(value)
        .filter(([field, one]) => one !== '' || !optional.includes(field))
        .map(([field, one]) => [field, field === 'Metadata' ? orderedMetadata(one as JsonObject) : one]),
    ),
  });
  const read = (body: JsonObject): JsonObject => {
    const value = Object.fromEntries(Object.entries(fields).map(([field, empty]) => [field, typed(field, fieldOf(body, field), empty)]));
    check(value);
    return value;
  };
  return {
    name,
    takesYaml: true,
    async list(asker) {
      return Object.fromEntries((await documents.list(asker)).map((one) => [one.id, show(one)]));
    },
    async get(asker, id) {
      const found = await documents.get(asker, id);
      return found && show(found);
    },
    async create(asker, body, ttlMs) {
      const value = read(body);
      requireRight(asker.viewer, name, 'write');
      const others = clash === undefined ? [] : await documents.list(asker);
      const reason = clash?.(
        value,
        others.map((other) => other.value),
      );
      if (reason !== undefined) throw new CanopyError('BAD_INPUT', reason);
      return show(await documents.create(asker, { ...value, ...stamp?.() }, ttlMs));
    },
    ...(isPatchable && {
      async patch(asker, id, operations) {
        const changed = await documents.change(asker, id, (value) => {
          const patched = applyPatch({ UUID: id, ...value }, operations);
          if (patched.UUID !== id) throw new CanopyError('BAD_INPUT', 'applying JSON patch to resource: UUID cannot be changed');
          return { ...value, ...read(patched) };
        });
        return changed && { value: show(changed), status: 200 };
      },
    }),
    remove: (asker, id) => documents.remove(asker, id),
  };
}

function typed(field: string, value: Json | undefined, empty: Json): Json {
  if (value === undefined || value === null) return empty;
  const isSame = Array.isArray(empty) ? Array.isArray(value) : isJsonObject(empty) ? isJsonObject(value) : typeof value === typeof empty;
  if (!isSame) throw new CanopyError('BAD_INPUT', `${field}: ${JSON.stringify(value).slice(0, 40)} is of the wrong type`);
  return value;
}

const ACTION = /^(|(https?|file):\/\/.+)$/u;
const DURATION = 'duration:';

function checkAlert({ Expression, Action, Trigger }: JsonObject): void {
  if (Expression === '') throw new CanopyError('BAD_INPUT', 'Expression: zero value');
  if (!ACTION.test(Action as string)) throw new CanopyError('BAD_INPUT', 'Action: regular expression mismatch');
  const trigger = Trigger as string;
  if (trigger === '' || trigger === 'graph') return;
  const period = trigger.startsWith(DURATION) ? goDuration(trigger.slice(DURATION.length)) : undefined;
  if (period === undefined) throw new CanopyError('BAD_INPUT', 'Trigger: regular expression mismatch');
  if (period <= 0) throw new CanopyError('BAD_INPUT', `Trigger: '${trigger}' never comes round; give a positive duration`);
}

/** Kept and listed; nothing evaluates them yet. */
export const alertResource = (documents: KeptDocuments, clock: Clock): Resource =>
  keptResource({
    name: 'alert',
    documents,
    fields: { Name: '', Description: '', Expression: '', Action: '', Trigger: 'graph' },
    check: checkAlert,
    optional: ['Name', 'Description'],
    stamp: () => ({ CreateTime: new Date(clock.now()).toISOString() }),
    isPatchable: true,
  });

/** Kept and listed; nothing runs them yet. */
export const workflowResource = (documents: KeptDocuments): Resource =>
  keptResource({
    name: 'workflow',
    documents,
    fields: { Name: '', Title: '', Abstract: '', Description: '', Parameters: [], Source: '' },
    check({ Name }) {
      if (Name === '') throw new CanopyError('BAD_INPUT', 'Name: zero value');
    },
    clash: ({ Name }, others) => (others.some((other) => other.Name === Name) ? `Duplicate workflow, name=${String(Name)}` : undefined),
    isPatchable: true,
  });

export const nodeRuleResource = (documents: KeptDocuments): Resource =>
  keptResource({
    name: 'noderule',
    documents,
    fields: { Name: '', Description: '', Metadata: {}, Action: '', Query: '' },
    check: checkNodeRule,
    isPatchable: false,
  });

export const edgeRuleResource = (documents: KeptDocuments): Resource =>
  keptResource({
    name: 'edgerule',
    documents,
    fields: { Name: '', Description: '', Src: '', Dst: '', Metadata: {} },
    check: checkEdgeRule,
    isPatchable: false,
  });
