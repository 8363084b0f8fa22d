import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowMessages, readTableReply, type MessageCounters } from '../../../src/compat/flows/messages.js';
import { KnownNumberings } from '../../../src/compat/flows/numbering.js';
import { readWire } from '../../../src/compat/flows/wire.js';
import type { Flow, RawPacket } from '../../../src/flow/flow.js';
import type { DnsLayer } from '../../../src/flow/layers/dns.js';
import { encode, encodeFlow, encodeMessage, encodeReply, from, PLAIN } from './encode.js';

/** Damaged messages; ten thousand unless given. */
const CASES = Number(process.env.CANOPY_FUZZ ?? 10_000);

const counted = (): MessageCounters => ({ flows: 0, refused: 0, unread: new Map(), held: 0 });
const messagesOf = (counters = counted()): FlowMessages => new FlowMessages(counters, new KnownNumberings());

const flowsOf = (messages: FlowMessages, bytes: Uint8Array): Flow[] => messages.message(bytes).flows.map(({ flow }) => flow);

const QUERY: DnsLayer = {
  ...{ ID: 7, RD: true, op_code: 'Query', response_code: 'No Error', q_d_count: 1 },
  questions: [{ name: 'www.example.org', type: 'A', class: 'IN' }],
  timestamp: { seconds: 1_700_000_000, nanos: 5 },
};
const ANSWER: DnsLayer = {
  ...{ ID: 7, QR: true, RD: true, RA: true, op_code: 'Query', response_code: 'No Error', q_d_count: 1, a_n_count: 3, a_r_count: 1 },
  questions: QUERY.questions!,
  answers: [
    { name: 'www.example.org', type: 'CNAME', class: 'IN', TTL: 60, data_length: 9, c_name: 'web.example.org' },
    { name: 'web.example.org', type: 'A', class: 'IN', TTL: 60, data_length: 4, IP: '192.0.2.7' },
    { name: 'web.example.org', type: 'TXT', class: 'IN', TTL: 60, data_length: 9, TXTs: ['one', 'two'] },
  ],
  additionals: [{ type: 'OPT', class: 'Unknown', TTL: 1, data_length: 8, OPT: [{ code: 'Cookie', data: 'AQID' }] }],
  timestamp: { seconds: 1_700_000_001 },
};
const REFUSAL: DnsLayer = {
  ...{ ID: 9, QR: true, AA: true, RD: true, op_code: 'Query', response_code: 'Non-Existent Domain', q_d_count: 1, n_s_count: 1 },
  questions: [{ name: 'no.example.org', type: 'MX', class: 'IN' }],
  authorities: [
    {
      ...{ name: 'example.org', type: 'SOA', class: 'IN', TTL: 60, data_length: 60 },
      SOA: { m_name: 'ns.example.org', r_name: 'root.example.org', serial: 3, refresh: 60, retry: 30, expire: 90, minimum: 10 },
    },
  ],
  timestamp: { seconds: 1_700_000_002 },
};

const COUNTS_AND_LISTS = 'q_d_count a_n_count n_s_count a_r_count questions answers authorities additionals timestamp';
const RECORD = 'name type class TTL data_length IP NS c_name PTR TXTs SOA SRV MX OPT';
const SORTED = 'IP MX NS OPT PTR SOA SRV TTL TXTs c_name class data_length name type';

/** Ways in which the fields of DNS messages may be declared. */
const DNS_ORDERS = {
  'as they are listed': { header: `ID QR AA TC RD RA op_code response_code z ${COUNTS_AND_LISTS}`, record: RECORD },
  'as they are on the wire': { header: `ID QR op_code AA TC RD RA z response_code ${COUNTS_AND_LISTS}`, record: RECORD },
  'by their names': {
    header:
      'AA ID QR RA RD TC a_n_count a_r_count additionals answers authorities n_s_count op_code q_d_count questions response_code timestamp z',
    record: SORTED,
  },
};

function encodeDns(layer: DnsLayer, header: string, record: string): Uint8Array {
  const inOrder = (names: string): string => (record === RECORD ? names : names.split(' ').sort().join(' '));
  const orders: Readonly<Record<string, string>> = {
    ...{ timestamp: 'seconds nanos', questions: inOrder('name type class') },
    ...{ answers: record, authorities: record, additionals: record, OPT: 'code data' },
    SOA: inOrder('m_name r_name serial refresh retry expire minimum'),
  };
  const message = (value: object, order: string): Uint8Array =>
    encode(
      Object.entries(value).flatMap(([name, one]) => {
        const number = order.split(' ').indexOf(name) + 1;
        return [one].flat().map((part: unknown): [number, number | string | Uint8Array] => {
          if (name === 'data') return [number, Buffer.from(part as string, 'base64')];
          if (typeof part === 'object') return [number, message(part!, orders[name]!)];
          return [number, typeof part === 'boolean' ? 1 : (part as number | string)];
        });
      }),
    );
  return message(layer, header);
}

