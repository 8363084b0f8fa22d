import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parse as parseYaml } from 'yaml';
import { CanopyError } from '../../common/errors.js';
import type { Json, JsonObject } from '../../common/json.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { goDuration } from '../../gremlin/steps/time/instants.js';
import type { Asker } from '../../services/asker.js';
import { sendJson, sendText } from './answers.js';
import { openAsker, type RestContext } from './context.js';
import { applyPatch, type PatchOperation } from './jsonPatch.js';

/** One kind of thing under `/api/NAME`, in the JSON form that old clients know. */
export interface Resource {
  readonly name: string;
  /** Whether a body may be YAML. */
  readonly takesYaml: boolean;
  /** What is wrong with what was to be made, in the words of old clients. Left out: services say it so already. */
  oldWords?(error: CanopyError): string;
  /** By id. */
  list(asker: Asker): Promise<Readonly<Record<string, JsonObject>>>;
  get(asker: Asker, id: string): Promise<JsonObject | undefined>;
  /** Throws `BAD_INPUT`, `CONFLICT`. `ttlMs`: it goes by itself then. */
  create(asker: Asker, body: JsonObject, ttlMs: number | undefined): Promise<JsonObject>;
  /** `undefined`: nothing is there. Left out where nothing can be changed. */
  patch?(asker: Asker, id: string, operations: readonly PatchOperation[]): Promise<Patched | undefined>;
  /** `false`: nothing was there. */
  remove(asker: Asker, id: string): Promise<boolean>;
}

export interface Patched {
  readonly value: JsonObject;
  /** Unchanged ones of some kinds are answered without a body. */
  readonly status: 200 | 304;
}

/** Whether what was asked for was there: services throw `NOT_FOUND`. */
export async function isFound(ask: () => unknown): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof CanopyError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

/** The routes of one resource. */
export function serveResource(app: FastifyInstance, context: RestContext, resource: Resource): void {
  const base = `/api/${resource.name}`;
  const title = `${resource.name[0]!.toUpperCase()}${resource.name.slice(1)}`;
  const missing = (reply: FastifyReply, id: string): FastifyReply => sendText(reply, 404, `${title} '${id}' not found\n`);
  const idOf = (request: FastifyRequest): string => (request.params as { '*': string })['*'];

  app.get(base, { exposeHeadRoute: false }, async (request, reply) =>
    sendJson(reply, 200, byId(await resource.list(openAsker(context, request, reply)))),
  );
  app.post(base, async (request, reply) => {
    const asker = openAsker(context, request, reply);
    const ttlMs = readTtl(request.headers['x-resource-ttl']);
    const body = bodyOf(request, resource.takesYaml);
    return sendJson(reply, 201, await inOldWords(resource, () => resource.create(asker, body, ttlMs)));
  });
  app.get(`${base}/*`, { exposeHeadRoute: false }, async (request, reply) => {
    const id = idOf(request);
    const found = await resource.get(openAsker(context, request, reply), id);
    return found === undefined ? missing(reply, id) : sendJson(reply, 200, found);
  });
  app.patch(`${base}/*`, async (request, reply) => {
    const asker = openAsker(context, request, reply);
    const operations = operationsIn(request);
    const patched =
      resource.patch === undefined
        ? await refuseToPatch(resource, asker, idOf(request), operations)
        : await resource.patch(asker, idOf(request), operations);
    if (patched === undefined) return reply.code(404).send();
    return patched.status === 304 ? reply.code(304).send() : sendJson(reply, 200, patched.value);
  });
  app.delete(`${base}/*`, async (request, reply) => {
    const id = idOf(request);
    const wasThere = await resource.remove(openAsker(context, request, reply), id);
    return wasThere ? reply.code(200).header('Content-Type', 'text/plain').send('') : missing(reply, id);
  });
}

/** Says what is wrong with a field by the name that old clients know. */
export function withOldName({ message, details: { field } }: CanopyError, names: Readonly<Record<string, string>>): string {
  if (typeof field !== 'string' || !Object.hasOwn(names, field) || !message.startsWith(`${field}: `)) return message;
  return names[field]! + message.slice(field.length);
}

/** As Go writes maps. */
const byId = (list: Readonly<Record<string, JsonObject>>): JsonObject =>
  Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));

async function inOldWords<T>({ oldWords }: Resource, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CanopyError)) throw error;
    if (error.code === 'CONFLICT') throw new CanopyError('CONFLICT', 'duplicated resource', { details: error.details });
    if (oldWords === undefined || !['BAD_INPUT', 'GREMLIN_SYNTAX'].includes(error.code)) throw error;
    throw new CanopyError('BAD_INPUT', oldWords(error), { details: error.details });
  }
}

/** What cannot be changed is told after what is wrong with the patch, and that there is nothing to change. */
async function refuseToPatch(resource: Resource, asker: Asker, id: string, operations: readonly PatchOperation[]): Promise<undefined> {
  const found = await resource.get(asker, id);
  if (found === undefined) return undefined;
  applyPatch(found, operations);
  throw new CanopyError('BAD_INPUT', 'updating resource with patched version: resource not updatable');
}

function bodyOf(request: FastifyRequest, takesYaml: boolean): JsonObject {
  const text = (request.body as string | undefined) ?? '';
  const parsed = takesYaml && request.headers['content-type'] === 'application/yaml' ? readYaml(text) : readJson(text);
  if (!isJsonObject(parsed)) throw new CanopyError('BAD_INPUT', 'the body is not an object');
  return parsed;
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new CanopyError('BAD_INPUT', `the body is not JSON: ${(error as Error).message}`);
  }
}

function readYaml(text: string): Json {
  try {
    return parseYaml(text, { maxAliasCount: 100 }) as Json;
  } catch (error) {
    throw new CanopyError('BAD_INPUT', `the body is not YAML: ${(error as Error).message}`);
  }
}

function operationsIn(request: FastifyRequest): readonly PatchOperation[] {
  let parsed: Json;
  try {
    parsed = JSON.parse((request.body as string | undefined) ?? '') as Json;
  } catch (error) {
    throw new CanopyError('BAD_INPUT', `incorrect JSON patch: ${(error as Error).message}`);
  }
  if (!Array.isArray(parsed)) throw new CanopyError('BAD_INPUT', 'incorrect JSON patch: it is a list of operations (RFC 6902)');
  return parsed as unknown as readonly PatchOperation[];
}

/** Milliseconds of a duration as Go writes it; `undefined` for none, as `0s` is. */
function readTtl(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  const milliseconds = goDuration(String(header));
  if (milliseconds === undefined || milliseconds < 0)
    throw new CanopyError('BAD_INPUT', `invalid ttl: time: invalid duration "${String(header)}"`);
  return milliseconds === 0 ? undefined : milliseconds;
}
