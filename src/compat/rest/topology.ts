import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CanopyError } from '../../common/errors.js';
import type { Json } from '../../common/json.js';
import { writePcap } from '../../flow/pcap/writePcap.js';
import { graphText, packetFrom, resultText, type Keyed, type Outcome, type PacketJson } from '../../gremlin/gremlin.js';
import { requireRight } from '../../services/viewer.js';
import { sendText } from './answers.js';
import { openAsker, type RestContext } from './context.js';
import { dotText } from './dot.js';

const DOT = 'text/vnd.graphviz';
const PCAP = 'application/vnd.tcpdump.pcap';

/** libpcap's number of the link type. */
const ETHERNET = 1;

/** Answers of up to so many rows are sent whole; larger ones as they are written. */
const WHOLE_ROWS = 256;

/** `/api/topology` as Skydive serves it: `POST` with a Gremlin string, `GET` for the whole live graph. */
export function serveTopology(app: FastifyInstance, context: RestContext): void {
  const { services } = context;
  const url = '/api/topology';
  app.route({
    method: 'POST',
    url,
    handler: async (request, reply) => {
      const asker = openAsker(context, request, reply);
      const query = queryIn(request.body as string | undefined);
      if (query === '') return reply.code(204).send();
      return answer(await services.gremlin.run(asker, query), request, reply);
    },
  });
  app.route({
    method: 'GET',
    url,
    exposeHeadRoute: false,
    handler: (request, reply) => {
      const asker = openAsker(context, request, reply);
      requireRight(asker.viewer, 'topology', 'read');
      reply.header('Content-Type', 'text/plain; charset=utf-8');
      return reply.send(stream(graphText(asker.scope.present().graph), '\n'));
    },
  });
}

/** The string in `{"GremlinQuery": "…"}`, keys in any case; empty where there is none. Throws `BAD_INPUT`. */
function queryIn(body: string | undefined): string {
  if (body === undefined || body.trim() === '') return '';
  let parsed: Json;
  try {
    parsed = JSON.parse(body) as Json;
  } catch (error) {
    throw new CanopyError('BAD_INPUT', `the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new CanopyError('BAD_INPUT', 'the body is not an object with a GremlinQuery');
  }
  const query = Object.entries(parsed).find(([key]) => key.toLowerCase() === 'gremlinquery')?.[1] ?? '';
  if (typeof query !== 'string') throw new CanopyError('BAD_INPUT', 'GremlinQuery is not a string');
  return query;
}

/** The result in the form that `Accept` names, exactly; JSON for every other. */
function answer(outcome: Outcome, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const accepted = request.headers.accept ?? '';
  if (accepted === DOT && outcome.kind !== 'graph') return unencodable(reply, 'Only graph can be outputted as dot');
  if (accepted === PCAP && outcome.kind !== 'packets') return unencodable(reply, 'Only RawPackets step result can be outputted as pcap');
  reply.header('Content-Type', `${accepted}; charset=UTF-8`);
  if (accepted === PCAP) return reply.send(capturedFile(outcome));
  if (accepted === DOT) return reply.send(stream(dotText(outcome.graph), ''));
  const text = resultText(outcome);
  if (outcome.kind === 'graph' || outcome.rows.length > WHOLE_ROWS) return reply.send(stream(text, '\n'));
  let whole = '';
  for (const part of text) whole += part;
  return reply.send(`${whole}\n`);
}

/** The packets of a result as a capture file, those of Ethernet only; nothing for none. */
function capturedFile({ rows }: Outcome): Buffer {
  const packets = (rows as readonly Keyed<readonly PacketJson[] | null>[]).flatMap(([, list]) => (list ?? []).map(packetFrom));
  const ethernet = packets.filter(({ LinkType }) => LinkType === ETHERNET).sort((a, b) => a.Timestamp - b.Timestamp || a.Nanos - b.Nanos);
  if (ethernet.length === 0) return Buffer.alloc(0);
  const filed = ethernet.map(({ Timestamp, Nanos, Data, WireLength }) => ({
    bytes: Data,
    timeMs: Timestamp,
    nanos: Nanos,
    wireLength: WireLength,
    linkType: ETHERNET,
  }));
  return writePcap(filed, ETHERNET, 'microseconds');
}

const unencodable = (reply: FastifyReply, reason: string): FastifyReply =>
  sendText(reply, 406, `Error while encoding response: ${reason}\n`);

/** Text written while it is sent, no faster than it is taken. */
function stream(parts: Iterable<string>, end: string): Readable {
  function* text(): Generator<string, void, undefined> {
    let part = '';
    for (const next of parts) {
      part += next;
      if (part.length < PART) continue;
      yield part;
      part = '';
    }
    yield part + end;
  }
  return Readable.from(text(), { objectMode: false });
}

/** Characters that are written at once. */
const PART = 32_768;
