import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ownPeers, readPeer, withoutPeers } from '../../../agent/capture/ownTraffic.js';

describe('what Canopy says itself', () => {
  it('is left out on each port with all whom it goes to', () => {
    const peers = [
      { address: '192.0.2.1', port: 8082 },
      { address: 'fd00::1', port: 8082 },
      { address: '192.0.2.1', port: 8082 },
      { address: '192.0.2.9', port: 2379 },
      { address: '192.0.2.7', port: 0 },
    ];
    const without =
      'not (port 8082 and (host 192.0.2.1 or host fd00::1)) and not (port 2379 and (host 192.0.2.9)) and not (host 192.0.2.7)';
    expect(withoutPeers('', peers)).toBe(without);
    expect(withoutPeers('udp or tcp', peers)).toBe(`${without} and (udp or tcp)`);
    expect(withoutPeers('udp', [])).toBe('udp');
  });

  it('goes to the analyzer and to etcd, by any version of IP and on the usual ports', async () => {
    expect(await ownPeers('http://192.0.2.1:8082', ['http://192.0.2.2:2380', '192.0.2.3:2381', 'https://[fd00::2]', 'http://:x'])).toEqual([
      { address: '192.0.2.1', port: 8082 },
      { address: '192.0.2.2', port: 2380 },
      { address: '192.0.2.3', port: 2381 },
      { address: 'fd00::2', port: 2379 },
    ]);
    expect(await ownPeers('https://[fd00::1]', [])).toEqual([{ address: 'fd00::1', port: 443 }]);
    expect(await ownPeers('http://nobody.invalid:1', [])).toEqual([]);
  });

  it('comes from agents elsewhere to every address of this host, where the analyzer is on it', async () => {
    const peers = await ownPeers('http://127.0.0.1:8082', []);
    expect(peers[0]).toEqual({ address: '127.0.0.1', port: 8082 });
    const others = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ internal }) => !internal));
    for (const { address } of others) expect(peers).toContainEqual({ address, port: 8082 });
  });
});

it('targets are read with their brackets', () => {
  expect(readPeer('192.0.2.1:2055')).toEqual({ address: '192.0.2.1', port: 2055 });
  expect(readPeer('[fd00::1]:2055')).toEqual({ address: 'fd00::1', port: 2055 });
  expect(readPeer('192.0.2.1')).toEqual({ address: '192.0.2.1', port: 0 });
  for (const text of ['fd00::1:2055', 'collector:2055', '192.0.2.1:99999', '']) expect(readPeer(text)).toBeUndefined();
});
