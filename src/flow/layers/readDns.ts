import { ipv4Text, ipv6Text } from '../addresses.js';
import { DNS_HEADER_LENGTH, DNS_TYPE } from '../decode/dns.js';
import { walkName } from '../decode/dnsName.js';
import type { DnsLayer, DnsQuestion, DnsResourceRecord } from './dns.js';

const OP_CODES: Readonly<Record<number, string>> = { 0: 'Query', 1: 'Inverse Query', 2: 'Status', 4: 'Notify', 5: 'Update' };

/** Texts of response codes (RFC 6895 §2.3) as Skydive's answers have them, a trailing blank included. */
const RESPONSE_CODES: readonly string[] = [
  'No Error',
  'Format Error',
  'Server Failure ',
  'Non-Existent Domain',
  'Not Implemented',
  'Query Refused',
  'Name Exists when it should not',
  'RR Set Exists when it should not',
  'RR Set that should exist does not',
  'Server Not Authoritative for zone',
  'Name not contained in zone',
];
const EXTENDED_RESPONSE_CODES: Readonly<Record<number, string>> = {
  16: 'Bad OPT Version',
  17: 'Key not recognized',
  18: 'Signature out of time window',
  19: 'Bad TKEY Mode',
  20: 'Duplicate key name',
  21: 'Algorithm not supported',
  22: 'Bad Truncation',
  23: 'Bad Cookie',
};

const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 2: 'CS', 3: 'CH', 4: 'HS', 255: 'Any' };

const TYPES: Readonly<Record<number, string>> = {
  ...Object.fromEntries(Object.entries(DNS_TYPE).map(([name, number]) => [number, name])),
  3: 'MD',
  4: 'MF',
  7: 'MB',
  8: 'MG',
  9: 'MR',
  10: 'NULL',
  11: 'WKS',
  14: 'MINFO',
};

const OPTIONS: Readonly<Record<number, string>> = {
  3: 'NSID',
  5: 'DAU',
  6: 'DHU',
  7: 'N3U',
  8: 'EDNSClientSubnet',
  9: 'EDNSExpire',
  10: 'Cookie',
  11: 'EDNSKeepAlive',
  12: 'CodePadding',
  13: 'CodeChain',
  14: 'CodeEDNSKeyTag',
  16: 'EDNSClientTag',
  17: 'EDNSServerTag',
  26946: 'DeviceID',
};

/** Leaves out what is empty, false or 0. */
function compact<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, part]) => part !== undefined && part !== 0 && part !== '' && part !== false && !(Array.isArray(part) && part.length === 0),
    ),
  ) as T;
}

