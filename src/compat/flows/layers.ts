import type { FlowLayer, IcmpLayer, IcmpType, LinkProtocol, NetworkProtocol, TransportLayer, TransportProtocol } from '../../flow/flow.js';
import { ICMP_TYPES } from '../../flow/flow.js';
import { Numbering } from './numbering.js';
import { wireText, type WireField } from './wire.js';

/** What a layer of a flow says, or `undefined` where it cannot be told which field is which. */
type Read<Layer> = Layer | undefined;

/** Flow protocols by the numbers of flows.md §1.1. */
const LINKS: Readonly<Record<number, LinkProtocol>> = { 0: 'ETHERNET' };
const NETWORKS: Readonly<Record<number, NetworkProtocol>> = { 1: 'IPV4', 5: 'IPV6' };
const TRANSPORTS: Readonly<Record<number, TransportProtocol>> = { 2: 'TCP', 3: 'UDP', 4: 'SCTP' };

/** Bytes of an address as text. */
const MOST_ADDRESS_BYTES = 64;
const MOST_PORT = 65_535;

/** Places in the declarations. */
const END = { protocol: 0, a: 1, b: 2, id: 3 } as const;
const ICMP = { type: 0, code: 1, id: 2 } as const;

const ECHO = ICMP_TYPES.indexOf('ECHO');

/** Protocol, A, B, ID: the two texts are A and B, the number before them is Protocol, the one behind them ID. */
export class LayerReader {
  readonly #numbering = new Numbering(4);

  link(fields: readonly WireField[]): Read<FlowLayer<LinkProtocol>> {
    return this.#read(fields, LINKS);
  }

  network(fields: readonly WireField[]): Read<FlowLayer<NetworkProtocol>> {
    return this.#read(fields, NETWORKS);
  }

  #read<Protocol extends string>(fields: readonly WireField[], protocols: Readonly<Record<number, Protocol>>): Read<FlowLayer<Protocol>> {
    const texts = fields.filter(({ bytes }) => bytes !== undefined);
    const [first, second] = texts;
    if (texts.length === 2) {
      this.#numbering.learnNew(first!.number, END.a);
      this.#numbering.learnNew(second!.number, END.b);
      for (const { number, value } of fields) {
        if (value !== undefined) this.#numbering.learnNew(number, number < first!.number ? END.protocol : END.id);
      }
    }
    const layer = { protocol: 0, a: '', b: '', id: 0 };
    for (const { number, value, bytes } of fields) {
      const index = this.#numbering.indexOf(number);
      if (index === END.protocol && value !== undefined) layer.protocol = value;
      else if (index === END.id && value !== undefined) layer.id = value;
      else if (index === END.a && bytes !== undefined) layer.a = wireText(bytes, MOST_ADDRESS_BYTES);
      else if (index === END.b && bytes !== undefined) layer.b = wireText(bytes, MOST_ADDRESS_BYTES);
      else return undefined;
    }
    const Protocol = protocols[layer.protocol];
    return Protocol && { Protocol, A: layer.a, B: layer.b, ID: layer.id };
  }
}

/** Protocol, A, B, ID, all of them numbers. Protocol is never 0 here; ports rarely are, and ID nearly always is. */
export class TransportReader {
  readonly #numbering = new Numbering(4);

  read(fields: readonly WireField[]): Read<TransportLayer> {
    this.#learn(fields.map(({ number }) => number));
    const layer = [0, 0, 0, 0];
    for (const { number, value } of fields) {
      const index = this.#numbering.indexOf(number);
      if (index === undefined || value === undefined) return undefined;
      layer[index] = value;
    }
    const [protocol, A, B, ID] = layer as [number, number, number, number];
    const Protocol = TRANSPORTS[protocol];
    return Protocol && A <= MOST_PORT && B <= MOST_PORT ? { Protocol, A, B, ID } : undefined;
  }

  #learn(numbers: readonly number[]): void {
    if (this.#numbering.learnWhole(numbers)) return;
    const [protocol, second, third] = numbers;
    if (protocol === undefined) return;
    if (!this.#numbering.isKnown) this.#numbering.learnNew(protocol, END.protocol);
    if (second === undefined || this.#numbering.indexOf(protocol) !== END.protocol) return;
    // Three: a port of 0 with an ID is no flow. Two: what follows the protocol at once can only be A.
    if (third !== undefined || second === protocol + 1) this.#numbering.learnNew(second, END.a);
    if (third !== undefined) this.#numbering.learnNew(third, this.#numbering.indexOf(second) === END.b ? END.id : END.b);
  }
}

/** Type, Code, ID. Type is 0 only where it is not known. */
export class IcmpReader {
  readonly #numbering = new Numbering(3);

  read(fields: readonly WireField[]): Read<IcmpLayer> {
    this.#learn(fields);
    const layer = [0, 0, 0];
    for (const { number, value } of fields) {
      const index = this.#numbering.indexOf(number);
      if (index === undefined || value === undefined) return undefined;
      layer[index] = value;
    }
    const [type, Code, ID] = layer as [number, number, number];
    const Type: IcmpType | undefined = ICMP_TYPES[type];
    return Type && { Type, ...(Code !== 0 && { Code }), ...(ID !== 0 && { ID }) };
  }

  #learn(fields: readonly WireField[]): void {
    if (this.#numbering.learnWhole(fields.map(({ number }) => number))) return;
    const [first, second] = fields;
    if (first?.value === undefined) return;
    if (!this.#numbering.isKnown) this.#numbering.learnNew(first.number, ICMP.type);
    if (second === undefined || this.#numbering.indexOf(first.number) !== ICMP.type) return;
    // What follows the type at once can only be the code; an echo has none, so its second number is the ID.
    if (second.number === first.number + 1) this.#numbering.learnNew(second.number, ICMP.code);
    else if (first.value === ECHO) this.#numbering.learnNew(second.number, ICMP.id);
  }
}
