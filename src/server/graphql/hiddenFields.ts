import {
  isCompositeType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
} from 'graphql';

/** Finds a field in a document that is among those hidden, as `Type.field`; `undefined` where there is none. */
export type HiddenFieldSearch = (document: DocumentNode, hidden: ReadonlySet<string>) => string | undefined;

/**
 * A field counts on every type that can be the one that is named: hiding it on an interface hides it on its types, and hiding it on a type hides it where an
 * interface would lead there. What was found in a document is remembered for the set.
 */
export function hiddenFieldSearch(schema: GraphQLSchema): HiddenFieldSearch {
  const found = new WeakMap<DocumentNode, WeakMap<ReadonlySet<string>, string | false>>();
  return (document, hidden) => {
    let known = found.get(document);
    if (known === undefined) found.set(document, (known = new WeakMap()));
    let name = known.get(hidden);
    if (name === undefined) known.set(hidden, (name = search(schema, document, hidden) ?? false));
    return name === false ? undefined : name;
  };
}

function search(schema: GraphQLSchema, document: DocumentNode, hidden: ReadonlySet<string>): string | undefined {
  const named = Array.from(hidden, (one) => {
    const [type = '', field = ''] = one.split('.');
    return { one, field, types: typesOf(schema, schema.getType(type)) };
  });
  const types = new TypeInfo(schema);
  let name: string | undefined;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const parents = typesOf(schema, types.getParentType());
        name ??= named.find(({ field, types: own }) => field === node.name.value && own.some((type) => parents.includes(type)))?.one;
      },
    }),
  );
  return name;
}

function typesOf(schema: GraphQLSchema, type: unknown): readonly string[] {
  if (!isCompositeType(type)) return [];
  const composite: GraphQLCompositeType = type;
  return 'getFields' in composite && !('resolveType' in composite)
    ? [composite.name]
    : schema.getPossibleTypes(composite).map(({ name }) => name);
}
