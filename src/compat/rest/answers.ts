import type { FastifyReply } from 'fastify';
import type { Json } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import { goText } from '../../gremlin/json/goText.js';
import { textAnswer } from './errors.js';

export const sendText = (reply: FastifyReply, status: number, body: string): FastifyReply =>
  reply.code(status).header('Content-Type', 'text/plain; charset=utf-8').header('X-Content-Type-Options', 'nosniff').send(body);

/** What is asked for ends with a line feed; what was made does not, as Skydive has it. */
export const sendJson = (reply: FastifyReply, status: 200 | 201, body: Json): FastifyReply =>
  reply
    .code(status)
    .header('Content-Type', 'application/json; charset=UTF-8')
    .send(goText(body) + (status === 201 ? '' : '\n'));

/** Errors are plain text on the old routes. */
export function answerError(reply: FastifyReply, error: unknown, log: Log): FastifyReply {
  const known = textAnswer(error);
  if (known === undefined) log.error({ error: String(error), stack: (error as Error).stack }, 'a request failed by a fault of ours');
  const { status, body } = known ?? { status: 500, body: "internal error; the analyzer's log says more\n" };
  if (status === 401) reply.header('WWW-Authenticate', 'Basic realm="Canopy"');
  return sendText(reply, status, body);
}
