import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowKeys, idText } from '../../src/flow/keys/flowKeys.js';
import { openXxh64 } from '../../src/flow/keys/xxh64.js';
import { externalKeys } from '../../src/flow/table/externalSlice.js';
import { ethernet, icmp, ipv4, ipv6, tcp, udp, vxlan } from './frames.js';
import { flowsOf } from './tables.js';
import { xxh64 } from './xxh64.js';

describe('XXH64', () => {
  it('is that of the specification', () => {
    const fast = openXxh64();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (input, seed) => {
        fast.view.setBigUint64(0, seed, true);
        fast.bytes.set(input, 64);
        fast.hash(64, input.length, 0, 8);
        expect(fast.view.getBigUint64(8, true)).toBe(xxh64(Buffer.from(input), seed));
      }),
    );
  });
});

describe('ids of flows', () => {
  const [macA, macB] = ['f2:45:25:5b:3a:bc', '2e:b9:2d:76:24:07'];
  const request = ethernet(0x0800, ipv4(1, icmp(8, 0, 23604, Buffer.alloc(56)), '192.168.0.2', '192.168.0.1'), macA, macB);
  const reply = ethernet(0x0800, ipv4(1, icmp(0, 0, 23604, Buffer.alloc(56)), '192.168.0.1', '192.168.0.2'), macB, macA);

  it('are those of Skydive for the same packets', () => {
    const [flow] = flowsOf({}, request, reply);
    expect(flow).toMatchObject({ TrackingID: 'a25d427a9f9dcdb8', L3TrackingID: '9e42a86914a043b8', ICMP: { Type: 'ECHO', ID: 23604 } });
    expect(flowsOf({ layerKeyMode: 'L3' }, request)[0]).toMatchObject({ TrackingID: '9e42a86914a043b8', L3TrackingID: '9e42a86914a043b8' });
  });

  it('are the same from whichever side the first packet came', () => {
    fc.assert(
      fc.property(fc.constantFrom('L2', 'L3'), fc.nat(65535), fc.nat(65535), fc.boolean(), (layerKeyMode, one, other, wide) => {
        const frame = (there: boolean): Buffer => {
          const inside = there ? tcp(one, other) : tcp(other, one);
          const packet = wide
            ? ipv6(6, inside, there ? 'fd00::1' : 'fd00:0:0:1::9', there ? 'fd00:0:0:1::9' : 'fd00::1')
            : ipv4(6, inside, there ? '10.0.0.1' : '10.0.0.9', there ? '10.0.0.9' : '10.0.0.1');
          return ethernet(wide ? 0x86dd : 0x0800, packet, there ? macA : macB, there ? macB : macA);
        };
        const [there, ...more] = flowsOf({ layerKeyMode }, frame(true), frame(false));
        const [back] = flowsOf({ layerKeyMode }, frame(false), frame(true));
        expect(more).toEqual([]);
        expect([back!.TrackingID, back!.L3TrackingID]).toEqual([there!.TrackingID, there!.L3TrackingID]);
        expect(back!.Network!.A).toBe(there!.Network!.B);
      }),
    );
  });

  it('have the start and the node in the UUID, and the parent in that of what is inside', () => {
    const frame = ethernet(0x0800, ipv4(17, udp(5000, 4789, vxlan(7, request))));
    const [outer, inner] = flowsOf({ nodeTid: 'one' }, frame);
    const [alone] = flowsOf({ nodeTid: 'one' }, request);
    expect(inner).toMatchObject({ ParentUUID: outer!.UUID, TrackingID: alone!.TrackingID });
    expect(inner!.UUID).not.toBe(alone!.UUID);
    expect(flowsOf({ nodeTid: 'two' }, request)[0]!.UUID).not.toBe(alone!.UUID);
    expect(flowsOf({ nodeTid: 'one' }, { frame: request, ms: 5 })[0]!.UUID).not.toBe(alone!.UUID);
  });

  it('follow the rule for fields where a flow comes as fields', () => {
    const keys = new FlowKeys('');
    externalKeys(
      {
        layersPath: 'Ethernet/IPv4/TCP',
        application: 'TCP',
        network: { protocol: 'IPV4', a: '10.0.0.2', b: '10.0.0.1', id: 0 },
        transport: { protocol: 'TCP', a: 80, b: 1234, id: 0 },
        counters: 'add',
        abPackets: 1,
        abBytes: 1,
        baPackets: 0,
        baBytes: 0,
        start: 0,
        last: 0,
      },
      keys,
    );
    const input = Buffer.concat([
      Buffer.from('10.0.0.110.0.0.2'),
      Buffer.alloc(8),
      Buffer.from([1234 >> 8, 1234 & 0xff, 0, 80]),
      Buffer.alloc(8),
    ]);
    expect(idText(keys.trackingHigh, keys.trackingLow)).toBe(xxh64(input, 0n).toString(16));
  });
});
