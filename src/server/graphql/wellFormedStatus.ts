import type { ApolloServerPlugin } from '@apollo/server';

/** Media type whose answers use statuses as HTTP does; a client that knows it asks for it. */
const MODERN = 'application/graphql-response+json';

/** Errors of a request that was well formed, but whose document or variables are not good. */
const OF_THE_DOCUMENT = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'];

/**
 * Clients that know `application/json` only must be able to read the errors of their document, and many throw away what comes with another status than 200
 * (GraphQL over HTTP, "application/json": https://graphql.github.io/graphql-over-http/draft/#sec-application-json).
 */
export const wellFormedStatus: ApolloServerPlugin = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse({ request, response, errors }) {
        const isModern = request.http?.headers.get('accept')?.includes(MODERN) ?? false;
        const isOfDocument = errors?.every(({ extensions }) => OF_THE_DOCUMENT.includes(String(extensions.code))) ?? false;
        if (!isModern && response.http.status === 400 && isOfDocument) response.http.status = 200;
        return Promise.resolve();
      },
    }),
};
