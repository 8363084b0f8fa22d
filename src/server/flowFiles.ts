import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CanopyError } from '../common/errors.js';
import { writePcap, writePcapng, type FilePacket } from '../flow/pcap/writePcap.js';
import type { Services } from '../services/services.js';

/** Packets of a flow are looked for in the store up to so long before now, ms; those that agents still hold come first. */
const LOOK_BACK_MS = 366 * 24 * 3_600_000;

/** `GET /flows/ID/packets.pcapng` and `.pcap`: the packets of a flow that were kept, as a capture file. */
export function serveFlowFiles(app: FastifyInstance, services: Services, withViewer: (request: FastifyRequest) => Promise<void>): void {
  const serve = (ending: 'pcap' | 'pcapng', write: (packets: readonly FilePacket[]) => Buffer): void => {
    app.get(`/flows/:id/packets.${ending}`, { onRequest: withViewer }, async (request, reply): Promise<FastifyReply> => {
      const { id } = request.params as { readonly id: string };
      if (!/^[0-9a-f]{1,16}$/.test(id)) throw new CanopyError('BAD_INPUT', `'${id}' is no id of a flow`);
      const viewer = request.viewer!;
      const scope = services.openScope(viewer);
      const packets = await services.flows.packetsOf({ viewer, scope }, id, LOOK_BACK_MS).finally(() => scope.release());
      if (packets.length === 0) throw new CanopyError('NOT_FOUND', `no packets of the flow ${id} are kept`);
      const file = write(
        packets.map(({ Timestamp, Nanos, Data, WireLength, LinkType }) => ({
          bytes: Data,
          timeMs: Timestamp,
          nanos: Nanos,
          wireLength: WireLength,
          linkType: LinkType,
        })),
      );
      return reply
        .type('application/vnd.tcpdump.pcap')
        .header('Content-Disposition', `attachment; filename="flow-${id}.${ending}"`)
        .send(file);
    });
  };
  serve('pcapng', writePcapng);
  // A classic file has one link type: that of the first packet.
  serve('pcap', (packets) =>
    writePcap(
      packets.filter(({ linkType }) => linkType === packets[0]!.linkType),
      packets[0]!.linkType,
    ),
  );
}
