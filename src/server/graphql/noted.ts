import {
  getArgumentValues,
  getVariableValues,
  Kind,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { CanopyError } from '../../common/errors.js';
import type { AcceptedSubscription, OperationContext } from './pipeline.js';

/** Tells the context of each change that a mutation asked for, and hands the answer on. */
export function noted(
  schema: GraphQLSchema,
  { document, variables, context }: Pick<AcceptedSubscription, 'document' | 'variables'> & { readonly context: OperationContext },
  operation: OperationDefinitionNode,
  answer: ExecutionResult,
): ExecutionResult {
  if (context.noteChange === undefined) return answer;
  const fragments = new Map(document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])));
  const { coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  for (const field of rootFields(operation.selectionSet, fragments)) {
    const definition = schema.getMutationType()?.getFields()[field.name.value];
    if (definition === undefined) continue; // __typename
    const key = field.alias?.value ?? field.name.value;
    const error = answer.errors?.find(({ path }) => path === undefined || path[0] === key);
    context.noteChange(field.name.value, argumentsOf(definition, field, coerced), error && codeOf(error));
  }
  return answer;
}

function rootFields({ selections }: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return inner === undefined ? [] : rootFields(inner.selectionSet, fragments);
  });
}

/** What cannot be read was refused, and is not needed to say so. */
function argumentsOf(definition: Parameters<typeof getArgumentValues>[0], field: FieldNode, variables: Record<string, unknown>) {
  try {
    return getArgumentValues(definition, field, variables);
  } catch {
    return {};
  }
}

function codeOf(error: GraphQLError): string {
  let cause: unknown = error;
  while (cause instanceof Error && 'originalError' in cause && cause.originalError) cause = cause.originalError;
  return cause instanceof CanopyError ? cause.code : 'BAD_USER_INPUT';
}
