import type { Dhcpv4Layer } from '../../flow/layers/dhcpv4.js';
import type { Vrrpv2Layer } from '../../flow/layers/vrrpv2.js';
import { numberAt, type Shape, type Values } from './numbering.js';

const MOST_BYTE = 255;
const MOST_WORD = 65_535;

const VERSIONS: ReadonlySet<number> = new Set([2, 3]);

/** adver_int, priority, version, virtual_rtrID: only the version is told by its value, and the others follow the declaration. */
export const VRRPV2: Shape<void> = {
  name: 'vrrpv2',
  fields: ['number', 'number', 'number', 'number'],
  inOrder: [
    [0, 1],
    [0, 3],
    [1, 3],
  ],
  isPossible: (values) => VERSIONS.has(numberAt(values, 2)) && [0, 1, 3].every((place) => isWithin(values, place, MOST_BYTE)),
};

export function vrrpv2Of(values: Values): Vrrpv2Layer {
  const [adver_int, priority, version, virtual_rtrID] = [0, 1, 2, 3].map((place) => numberAt(values, place)) as [
    number,
    number,
    number,
    number,
  ];
  return {
    ...(adver_int !== 0 && { adver_int }),
    ...(priority !== 0 && { priority }),
    version,
    ...(virtual_rtrID !== 0 && { virtual_rtrID }),
  };
}

/** The only flag, RFC 2131 §2: answer by broadcast. */
const BROADCAST = 0x8000;
/** Bytes of an address of hardware, and relays on the way, RFC 2131 §2 and §4.1. */
const MOST_HARDWARE_BYTES = 16;
const MOST_HOPS = 16;
/** Bytes of the field for a server's name; that for a file is longer. */
const SERVER_NAME_BYTES = 64;

/** file, flags, hardware_len, hardware_opts, server_name, secs: the length of the hardware's address is always there. */
export const DHCPV4: Shape<void> = {
  name: 'dhcpv4',
  fields: ['bytes', 'number', 'number', 'number', 'bytes', 'number'],
  inOrder: [
    [0, 4],
    [2, 3],
    [3, 5],
  ],
  isPossible: (values) => {
    const [flags, hardwareLength] = [numberAt(values, 1), numberAt(values, 2)];
    if (flags !== 0 && flags !== BROADCAST) return false;
    if (hardwareLength < 1 || hardwareLength > MOST_HARDWARE_BYTES) return false;
    const serverName = values[4];
    if (serverName instanceof Uint8Array && serverName.length > SERVER_NAME_BYTES) return false;
    return isWithin(values, 3, MOST_HOPS) && isWithin(values, 5, MOST_WORD);
  },
};

export function dhcpv4Of(values: Values): Dhcpv4Layer {
  const [flags, hardware_opts, secs] = [numberAt(values, 1), numberAt(values, 3), numberAt(values, 5)];
  const [file, server_name] = [paddedTextAt(values, 0), paddedTextAt(values, 4)];
  return {
    ...(file !== '' && { file }),
    ...(flags !== 0 && { flags }),
    hardware_len: numberAt(values, 2),
    ...(hardware_opts !== 0 && { hardware_opts }),
    ...(server_name !== '' && { server_name }),
    ...(secs !== 0 && { secs }),
  };
}

const isWithin = (values: Values, place: number, most: number): boolean => {
  const value = numberAt(values, place);
  return value >= 0 && value <= most;
};

/** Fields of fixed length end with NULs. */
function paddedTextAt(values: Values, place: number): string {
  const bytes = values[place];
  if (!(bytes instanceof Uint8Array)) return '';
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}
