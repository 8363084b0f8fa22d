import { type ASTVisitor, GraphQLError, type ValidationContext, type ValidationRule } from 'graphql';

/** Refuses documents with more than `limit` aliases. */
export const aliasRule =
  (limit: number): ValidationRule =>
  (context: ValidationContext): ASTVisitor => {
    let aliases = 0;
    return {
      Field(node) {
        if (node.alias === undefined || ++aliases !== limit + 1) return;
        context.reportError(
          new GraphQLError(`the document has more than ${limit} aliases; ask for different things in several requests`, {
            nodes: node,
            extensions: { code: 'LIMIT_EXCEEDED', details: { limit: 'aliases', valid: limit } },
          }),
        );
      },
    };
  };