describe('flows of an old agent', () => {
  it('wait for what tells their fields apart, and then come in their order', () => {
    const counters = counted();
    const messages = messagesOf(counters);
    // The port may be that of either end.
    const unsure = (uuid: string, last: number): Flow => ({
      ...{ ...plainFlow, UUID: uuid, Last: last },
      Transport: { Protocol: 'UDP', A: 0, B: 5_353, ID: 0 },
    });
    const flows = [unsure('1', START), unsure('2', START), unsure('1', START + 1)];
    for (const flow of flows) expect(flowsOf(messages, encodeMessage([encodeFlow(flow)]))).toEqual([]);
    expect(counters).toMatchObject({ flows: 0, held: 3 });
    // It does not overtake what waits of it.
    const later = { ...plainFlow, UUID: '2', Last: START + 2 };
    expect(flowsOf(messages, encodeMessage([encodeFlow(later)]))).toEqual([...flows, later]);
    expect(counters).toEqual({ flows: 4, refused: 0, unread: new Map(), held: 0 });
  });

  it('that wait and turn out to be damaged hold nothing back', () => {
    const counters = counted();
    const messages = messagesOf(counters);
    const network = encode([
      [1, 1],
      [2, Uint8Array.of(0xff, 0xfe)],
      [3, Uint8Array.of(0x31)],
      [4, 1],
    ]);
    const { Network: _damaged, ...rest } = plainFlow;
    const damaged = Buffer.concat([encodeFlow({ ...rest, UUID: '9' }), encode([[21, network]])]);
    // The same flow twice in a message, the second time whole.
    const read = flowsOf(messages, encodeMessage([damaged, encodeFlow(plainFlow), encodeFlow(plainFlow), encodeFlow(plainFlow)]));
    expect(read).toEqual([{ ...rest, UUID: '9' }, plainFlow, plainFlow, plainFlow]);
    expect(counters).toEqual({ flows: 4, refused: 0, unread: new Map([['Network', 1]]), held: 0 });
  });

  it('are let go without what is not known, when too many wait or for too long', () => {
    const counters = counted();
    const messages = messagesOf(counters);
    const unsure = (uuid: number): Flow => ({
      ...{ ...plainFlow, UUID: uuid.toString(16) },
      Transport: { Protocol: 'UDP', A: 0, B: 5_353, ID: 0 },
    });
    const { Transport: _unknown, ...without } = unsure(1);
    const many = Array.from({ length: 10_001 }, (_, index) => encodeFlow(unsure(index + 1)));
    expect(flowsOf(messages, encodeMessage(many))).toEqual([without]);
    expect(counters).toMatchObject({ flows: 1, held: 10_000, unread: new Map([['Transport', 1]]) });
    expect(messages.settle()).toHaveLength(10_000);
    expect(counters).toMatchObject({ flows: 10_001, held: 0, unread: new Map([['Transport', 10_001]]) });
  });

  it('are learned anew of an agent that numbers otherwise since it came back', () => {
    const counters = counted();
    const messages = messagesOf(counters);
    const moved = { ...PLAIN, transport: [2, 5, 9, 12] };
    expect(flowsOf(messages, encodeMessage([encodeFlow(plainFlow)]))).toEqual([plainFlow]);
    const { Transport: _unread, ...without } = plainFlow;
    expect(flowsOf(messages, encodeMessage([encodeFlow(plainFlow, moved)]))).toEqual([without]);
    for (let tries = 0; tries < 20; tries += 1) flowsOf(messages, encodeMessage([encodeFlow(plainFlow, moved)]));
    expect(flowsOf(messages, encodeMessage([encodeFlow(plainFlow, moved)]))).toEqual([plainFlow]);
  });

  it('bring what was asked for of DHCPv4 and VRRPv2', () => {
    const read = (number: number, fields: readonly (readonly [number, number | Uint8Array])[]): Flow | undefined =>
      flowsOf(messagesOf(), encodeMessage([Buffer.concat([encodeFlow(plainFlow), encode([[number, encode(fields)]])])]))[0];
    const server = Buffer.alloc(64);
    server.write('boot.example');
    const file = Buffer.alloc(128);
    file.write('pxe.0');
    for (const first of [1, 5]) {
      expect(
        read(1_002, [
          [first, 1],
          [first + 3, 100],
          [first + 6, 2],
          [first + 8, 51],
        ])?.VRRPv2,
      ).toEqual({
        ...{ adver_int: 1, priority: 100, version: 2, virtual_rtrID: 51 },
      });
      expect(
        read(1_000, [
          [first, file],
          [first + 1, 0x8000],
          [first + 2, 6],
          [first + 3, 1],
          [first + 5, server],
          [first + 7, 900],
        ])?.DHCPv4,
      ).toEqual({
        ...{ file: 'pxe.0', flags: 0x8000, hardware_len: 6, hardware_opts: 1, server_name: 'boot.example', secs: 900 },
      });
      expect(read(1_000, [[first + 2, 6]])?.DHCPv4).toEqual({ hardware_len: 6 });
    }
  });

  it.each(Object.entries(DNS_ORDERS))('bring what was asked for of DNS, numbered %s', (_order, { header, record }) => {
    const told: DnsLayer[] = [QUERY, ANSWER, REFUSAL];
    const flows = told.map((layer, at) =>
      Buffer.concat([encodeFlow({ ...plainFlow, UUID: `d${at}` }), encode([[1_001, encodeDns(layer, header, record)]])]),
    );
    const messages = messagesOf();
    const read = [...messages.message(encodeMessage(flows)).flows, ...messages.settle()];
    expect(read.map(({ flow }) => flow.DNS)).toEqual(told);
  });

  it('say that extra layers are there which cannot be read', () => {
    const counters = counted();
    const dns = encode([[1_001, encode([[1, 77]])]]);
    expect(flowsOf(messagesOf(counters), encodeMessage([Buffer.concat([encodeFlow(plainFlow), dns])]))).toEqual([plainFlow]);
    expect([...counters.unread]).toEqual([['DNS', 1]]);
  });

  it('bring the packets that were kept, and statistics of their captures', () => {
    const packets: RawPacket[] = [
      { Timestamp: 1_700_000_000_123, Nanos: 0, Index: 1, Data: Uint8Array.of(1, 2, 3), WireLength: 3, LinkType: 1 },
      { Timestamp: 1_700_000_000_124, Nanos: 0, Index: 2, Data: Uint8Array.of(4), WireLength: 1, LinkType: 1 },
    ];
    const stats = { CaptureID: '6a1b8f2e-0000-4000-8000-000000000000', FlowCount: 3, PacketsReceived: 1_000 };
    for (const numbers of [PLAIN, { ...PLAIN, raw: [2, 3, 5, 9], stats: from(4, 6) }]) {
      const read = messagesOf().message(encodeMessage([encodeFlow(plainFlow, numbers, packets)], stats, numbers));
      expect(read.flows).toEqual([{ flow: plainFlow, rawPackets: packets, kind: 'UPDATE' }]);
      expect(read.stats).toEqual([
        { captureId: stats.CaptureID, flowCount: 3, flowDropped: 0, kernelFlowDropped: 0, packetsDropped: 0, packetsReceived: 1_000 },
      ]);
    }
  });

  it('are read from the tables of an answer', () => {
    const second = { ...plainFlow, UUID: '2' };
    const { status, sets } = readTableReply(encodeReply(200, [[encodeFlow(plainFlow)], [], [encodeFlow(second)]]));
    expect(
      messagesOf()
        .tables(status, sets)
        .flows.map(({ flow }) => flow),
    ).toEqual([plainFlow, second]);
    expect(() => messagesOf().tables(500, [])).toThrow('status 500');
  });

  it('take no harm from damaged bytes', () => {
    const { header, record } = DNS_ORDERS['as they are listed'];
    const dns = encode([[1_001, encodeDns(ANSWER, header, record)]]);
    const whole = encodeMessage([Buffer.concat([encodeFlow(plainFlow), dns])], { CaptureID: 'c', FlowCount: 1 });
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(whole.length), (bytes, length) => {
        const damaged = Uint8Array.from(whole).subarray(0, length % 4 === 0 ? length : whole.length);
        for (const [at, byte] of bytes) damaged[at % (damaged.length || 1)] = byte;
        const messages = messagesOf();
        try {
          messages.message(damaged);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_INPUT' });
        }
        expect(messages.settle().length).toBeLessThan(2);
      }),
      { numRuns: CASES },
    );
  });
});