/** Reads a message that the decoder found to be whole: `bytes` from `start` to `end`, at `timeMs` and `nanos`. */
export function readDns(bytes: Uint8Array, start: number, end: number, timeMs: number, nanos: number): DnsLayer {
  const u16 = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  const u32 = (at: number): number => ((u16(at) << 16) | u16(at + 2)) >>> 0;
  const nameAt = (at: number): { name: string; behind: number } => {
    const labels: string[] = [];
    const behind = walkName(bytes, start, end, at, labels);
    return { name: labels.join('.'), behind };
  };
  let at = start + DNS_HEADER_LENGTH;
  let extendedCode = 0;

  const question = (): DnsQuestion => {
    const { name, behind } = nameAt(at);
    at = behind + 4;
    return compact({ name, type: TYPES[u16(behind)] ?? 'Unknown', class: CLASSES[u16(behind + 2)] ?? 'Unknown' });
  };

  const texts = (from: number, to: number): string[] => {
    const found: string[] = [];
    for (let text = from; text < to; text += 1 + bytes[text]!) {
      found.push(Buffer.from(bytes.subarray(text + 1, text + 1 + bytes[text]!)).toString('utf8'));
    }
    return found;
  };

  const data = (type: number, from: number, to: number): Partial<DnsResourceRecord> | undefined => {
    switch (type) {
      case DNS_TYPE.A:
      case DNS_TYPE.AAAA:
        if (to - from === 4) return { IP: ipv4Text(u32(from)) };
        return { IP: to - from === 16 ? ipv6Text(u32(from), u32(from + 4), u32(from + 8), u32(from + 12)) : '' };
      case DNS_TYPE.NS:
        return { NS: nameAt(from).name };
      case DNS_TYPE.CNAME:
        return { c_name: nameAt(from).name };
      case DNS_TYPE.PTR:
        return { PTR: nameAt(from).name };
      case DNS_TYPE.TXT:
      case DNS_TYPE.HINFO:
        return { TXTs: texts(from, to) };
      case DNS_TYPE.MX:
        return { MX: compact({ preference: u16(from), name: nameAt(from + 2).name }) };
      case DNS_TYPE.SRV:
        return { SRV: compact({ priority: u16(from), weight: u16(from + 2), port: u16(from + 4), name: nameAt(from + 6).name }) };
      case DNS_TYPE.SOA: {
        const { name: m_name, behind: second } = nameAt(from);
        const { name: r_name, behind: numbers } = nameAt(second);
        const [serial, refresh, retry, expire, minimum] = [0, 4, 8, 12, 16].map((offset) => u32(numbers + offset));
        return { SOA: compact({ m_name, r_name, serial, refresh, retry, expire, minimum }) };
      }
      case DNS_TYPE.OPT: {
        const options: { code: string; data: string }[] = [];
        for (let option = from; option < to; option += 4 + u16(option + 2)) {
          const content = Buffer.from(bytes.subarray(option + 4, option + 4 + u16(option + 2))).toString('base64');
          options.push(compact({ code: OPTIONS[u16(option)] ?? 'Unknown', data: content }));
        }
        return { OPT: options };
      }
      default:
        return undefined;
    }
  };

  const records = (count: number, mayExtend: boolean): DnsResourceRecord[] => {
    const found: DnsResourceRecord[] = [];
    for (let index = 0; index < count; index++) {
      const { name, behind } = nameAt(at);
      const type = u16(behind);
      const TTL = u32(behind + 4);
      const data_length = u16(behind + 8);
      at = behind + 10 + data_length;
      if (mayExtend && type === DNS_TYPE.OPT) extendedCode = (TTL >>> 20) & 0xf0;
      const content = data(type, behind + 10, at);
      if (content === undefined) continue;
      found.push(
        compact({ name, type: TYPES[type] ?? 'Unknown', class: CLASSES[u16(behind + 2)] ?? 'Unknown', TTL, data_length, ...content }),
      );
    }
    return found;
  };

  const flags = u16(start + 2);
  const [q_d_count, a_n_count, n_s_count, a_r_count] = [u16(start + 4), u16(start + 6), u16(start + 8), u16(start + 10)];
  const questions = Array.from({ length: q_d_count }, question);
  const answers = records(a_n_count, false);
  const authorities = records(n_s_count, false);
  const additionals = records(a_r_count, true);
  const code = (flags & 0x0f) | extendedCode;
  return compact({
    AA: (flags & 0x0400) !== 0,
    ID: u16(start),
    QR: (flags & 0x8000) !== 0,
    RA: (flags & 0x0080) !== 0,
    RD: (flags & 0x0100) !== 0,
    TC: (flags & 0x0200) !== 0,
    a_n_count,
    a_r_count,
    additionals,
    answers,
    authorities,
    n_s_count,
    op_code: OP_CODES[(flags >> 11) & 0x0f] ?? 'Unknown',
    q_d_count,
    questions,
    response_code: RESPONSE_CODES[code] ?? EXTENDED_RESPONSE_CODES[code] ?? 'Unknown',
    z: (flags >> 4) & 0x07,
    timestamp: compact({ seconds: Math.floor(timeMs / 1000), nanos: (timeMs % 1000) * 1_000_000 + nanos }),
  });
}
