import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../../common/json.js';
import { sendJson } from '../answers.js';
import { THINGS, type Thing } from './things.js';

/** Where the document is. */
export const OPENAPI_PATH = '/api/openapi.json';

const json = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });
const errors = (...codes: readonly number[]): Record<string, JsonObject> =>
  Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/responses/${ERRORS[code]![0]}` }]));
const ok = (description: string, schema: JsonObject): JsonObject => ({ description, content: json(schema) });

/** Errors of old doors are plain text. */
const ERRORS: Readonly<Record<number, readonly [name: string, description: string]>> = {
  400: ['BadRequest', 'The text says what is wrong.'],
  401: ['Unauthorized', 'Nobody is logged in.'],
  404: ['NotFound', 'There is nothing with this id.'],
  409: ['Conflict', 'There is one like it already.'],
  405: ['NotAllowed', 'The right is missing, or the method is not served here.'],
};

const ID = { name: 'id', in: 'path', required: true, schema: { type: 'string' }, description: 'Its UUID, or ID of a node or edge.' };
const TTL = {
  name: 'X-Resource-TTL',
  in: 'header',
  schema: { type: 'string' },
  description: 'It goes by itself after this time: 30s, 10m.',
};

const ref = ({ title }: Thing): JsonObject => ({ $ref: `#/components/schemas/${title}` });

function thingPaths(thing: Thing): Record<string, JsonObject> {
  const { name, title, summary, isPatchable } = thing;
  const tags = [name];
  return {
    [`/api/${name}`]: {
      get: {
        tags,
        operationId: `list${title}s`,
        summary: `List by id: ${summary}`,
        responses: { 200: ok('By id.', { type: 'object', additionalProperties: ref(thing) }), ...errors(401, 405) },
      },
      post: {
        tags,
        operationId: `create${title}`,
        summary: `Make ${summary}`,
        parameters: [TTL],
        requestBody: { required: true, content: json(ref(thing)) },
        responses: { 201: ok('As it was made.', ref(thing)), ...errors(400, 401, 405, ...(name === 'capture' ? [409] : [])) },
      },
    },
    [`/api/${name}/{id}`]: {
      parameters: [ID],
      get: {
        tags,
        operationId: `get${title}`,
        summary: 'Show one',
        responses: { 200: ok('As it is.', ref(thing)), ...errors(401, 404, 405) },
      },
      ...(isPatchable && {
        patch: {
          tags,
          operationId: `patch${title}`,
          summary: 'Change one by a JSON patch (RFC 6902)',
          requestBody: {
            required: true,
            content: { 'application/json-patch+json': { schema: { type: 'array', items: { type: 'object' } } } },
          },
          responses: { 200: ok('As it is now.', ref(thing)), 304: { description: 'It is so already.' }, ...errors(400, 401, 404, 405) },
        },
      }),
      delete: {
        tags,
        operationId: `delete${title}`,
        summary: 'Take one away',
        responses: { 200: { description: 'It is gone.' }, ...errors(400, 401, 404, 405) },
      },
    },
  };
}

