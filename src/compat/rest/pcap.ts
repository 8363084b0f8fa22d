import type { FastifyInstance } from 'fastify';
import { CanopyError } from '../../common/errors.js';
import { IMPORTED } from '../../protocol/imported.js';
import { openAsker, type RestContext } from './context.js';

/** Largest capture file in one request. Larger ones are cut by whoever sends them. */
const MOST_BYTES = 256 * 1024 * 1024;

/** `POST /api/pcap`: a capture file as the body; its flows are in the store when it is answered. Clients of Skydive expect no body: headers say what was read. */
export async function servePcap(app: FastifyInstance, context: RestContext): Promise<void> {
  await app.register((files) => {
    files.removeAllContentTypeParsers();
    files.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, done) => done(null, body));
    files.route({
      method: 'POST',
      url: '/api/pcap',
      bodyLimit: MOST_BYTES,
      handler: async (request, reply) => {
        const file = request.body as Buffer | undefined;
        if (file === undefined || file.length === 0) throw new CanopyError('BAD_INPUT', 'the body is empty: send a capture file');
        const { packets, flows, problem } = await context.services.flows.importPcap(openAsker(context, request, reply), file);
        reply.header(IMPORTED.packets, packets).header(IMPORTED.flows, flows);
        if (problem !== undefined) reply.header(IMPORTED.problem, encodeURIComponent(problem));
        return reply.code(202).send();
      },
    });
    return Promise.resolve();
  });
}
