import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CanopyError } from '../common/errors.js';
import type { RawPacket } from '../flow/flow.js';
import { pcapngWriter, writePcap, writePcapng, type FilePacket } from '../flow/pcap/writePcap.js';
import { DateTime } from '../../schema/scalars/index.js';
import { resolveRange, type Instant } from '../services/instant.js';
import type { PlacedPacket } from '../services/flows/capturePackets.js';
import type { ReadScope } from '../services/readScope.js';
import type { Services } from '../services/services.js';

/** Packets of a flow are looked for in the store up to so long before now, ms; those that agents still hold come first. */
const LOOK_BACK_MS = 366 * 24 * 3_600_000;

/** As pcapng and pcap are known. */
const CONTENT_TYPE = 'application/vnd.tcpdump.pcap';

/** Bytes of a file that are put together before they are sent. */
const PART_BYTES = 65_536;

type Identify = (request: FastifyRequest) => Promise<void>;

/** Packets that were kept, as capture files: `GET /flows/ID/packets.pcapng` and `.pcap` of a flow, `GET /captures/ID/packets.pcapng` of all flows of a capture. */
export function serveFlowFiles(app: FastifyInstance, services: Services, withViewer: Identify): void {
  const serve = (ending: 'pcap' | 'pcapng', write: (packets: readonly FilePacket[]) => Buffer): void => {
    app.get(`/flows/:id/packets.${ending}`, { onRequest: withViewer }, async (request, reply): Promise<FastifyReply> => {
      const { id } = request.params as { readonly id: string };
      if (!/^[0-9a-f]{1,16}$/.test(id)) throw new CanopyError('BAD_INPUT', `'${id}' is no id of a flow`);
      const viewer = request.viewer!;
      const scope = services.openScope(viewer);
      const packets = await services.flows.packetsOf({ viewer, scope }, id, LOOK_BACK_MS).finally(() => scope.release());
      if (packets.length === 0) throw new CanopyError('NOT_FOUND', `no packets of the flow ${id} are kept`);
      const file = write(packets.map((packet) => inFile(packet)));
      return reply.type(CONTENT_TYPE).header('Content-Disposition', `attachment; filename="flow-${id}.${ending}"`).send(file);
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
  serveCaptureFiles(app, services, withViewer);
}

/** Any size: packets go out as they are read. `from` and `to` are instants as GraphQL has them. */
function serveCaptureFiles(app: FastifyInstance, services: Services, withViewer: Identify): void {
  app.get('/captures/:id/packets.pcapng', { onRequest: withViewer }, async (request, reply): Promise<FastifyReply> => {
    const { id } = request.params as { readonly id: string };
    const { from, to } = request.query as { readonly from?: string; readonly to?: string };
    const range = { from: instantOf('from', from) ?? { agoMs: LOOK_BACK_MS }, to: instantOf('to', to) };
    const span = resolveRange(range, services.flows.clock);
    const viewer = request.viewer!;
    const scope = services.openScope(viewer);
    const packets = services.flows.packetsOfCapture({ viewer, scope }, id, span);
    // Errors, and that there is nothing, have to be known before the first byte goes.
    const first = await packets.next().catch((error: unknown) => {
      scope.release();
      throw error;
    });
    if (first.done === true) {
      scope.release();
      throw new CanopyError(
        'NOT_FOUND',
        `no packets of the capture ${id} are kept; rawPacketLimit says how many of each flow a capture keeps`,
      );
    }
    return reply
      .type(CONTENT_TYPE)
      .header('Content-Disposition', `attachment; filename="capture-${id.replaceAll(/[^\w.-]/gu, '_')}.pcapng"`)
      .send(Readable.from(partsOf(first.value, packets, scope), { objectMode: false }));
  });
}

async function* partsOf(first: PlacedPacket, others: AsyncGenerator<PlacedPacket>, scope: ReadScope): AsyncGenerator<Buffer> {
  const write = pcapngWriter();
  let parts = [write(inFile(first.packet, first.place))];
  let bytes = parts[0]!.length;
  try {
    for await (const { packet, place } of others) {
      const part = write(inFile(packet, place));
      parts.push(part);
      bytes += part.length;
      if (bytes < PART_BYTES) continue;
      yield Buffer.concat(parts);
      parts = [];
      bytes = 0;
    }
    if (bytes > 0) yield Buffer.concat(parts);
  } finally {
    scope.release();
  }
}

/** An instant of the address. Throws `BAD_INPUT` naming it. */
function instantOf(name: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  try {
    return DateTime.parseValue(text);
  } catch (error) {
    throw new CanopyError('BAD_INPUT', `${name}: ${(error as Error).message}`, { details: { field: name, value: text } });
  }
}

const inFile = ({ Timestamp, Nanos, Data, WireLength, LinkType }: RawPacket, place?: string): FilePacket => ({
  bytes: Data,
  timeMs: Timestamp,
  nanos: Nanos,
  wireLength: WireLength,
  linkType: LinkType,
  place,
});