describe('the wire', () => {
  it('keeps the sign of numbers below zero', () => {
    expect(readWire(encode([[1, -5]]))).toEqual([{ number: 1, value: -5 }]);
    expect(readWire(encode([[1, Number.MAX_SAFE_INTEGER]]))).toEqual([{ number: 1, value: Number.MAX_SAFE_INTEGER }]);
  });
});

const START = 1_700_000_000_000;
const plainFlow: Flow = {
  UUID: 'abc123',
  LayersPath: 'Ethernet/IPv4/UDP',
  Application: 'UDP',
  Link: { Protocol: 'ETHERNET', A: '02:00:00:00:00:01', B: '02:00:00:00:00:02', ID: 0 },
  Network: { Protocol: 'IPV4', A: '10.0.0.1', B: '10.0.0.2', ID: 0 },
  Transport: { Protocol: 'UDP', A: 1_024, B: 53, ID: 0 },
  Metric: { ABPackets: 1, ABBytes: 98, BAPackets: 0, BABytes: 0, Start: 1_700_000_000_000, Last: 1_700_000_000_001 },
  Start: 1_700_000_000_000,
  Last: 1_700_000_000_001,
  TrackingID: 'f00',
  L3TrackingID: 'f01',
  ParentUUID: '',
  RawPacketsCaptured: 0,
};
