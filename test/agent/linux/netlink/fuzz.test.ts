import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINUX } from '../../../../agent/linux/abi.js';
import { decodeAddress } from '../../../../agent/linux/netlink/address.js';
import { decodeLink } from '../../../../agent/linux/netlink/link.js';
import {
  attribute,
  buildMessage,
  eachAttribute,
  eachMessage,
  number32,
  readHardwareAddress,
  readText,
} from '../../../../agent/linux/netlink/message.js';
import { decodeNeighbor } from '../../../../agent/linux/netlink/neighbor.js';
import { decodeNextHop } from '../../../../agent/linux/netlink/nextHop.js';
import { decodeNsId } from '../../../../agent/linux/netlink/nsid.js';
import { decodeRoute } from '../../../../agent/linux/netlink/route.js';
import { decodeLinkCounters } from '../../../../agent/linux/netlink/stats64.js';
import { linkMetadata, type Link } from '../../../../agent/probes/netlink/link.js';
import { LinkTable } from '../../../../agent/probes/netlink/linkTable.js';
import { NeighborKeeper } from '../../../../agent/probes/netlink/neighborKeeper.js';
import { RouteKeeper } from '../../../../agent/probes/netlink/routeKeeper.js';
import { linkBody, newLink, newNeighbor, newRoute, number16 } from './bytes.js';

/** 10⁴ in CI; any number by `CANOPY_FUZZ`. */
const RUNS = Number(process.env.CANOPY_FUZZ ?? 10_000);

const routes = new RouteKeeper({ keepsAll: false, unclear: () => undefined });
const neighbors = new NeighborKeeper(new LinkTable('Neighbors'));

/** Everything that reads bytes from the kernel, up to the metadata that comes of them. */
function readAll(bytes: Buffer): void {
  eachMessage(bytes, ({ flags, body }) => {
    const message = decodeLink(body);
    if (message !== undefined) {
      const link = { message, driver: undefined, speed: undefined, ipv4: [], ipv6: [] } as unknown as Link;
      JSON.stringify(linkMetadata(link, () => undefined));
    }
    decodeAddress(body);
    const route = decodeRoute(body);
    if (route !== undefined && route !== 'other') {
      routes.add(route, flags);
      routes.remove(route);
    }
    const neighbor = decodeNeighbor(body);
    if (neighbor !== undefined && neighbor !== 'other') {
      neighbors.add(neighbor);
      neighbors.remove(neighbor);
    }
    const nextHop = decodeNextHop(body);
    if (nextHop !== undefined) routes.nextHop(nextHop);
    decodeNsId(body);
    decodeLinkCounters(body);
    eachAttribute(body, 0, body.length, (_type, at, length) => void [readText(body, at, length), readHardwareAddress(body, at, length)]);
  });
}

const sample = newLink({
  index: 7,
  name: 'eth0.5',
  link: 3,
  linkNsId: 1,
  address: [2, 0, 0, 0, 0, 1],
  kind: 'vlan',
  data: [attribute(LINUX.IFLA_VLAN_ID, number16(5))],
  slaveKind: 'bond',
  slaveData: [attribute(LINUX.IFLA_BOND_SLAVE_STATE, Buffer.from([1]))],
});

const samples = [
  sample,
  newRoute({ prefix: [10, 0, 0, 0], length: 8, gateway: [10, 7, 0, 1], ifIndex: 3, table: 1_000, priority: 7 }),
  newRoute({ prefix: [10, 0, 0, 0], length: 8, hops: [{ ifIndex: 3, gateway: [10, 7, 0, 1] }, { ifIndex: 4 }] }),
  newRoute({ prefix: Array.from({ length: 16 }, (_, index) => index), length: 64, ifIndex: 3 }),
  newNeighbor({ ifIndex: 3, address: [10, 7, 0, 1], hardwareAddress: [2, 0, 0, 0, 0, 1], state: LINUX.NUD_STALE }),
  newNeighbor({ family: LINUX.AF_BRIDGE, ifIndex: 3, hardwareAddress: [2, 0, 0, 0, 0, 1], state: LINUX.NUD_PERMANENT, vlan: 5 }),
];

describe('bytes from the kernel', () => {
  it('of any kind never end the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => readAll(Buffer.from(bytes))),
      { numRuns: RUNS },
    );
  });

  it('that look like a message never end the reader either', () => {
    const mutation = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(mutation, { minLength: 1, maxLength: 8 }), (original, mutations) => {
        const bytes = Buffer.from(original);
        for (const [at, value] of mutations) bytes[at % bytes.length] = value;
        readAll(bytes);
      }),
      { numRuns: RUNS },
    );
  });

  it('cut anywhere are told apart from whole ones', () => {
    expect(eachMessage(sample, () => undefined)).toBe(true);
    for (let length = 1; length < sample.length; length++) {
      let seen = 0;
      expect(eachMessage(sample.subarray(0, length), () => seen++)).toBe(false);
      expect(seen).toBe(0);
    }
  });

  it('give no link when an attribute reaches beyond the message', () => {
    const body = linkBody({ index: 7, name: 'eth0' });
    expect(decodeLink(body)?.name).toBe('eth0');
    body.writeUInt16LE(4_000, 16);
    expect(decodeLink(body)).toBeUndefined();
    expect(decodeLink(linkBody({ index: 0, name: 'eth0' }))).toBeUndefined();
  });

  it('round through the builder', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ type: fc.nat(0x3fff), value: fc.uint8Array({ maxLength: 64 }) }), { maxLength: 8 }),
        (attributes) => {
          const message = buildMessage(
            LINUX.RTM_NEWLINK,
            5,
            9,
            Buffer.alloc(16),
            attributes.map(({ type, value }) => attribute(type, Buffer.from(value))),
          );
          const read: { type: number; value: Uint8Array }[] = [];
          const isWhole = eachMessage(message, ({ type, flags, sequence, body }) => {
            expect([type, flags, sequence]).toEqual([LINUX.RTM_NEWLINK, 5, 9]);
            expect(
              eachAttribute(body, 16, body.length, (attributeType, at, length) =>
                read.push({ type: attributeType, value: Uint8Array.from(body.subarray(at, at + length)) }),
              ),
            ).toBe(true);
          });
          expect(isWhole).toBe(true);
          expect(read).toEqual(attributes.map(({ type, value }) => ({ type, value: Uint8Array.from(value) })));
        },
      ),
    );
  });

  it('say -1 for a namespace without a number', () => {
    const numbered = (value: number): Buffer => Buffer.concat([Buffer.alloc(4), attribute(LINUX.NETNSA_NSID, number32(value))]);
    expect(decodeNsId(numbered(-1))).toBeUndefined();
    expect(decodeNsId(numbered(0))).toBe(0);
  });
});
