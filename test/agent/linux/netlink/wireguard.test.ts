import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFamilyNumber, familyNumber, openGenericRequests } from '../../../../agent/linux/netlink/generic.js';
import { decodeWireGuard, MOST_ALLOWED_IPS, readWireGuard } from '../../../../agent/linux/netlink/wireguard.js';
import { describeWith, root } from '../../../needs.js';
import { bytes, readRecording } from '../recordings/recording.js';

/** 10⁴ in CI; any number by `CANOPY_FUZZ`. */
const RUNS = Number(process.env.CANOPY_FUZZ ?? 10_000);

const recording = readRecording();
const messagesOf = (name: string): Buffer[] => recording.wireguard.find((device) => device.name === name)!.messages.map(bytes);

/** The guest's secret keys: 32 times the same byte. */
const SECRETS = [64, 65, 72].map((byte) => Buffer.alloc(32, byte));

describe('a device of WireGuard', () => {
  it.each(recording.wireguard.map((device) => [device.name, device] as const))('is what wg shows: %s', (name, { wg }) => {
    const device = decodeWireGuard(messagesOf(name))!;
    const [shown, ...peers] = wg;
    expect({
      publicKey: device.publicKey ?? '(none)',
      listenPort: String(device.listenPort),
      fwmark: device.fwmark === 0 ? 'off' : `0x${device.fwmark.toString(16)}`,
    }).toEqual({ publicKey: shown!.publicKey, listenPort: shown!.listenPort, fwmark: shown!.fwmark });
    expect(device.peers).toHaveLength(peers.length);
    // The recording is of a tunnel that was used.
    if (name === 'wg') expect(device.peers[0]!.lastHandshake).toBeGreaterThan(0);
    device.peers.forEach((peer, index) => {
      const { peer: publicKey, endpoint, allowedIPs, handshake, rx, tx, keepalive } = peers[index]!;
      const networks = allowedIPs!.split(',');
      expect([peer.publicKey, peer.endpoint ?? '(none)']).toEqual([publicKey, endpoint]);
      expect(peer.allowedIPs).toEqual(networks.slice(0, MOST_ALLOWED_IPS));
      expect(peer.allowedIPCount).toBe(networks.length);
      expect(Math.floor(peer.lastHandshake / 1_000)).toBe(Number(handshake));
      // Asked a moment apart.
      expect(peer.rxBytes).toBeLessThanOrEqual(Number(rx));
      expect(peer.txBytes).toBeLessThanOrEqual(Number(tx));
      expect(peer.keepalive === 0 ? 'off' : String(peer.keepalive)).toBe(keepalive);
    });
  });

  it('goes on in a second message, and a peer with it', () => {
    expect(messagesOf('wg.many').length).toBeGreaterThan(1);
    const { peers } = decodeWireGuard(messagesOf('wg.many'))!;
    expect(peers.at(-1)).toMatchObject({ allowedIPCount: 1_500 });
    expect(peers.at(-1)!.allowedIPs).toHaveLength(MOST_ALLOWED_IPS);
  });

  it('leaves no secret key behind, neither in what is read nor in the bytes', () => {
    for (const { name } of recording.wireguard) {
      const bodies = messagesOf(name);
      const before = SECRETS.filter((secret) => bodies.some((body) => body.includes(secret)));
      if (name !== 'wg.idle') expect(before.length).toBeGreaterThan(0);
      const text = JSON.stringify(decodeWireGuard(bodies));
      for (const secret of SECRETS) {
        expect(bodies.some((body) => body.includes(secret))).toBe(false);
        expect(text).not.toContain(secret.toString('base64'));
      }
    }
  });

  it('leaves none behind in an answer that cannot be read either', () => {
    const bodies = [Buffer.alloc(2), ...messagesOf('wg')];
    expect(decodeWireGuard(bodies)).toBeUndefined();
    for (const secret of SECRETS) expect(bodies.some((body) => body.includes(secret))).toBe(false);
  });

  it('is nothing in an empty answer, nor in one that is cut', () => {
    expect(decodeWireGuard([])).toBeUndefined();
    const [whole] = messagesOf('wg');
    for (let length = 0; length < whole!.length; length += 4) {
      const device = decodeWireGuard([Buffer.from(whole!.subarray(0, length))]);
      if (device !== undefined) expect(device.peers.length).toBeLessThan(2);
    }
  });

  it(`may be any bytes: ${RUNS} times`, () => {
    const originals = ['wg', 'wg.idle'].map((name) => messagesOf(name));
    const mutation = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.constantFrom(...originals), fc.array(mutation, { minLength: 1, maxLength: 8 }), (messages, mutations) => {
        const bodies = messages.map((message) => Buffer.from(message));
        for (const [at, value] of mutations) bodies[0]![at % bodies[0]!.length] = value;
        for (const peer of decodeWireGuard(bodies)?.peers ?? []) {
          expect(peer.publicKey).toMatch(/^[A-Za-z0-9+/]{43}=$/);
          expect(Number.isSafeInteger(peer.lastHandshake) && peer.lastHandshake >= 0).toBe(true);
          expect(peer.allowedIPs.length).toBeLessThanOrEqual(MOST_ALLOWED_IPS);
        }
      }),
      { numRuns: RUNS },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 256 }), (any) => {
        decodeWireGuard([Buffer.from(any)]);
        const number = decodeFamilyNumber(Buffer.from(any));
        expect(number === undefined || (number >= 16 && number <= 0xffff)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a family of generic netlink', () => {
  it('has the number that the kernel gave it', () => {
    const number = decodeFamilyNumber(bytes(recording.family));
    expect(number).toBeGreaterThan(16);
    expect(decodeFamilyNumber(Buffer.alloc(4))).toBeUndefined();
  });
});

describeWith([root], 'generic netlink of this kernel', () => {
  it('knows its own family, and none that no module brought', () => {
    const requests = openGenericRequests();
    try {
      expect(familyNumber(requests, 'nlctrl')).toBe(16);
      expect(familyNumber(requests, 'canopy-none')).toBeUndefined();
      // Asked for a device that there is none of, with the module or without.
      expect(readWireGuard(requests, 'canopy-none')).toBeUndefined();
      expect(requests.malformed).toBe(0);
    } finally {
      requests.close();
    }
  });
});
