import { CanopyError } from '../../../common/errors.js';
import type { Json, JsonObject } from '../../../common/json.js';
import { INJECTION_MODES, INJECTION_TYPES } from '../../../protocol/injection.js';
import type { InjectionRequest } from '../../../services/injections/injection.js';
import { fieldOf } from '../../elementJson.js';
import { injectionJson } from '../../injectionJson.js';
import type { RestContext } from '../context.js';
import { isFound, withOldName, type Resource } from '../resource.js';

/** Packets sent on request; an injection that was made is listed until some time after its end, or until somebody deletes it. */
export const injectionResource = ({ services }: RestContext): Resource => {
  const { injections } = services;
  return {
    name: 'injectpacket',
    takesYaml: true,
    oldWords: (error) => withOldName(error, OLD_NAMES),
    async list(asker) {
      const there = (await injections.list(asker)).filter(({ isCancelled }) => !isCancelled);
      return Object.fromEntries(there.map((one) => [one.id, injectionJson(one)]));
    },
    async get(asker, id) {
      const found = await injections.get(asker, id);
      return found === undefined || found.isCancelled ? undefined : injectionJson(found);
    },
    async create(asker, body, ttlMs) {
      return injectionJson(await injections.start(asker, { ...readInjection(body), lifetime: ttlMs }));
    },
    async remove(asker, id) {
      if ((await injections.get(asker, id))?.isCancelled) return false;
      return isFound(() => injections.cancel(asker, id));
    },
  };
};

/** Fields by their names in the rest of the product. */
const OLD_NAMES = {
  src: 'Src',
  source: 'Src',
  destination: 'Dst',
  srcIp: 'SrcIP',
  dstIp: 'DstIP',
  srcMac: 'SrcMAC',
  dstMac: 'DstMAC',
  srcPort: 'SrcPort',
  dstPort: 'DstPort',
  icmpId: 'ICMPID',
  count: 'Count',
  interval: 'Interval',
  payload: 'Payload',
  incrementPayload: 'IncrementPayload',
  ttl: 'TTL',
  pcap: 'Pcap',
};

function readInjection(body: JsonObject): InjectionRequest {
  const text = (key: string): string | undefined => {
    const value = fieldOf(body, key) ?? '';
    if (typeof value !== 'string')
      throw new CanopyError('BAD_INPUT', `${key}: a text is needed, not ${JSON.stringify(value).slice(0, 40)}`);
    return value === '' ? undefined : value;
  };
  /** Zero says nothing, as Go writes it. */
  const number = (key: string): number | undefined => {
    const value: Json = fieldOf(body, key) ?? 0;
    if (typeof value !== 'number')
      throw new CanopyError('BAD_INPUT', `${key}: a number is needed, not ${JSON.stringify(value).slice(0, 40)}`);
    return value === 0 ? undefined : value;
  };
  const type = INJECTION_TYPES.find((one) => one === text('Type'));
  if (type === undefined) throw new CanopyError('BAD_INPUT', 'given type is not supported');
  const givenMode = text('Mode');
  const mode = INJECTION_MODES.find((one) => one === givenMode);
  if (givenMode !== undefined && mode === undefined) throw new CanopyError('BAD_INPUT', 'given mode is not supported');
  const pcap = text('Pcap');
  return {
    src: text('Src'),
    dst: text('Dst'),
    type,
    srcIp: text('SrcIP'),
    dstIp: text('DstIP'),
    srcMac: text('SrcMAC'),
    dstMac: text('DstMAC'),
    srcPort: number('SrcPort'),
    dstPort: number('DstPort'),
    icmpId: number('ICMPID'),
    count: number('Count'),
    interval: number('Interval'),
    mode,
    payload: text('Payload'),
    incrementPayload: number('IncrementPayload'),
    ttl: number('TTL'),
    pcap: pcap === undefined ? undefined : Buffer.from(pcap, 'base64'),
  };
}