const OTHER_PATHS: Readonly<Record<string, JsonObject>> = {
  '/api': {
    get: {
      tags: ['status'],
      operationId: 'about',
      summary: 'Host, version and service',
      responses: { 200: ok('About the analyzer.', { type: 'object' }) },
    },
  },
  '/api/status': {
    get: {
      tags: ['status'],
      operationId: 'status',
      summary: 'Agents, publishers and subscribers',
      responses: { 200: ok('Who is connected.', { type: 'object' }), ...errors(401, 405) },
    },
  },
  '/api/config/{key}': {
    get: {
      tags: ['status'],
      operationId: 'config',
      summary: 'One value of the configuration',
      parameters: [{ name: 'key', in: 'path', required: true, schema: { type: 'string' }, description: 'Dotted.' }],
      responses: { 200: ok('The value, "" where there is none.', {}), ...errors(401, 405) },
    },
  },
  '/api/topology': {
    get: {
      tags: ['topology'],
      operationId: 'graph',
      summary: 'The whole live graph',
      responses: {
        200: { description: 'Nodes and edges.', content: { 'text/plain': { schema: { type: 'string' } } } },
        ...errors(401, 405),
      },
    },
    post: {
      tags: ['topology'],
      operationId: 'query',
      summary: 'Run a Gremlin string',
      requestBody: { required: true, content: json({ type: 'object', properties: { GremlinQuery: { type: 'string' } } }) },
      responses: {
        200: {
          description: 'What it gives, in the form that `Accept` names.',
          content: {
            ...json({}),
            'text/vnd.graphviz': { schema: { type: 'string' } },
            'application/vnd.tcpdump.pcap': { schema: { type: 'string', format: 'binary' } },
          },
        },
        204: { description: 'The string is empty.' },
        406: { description: 'The result has no such form.' },
        ...errors(400, 401, 405),
      },
    },
  },
  '/api/workflow/{id}/call': {
    parameters: [ID],
    post: {
      tags: ['workflow'],
      operationId: 'callWorkflow',
      summary: 'Run a workflow',
      requestBody: { content: json({ type: 'object', properties: { Params: { type: 'array', items: {} } } }) },
      responses: { 501: { description: 'Workflows are not run yet.' }, ...errors(400, 401, 405) },
    },
  },
  '/api/pcap': {
    post: {
      tags: ['flows'],
      operationId: 'importPcap',
      summary: 'Keep the flows of a capture file',
      requestBody: { required: true, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } },
      responses: {
        202: {
          description:
            'Its flows are kept. `Canopy-Packets` and `Canopy-Flows` say how many; `Canopy-Problem`, percent-encoded, why reading stopped before the end.',
        },
        ...errors(400, 401, 405),
      },
    },
  },
  '/login': {
    post: {
      tags: ['login'],
      operationId: 'login',
      summary: 'Get a token',
      requestBody: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': {
            schema: { type: 'object', properties: { username: { type: 'string' }, password: { type: 'string' } } },
          },
        },
      },
      responses: {
        200: {
          description: 'The token, which the cookie `authtoken` or the header `X-Auth-Token` shows from now on, and what it allows.',
          content: json({
            type: 'object',
            properties: { Token: { type: 'string' }, Permissions: { type: 'array', items: { type: 'object' } } },
          }),
        },
        ...errors(401),
      },
      security: [],
    },
  },
};

/** The old interface over HTTP, described for people and for generators (OpenAPI 3.1). */
export const openApiDocument = (version: string): JsonObject => ({
  openapi: '3.1.0',
  info: {
    title: 'Canopy: the interface of Skydive',
    version,
    description: 'What was written for Skydive goes on here unchanged. What is new is in GraphQL, at /graphql.',
  },
  paths: { ...OTHER_PATHS, ...Object.assign({}, ...THINGS.map(thingPaths)) } as JsonObject,
  security: [{ cookie: [] }, { header: [] }],
  components: {
    securitySchemes: {
      cookie: { type: 'apiKey', in: 'cookie', name: 'authtoken' },
      header: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
    },
    responses: Object.fromEntries(
      Object.values(ERRORS).map(([name, description]) => [
        name,
        { description, content: { 'text/plain': { schema: { type: 'string' } } } },
      ]),
    ),
    schemas: Object.fromEntries(
      THINGS.map(({ title, fields, required }) => [title, { type: 'object', properties: fields, required: [...required] } as JsonObject]),
    ),
  },
});

/** Serves the document to everybody: it says nothing of this network. */
export function serveOpenApi(app: FastifyInstance, version: string): void {
  const document = openApiDocument(version);
  app.get(OPENAPI_PATH, { exposeHeadRoute: false }, (_request, reply) => sendJson(reply, 200, document));
}
