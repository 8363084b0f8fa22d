import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** Refuses documents that nest deeper than `limit` fields; fragments count where they are spread. */
export const depthRule =
  (limit: number): ValidationRule =>
  (context: ValidationContext): ASTVisitor => {
    const fragments = new Map<string, number>();

    /** Levels of fields below; cycles are another rule's business and end here. */
    const depthOf = (set: SelectionSetNode | undefined): number => {
      let deepest = 0;
      for (const selection of set?.selections ?? []) {
        if (selection.kind === Kind.FIELD) deepest = Math.max(deepest, 1 + depthOf(selection.selectionSet));
        else if (selection.kind === Kind.INLINE_FRAGMENT) deepest = Math.max(deepest, depthOf(selection.selectionSet));
        else deepest = Math.max(deepest, depthOfFragment(context.getFragment(selection.name.value)));
      }
      return deepest;
    };
    const depthOfFragment = (fragment: FragmentDefinitionNode | null | undefined): number => {
      if (!fragment) return 0;
      const name = fragment.name.value;
      const known = fragments.get(name);
      if (known !== undefined) return known;
      fragments.set(name, 0);
      const depth = depthOf(fragment.selectionSet);
      fragments.set(name, depth);
      return depth;
    };

    return {
      OperationDefinition(node) {
        const depth = depthOf(node.selectionSet);
        if (depth <= limit) return;
        context.reportError(
          new GraphQLError(`the document nests ${depth} levels of fields; at most ${limit} are allowed (limits.depth)`, {
            nodes: node,
            extensions: { code: 'LIMIT_EXCEEDED', details: { limit: 'depth', value: depth, valid: limit } },
          }),
        );
      },
    };
  };
