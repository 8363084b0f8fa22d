import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { DEFAULT_PAGE, MAX_ROOT_FIELDS, UNPAGED_LIST } from './limits.js';

/** Arguments that say how many entries a page has. */
const PAGE_ARGUMENTS: ReadonlySet<string> = new Set(['first', 'last', 'limit']);

export type Variables = Readonly<Record<string, unknown>>;

/** What one operation may cost, worked out once for each document; the page sizes that come in variables are filled in for each request. */
export type CostCheck = (variables: Variables) => GraphQLError | undefined;

export interface CostLimits {
  /** Most elements that a document may ask for. */
  readonly cost: number;
  /** Largest page. */
  readonly pageSize: number;
  /** Most entries in each list of a picture. */
  readonly pictureElements: number;
}

/** A number, or the variable that holds it. */
type Entries = number | { readonly variable: string; readonly otherwise: number };

/** How often a field's selection is answered, and what that selection costs each time. */
interface CostNode {
  readonly field: FieldNode;
  /** Entries of one answer of the field. */
  readonly entries: Entries;
  /** Whether they are entries of a picture, which is cut and not refused when there are more. */
  readonly isPicture: boolean;
  /** Whether an answer is an entry of its own: what is counted. */
  readonly counts: boolean;
  readonly children: readonly CostNode[];
}

/**
 * Estimates how many objects an operation can answer with: page sizes multiply down the tree. A connection's own lists (`nodes`, `edges`)
 * have as many entries as its page, lists that the schema marks with `entries: 'picture'` as many as the `limit` of the field they are below, or a whole
 * picture; other lists are taken to have ten.
 */
export function costCheck(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: CostLimits,
): CostCheck {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const defaults = new Map<string, unknown>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue?.kind === Kind.INT) defaults.set(variable.name.value, Number(defaultValue.value));
  }
  const root = schema.getRootType(operation.operation);
  const tree = root ? nodesOf(operation.selectionSet, root, false, limits.pictureElements) : [];

  function nodesOf(set: SelectionSetNode, parent: GraphQLCompositeType, insidePage: boolean, picture: Entries): CostNode[] {
    return set.selections.flatMap((selection): CostNode[] => {
      if (selection.kind === Kind.FIELD) return nodeOf(selection, parent, insidePage, picture);
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (fragment === undefined) return [];
      const type = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : parent;
      return isCompositeType(type) ? nodesOf(fragment.selectionSet, type, insidePage, picture) : [];
    });
  }

  function nodeOf(node: FieldNode, parent: GraphQLCompositeType, insidePage: boolean, picture: Entries): CostNode[] {
    if (isUnionType(parent) || node.name.value.startsWith('__')) return [];
    const field = parent.getFields()[node.name.value];
    const type = getNamedType(field?.type);
    if (field === undefined || !isCompositeType(type) || node.selectionSet === undefined) return [];
    const isPaged = field.args.some(({ name }) => name === 'first');
    const isConnection = isPaged && type.name.endsWith('Connection');
    const isList = isListType(getNullableType(field.type));
    const isPicture = field.extensions.entries === 'picture';
    const limit = node.arguments?.find(({ name }) => name.value === 'limit');
    const below = limit === undefined || isPaged ? picture : sizeOf(limit.value, limits.pictureElements, defaults);
    return [
      {
        field: node,
        entries: isPaged ? pageOf(node, field, defaults) : isPicture ? picture : isList && !insidePage ? UNPAGED_LIST : 1,
        isPicture,
        counts: !isConnection,
        children: nodesOf(node.selectionSet, type, isConnection, below),
      },
    ];
  }

  return (variables) => {
    let tooLarge: GraphQLError | undefined;
    const value = (entries: CostNode['entries']): unknown =>
      typeof entries === 'number' ? entries : (variables[entries.variable] ?? entries.otherwise);
    const costOf = (nodes: readonly CostNode[]): number => {
      let sum = 0;
      for (const { field, entries, isPicture, counts, children } of nodes) {
        const page = value(entries);
        // A page size that is no number is refused where variables are coerced, with a better message.
        const wanted = typeof page === 'number' ? Math.max(0, page) : DEFAULT_PAGE;
        const size = isPicture ? Math.min(wanted, limits.pictureElements) : wanted;
        if (!isPicture && size > limits.pageSize) tooLarge ??= pageTooLarge(field, size, limits.pageSize);
        sum += size * ((counts ? 1 : 0) + costOf(children));
      }
      return sum;
    };
    if (operation.selectionSet.selections.length > MAX_ROOT_FIELDS) return tooManyRoots(operation);
    const cost = costOf(tree);
    if (tooLarge) return tooLarge;
    return cost > limits.cost ? tooExpensive(operation, cost, limits.cost) : undefined;
  };
}

function pageOf(node: FieldNode, field: GraphQLField<unknown, unknown>, defaults: ReadonlyMap<string, unknown>): CostNode['entries'] {
  const argument = node.arguments?.find(({ name }) => PAGE_ARGUMENTS.has(name.value));
  const declared = field.args.find(({ name }) => name === 'first')?.defaultValue;
  const otherwise = typeof declared === 'number' ? declared : DEFAULT_PAGE;
  return argument === undefined ? otherwise : sizeOf(argument.value, otherwise, defaults);
}

function sizeOf(value: ValueNode, otherwise: number, defaults: ReadonlyMap<string, unknown>): CostNode['entries'] {
  if (value.kind === Kind.INT) return Number(value.value);
  if (value.kind !== Kind.VARIABLE) return otherwise;
  const variable = value.name.value;
  const byDefault = defaults.get(variable);
  return { variable, otherwise: typeof byDefault === 'number' ? byDefault : otherwise };
}

const limitError = (message: string, nodes: FieldNode | OperationDefinitionNode, details: object): GraphQLError =>
  new GraphQLError(message, { nodes, extensions: { code: 'LIMIT_EXCEEDED', retriable: false, details } });

const pageTooLarge = (field: FieldNode, value: number, valid: number): GraphQLError =>
  limitError(`'${field.name.value}' asks for a page of ${value}; at most ${valid} are given (limits.pageSize)`, field, {
    limit: 'pageSize',
    field: field.name.value,
    value,
    valid,
  });

const tooExpensive = (operation: OperationDefinitionNode, value: number, valid: number): GraphQLError =>
  limitError(
    `the operation may answer with ${value} objects; at most ${valid} are allowed (limits.cost). Ask for smaller pages, or for fewer levels`,
    operation,
    { limit: 'cost', value, valid },
  );

const tooManyRoots = (operation: OperationDefinitionNode): GraphQLError =>
  limitError(`the operation has more than ${MAX_ROOT_FIELDS} fields at its root; ask in several requests`, operation, {
    limit: 'rootFields',
    valid: MAX_ROOT_FIELDS,
  });
