import {
  type ASTVisitor,
  getNamedType,
  GraphQLError,
  type GraphQLCompositeType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  TypeInfo,
  type ValidationContext,
  type ValidationRule,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** Subscriptions whose events tell of elements of several moments, or are the same bytes for everybody who asks the same. */
const EVENTS_OF_ELEMENTS: ReadonlySet<string> = new Set(['topologyChanges', 'gremlinChanges']);

/**
 * Elements in an event of `topologyChanges` or `gremlinChanges` have the fields of their own revision only: what surrounds them (relations, flows, rates,
 * counters) would have to be read again for each event and each reader.
 */
export const eventFieldsRule: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition(operation) {
    if (operation.operation !== 'subscription') return;
    const root = operation.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
    if (root?.kind !== Kind.FIELD || !EVENTS_OF_ELEMENTS.has(root.name.value)) return;
    const typeInfo = new TypeInfo(context.getSchema());
    for (const definition of [operation, ...context.getRecursivelyReferencedFragments(operation)]) {
      const visitor: ASTVisitor = {
        Field(node) {
          const parent = typeInfo.getParentType();
          const type = getNamedType(typeInfo.getType());
          if (!isElement(parent) || !isCompositeType(type)) return;
          const field = `${parent.name}.${node.name.value}`;
          context.reportError(
            new GraphQLError(
              `elements in events of '${root.name.value}' have the fields of their own revision only: remove '${field}', or ask for it by query with the element's id`,
              { nodes: node, extensions: { details: { field, valid: 'fields of the element itself: scalars, metadata' } } },
            ),
          );
          return false;
        },
      };
      visit(definition, visitWithTypeInfo(typeInfo, visitor));
    }
  },
});

/** Whether fields of the type are those of a node or an edge of the graph. */
const isElement = (type: GraphQLCompositeType | null | undefined): type is GraphQLCompositeType =>
  ((isObjectType(type) || isInterfaceType(type)) && type.getInterfaces().some(({ name }) => name === 'Node')) ||
  type?.name === 'Node' ||
  type?.name === 'Edge';
