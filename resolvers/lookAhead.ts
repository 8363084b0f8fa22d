import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

/** Types that can be read only with the graph around an element. */
const SURROUNDINGS = new Set(['Node', 'Edge', 'NodeConnection', 'EdgeConnection']);

const surroundingFields = new WeakMap<GraphQLSchema, ReadonlySet<string>>();

/**
 * Whether the field's selection stays with the element itself: its own fields, history and measurements, nothing around it. Such an element
 * of the past is read alone.
 */
export const staysWithElement = (info: GraphQLResolveInfo): boolean => stays(info, NONE);

/** Fields of a result that hold elements and paths of them. */
const LISTS: ReadonlySet<string> = new Set(['nodes', 'edges', 'paths']);

/** The same for a result with lists of elements: whether everything below the lists stays with the elements in them. */
export const listsStayWithElements = (info: GraphQLResolveInfo): boolean => stays(info, LISTS);

/** `lists`: fields that lead to the elements themselves, at the top, and in paths below it. */
function stays({ schema, fieldNodes, fragments }: GraphQLResolveInfo, lists: ReadonlySet<string>): boolean {
  let names = surroundingFields.get(schema);
  if (names === undefined) surroundingFields.set(schema, (names = namesLeadingAway(schema)));
  const leadsAway = (set: SelectionSetNode | undefined, leading: ReadonlySet<string>): boolean =>
    (set?.selections ?? []).some((selection) => {
      if (selection.kind === Kind.FIELD) {
        const { value } = selection.name;
        if (leading.has(value)) return leadsAway(selection.selectionSet, value === 'paths' ? LISTS : NONE);
        return names.has(value);
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
      return leadsAway(fragment?.selectionSet, leading);
    });
  return !fieldNodes.some(({ selectionSet }) => leadsAway(selectionSet, lists));
}

const NONE: ReadonlySet<string> = new Set();

/** Fields of nodes and edges whose answers are other nodes and edges. */
function namesLeadingAway(schema: GraphQLSchema): ReadonlySet<string> {
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || !(isElement(type) || type.name === 'Edge')) continue;
    for (const field of Object.values(type.getFields())) {
      const answer = getNamedType(field.type);
      if (SURROUNDINGS.has(answer.name) || ((isObjectType(answer) || isInterfaceType(answer)) && isElement(answer))) names.add(field.name);
    }
  }
  return names;
}

const isElement = (type: { getInterfaces(): readonly { readonly name: string }[] }): boolean =>
  type.getInterfaces().some(({ name }) => name === 'Node');
