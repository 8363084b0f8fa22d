import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { getAutocompleteSuggestions, getTokenAtPosition, Position } from 'graphql-language-service';
import type { Analyzer } from '../../client/analyzer.js';
import { askWhole } from '../../client/ask.js';
import type { Completion } from './session.js';

const schemas = new Map<string, Promise<GraphQLSchema>>();

/** Fields, arguments, types and enum values that could go on at the end of a GraphQL document. The schema is asked once. */
export async function completeDocument(analyzer: Analyzer, text: string): Promise<Completion> {
  const schema = await schemaOf(analyzer);
  const lines = text.split('\n');
  const cursor = new Position(lines.length - 1, lines.at(-1)!.length);
  const token = getTokenAtPosition(text, cursor);
  const replaces = /^\w+$/.test(token.string) ? token.string.slice(0, cursor.character - token.start) : '';
  const suggestions = getAutocompleteSuggestions(schema, text, cursor);
  // What every type has is known, and hides what this one has.
  const texts = suggestions.map(({ label }) => label).filter((label) => label.startsWith(replaces) && !label.startsWith('__'));
  return { texts: [...new Set(texts)], replaces };
}

function schemaOf(analyzer: Analyzer): Promise<GraphQLSchema> {
  let schema = schemas.get(analyzer.url);
  if (schema === undefined) {
    schema = askWhole<IntrospectionQuery>(analyzer, { document: getIntrospectionQuery({ descriptions: false }) }).then((data) =>
      buildClientSchema(data),
    );
    // An analyzer that is away now may be there at the next key.
    schema.catch(() => schemas.delete(analyzer.url));
    schemas.set(analyzer.url, schema);
  }
  return schema;
}
