import { openSync } from 'node:fs';
import { inNamespace, withNamespace } from '../../agent/linux/namespace.js';
import { sys } from '../../agent/linux/syscall.js';

// linux/if_tun.h
const TUNSETIFF = 0x4004_54ca;
const TUNSETLINK = 0x4004_54cd;
const IFF_TUN = 0x0001;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFREQ = { bytes: 40, name: 0, flags: 16 } as const;

/** What a link of a test is: a tap has Ethernet, a tun begins with IP and may pass for a tunnel of another hardware type (`ARPHRD_*`). */
export type TunnelKind = { readonly mode: 'tap' } | { readonly mode: 'tun'; readonly hardwareType?: number };

/** Makes a tun or tap link in a namespace, down. It is there as long as the descriptor is open: what is sent on it can be read there. */
export function openTunnel(namespacePath: string, name: string, kind: TunnelKind): number {
  return withNamespace(namespacePath, ({ fd }) =>
    inNamespace(fd, () => {
      const tunnel = openSync('/dev/net/tun', 'r+');
      const request = Buffer.alloc(IFREQ.bytes);
      request.write(name, IFREQ.name);
      request.writeUInt16LE((kind.mode === 'tap' ? IFF_TAP : IFF_TUN) | IFF_NO_PI, IFREQ.flags);
      sys.ioctl(tunnel, TUNSETIFF, request);
      if (kind.mode === 'tun' && kind.hardwareType !== undefined) sys.ioctl(tunnel, TUNSETLINK, kind.hardwareType);
      return tunnel;
    }),
  );
}
