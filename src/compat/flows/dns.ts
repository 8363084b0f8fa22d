import { CanopyError } from '../../common/errors.js';
import type { DnsLayer, DnsQuestion, DnsResourceRecord } from '../../flow/layers/dns.js';
import { readWire, wireText, type WireField } from './wire.js';

/** What a field holds. */
type Kind = 'number' | 'flag' | 'text' | 'texts' | 'bytes' | Declared;

/** A message by the names of its fields in JSON; `many`: it is there any number of times. */
interface Declared {
  readonly fields: Readonly<Record<string, Kind>>;
  readonly many?: true;
}

const QUESTION = { fields: { name: 'text', type: 'text', class: 'text' }, many: true } satisfies Declared;

const RECORD = {
  fields: {
    ...QUESTION.fields,
    TTL: 'number',
    data_length: 'number',
    IP: 'text',
    NS: 'text',
    c_name: 'text',
    PTR: 'text',
    TXTs: 'texts',
    SOA: {
      fields: { m_name: 'text', r_name: 'text', serial: 'number', refresh: 'number', retry: 'number', expire: 'number', minimum: 'number' },
    },
    SRV: { fields: { priority: 'number', weight: 'number', port: 'number', name: 'text' } },
    MX: { fields: { preference: 'number', name: 'text' } },
    OPT: { fields: { code: 'text', data: 'bytes' }, many: true },
  },
  many: true,
} satisfies Declared;

const FLAGS = ['ID', 'QR', 'AA', 'TC', 'RD', 'RA', 'op_code', 'response_code', 'z'] as const;
const COUNTS = ['q_d_count', 'a_n_count', 'n_s_count', 'a_r_count'] as const;
const LISTS = ['questions', 'answers', 'authorities', 'additionals'] as const;

/** flows.md §1.1. The numbers of seconds and nanoseconds are those of every protobuf. */
const DNS: Declared = {
  fields: {
    ...{ ID: 'number', QR: 'flag', AA: 'flag', TC: 'flag', RD: 'flag', RA: 'flag' },
    ...{ op_code: 'text', response_code: 'text', z: 'number' },
    ...{ q_d_count: 'number', a_n_count: 'number', n_s_count: 'number', a_r_count: 'number' },
    ...{ questions: QUESTION, answers: RECORD, authorities: RECORD, additionals: RECORD },
    timestamp: { fields: { seconds: 'number', nanos: 'number' } },
  },
};

/** Orders in which the fields of every message may be numbered from 1; which it is was never written down, and what is sent shows it. */
type Order = (declared: Declared) => readonly string[];

const asListed: Order = ({ fields }) => Object.keys(fields);
/** The header as RFC 1035 §4.1.1 has it. */
const asOnTheWire: Order = (declared) =>
  declared === DNS
    ? ['ID', 'QR', 'op_code', 'AA', 'TC', 'RD', 'RA', 'z', 'response_code', ...COUNTS, ...LISTS, 'timestamp']
    : asListed(declared);
const sorted: Order = (declared) => ('seconds' in declared.fields ? asListed(declared) : asListed(declared).toSorted());
const sortedTimeLast: Order = (declared) =>
  declared === DNS ? [...[...FLAGS, ...COUNTS, ...LISTS].sort(), 'timestamp'] : sorted(declared);

const ORDERS: readonly Order[] = [asListed, asOnTheWire, sorted, sortedTimeLast];

/** Bytes of a text: a name is at most 255, and may be escaped. */
const MOST_TEXT_BYTES = 4_096;
const MOST_WORD = 65_535;

const OP_CODE = /^(?:Query|Inverse Query|Status|Notify|Update|Unknown)$/;
/** Of the texts of response codes none is an operation's, but `Unknown`. */
const RESPONSE_CODE = /^[A-Z][A-Za-z-]* [\w -]*$|^Unknown$/;
const CLASS = /^(?:IN|CS|CH|HS|Any|Unknown)$/;

/** Where the data of a record are, by its type. */
const DATA: Readonly<Record<string, keyof DnsResourceRecord>> = {
  ...{
    A: 'IP',
    AAAA: 'IP',
    NS: 'NS',
    CNAME: 'c_name',
    PTR: 'PTR',
    TXT: 'TXTs',
    HINFO: 'TXTs',
    SOA: 'SOA',
    SRV: 'SRV',
    MX: 'MX',
    OPT: 'OPT',
  },
};
const DATA_FIELDS = new Set<string>(Object.values(DATA));

/** Reads the DNS messages of one agent's flows. */
export class DnsReader {
  /** Rises whenever something was settled. */
  version = 0;
  #left = ORDERS;

  /** Takes what a message shows of the order of the fields; one that fits none shows nothing. */
  learn(bytes: Uint8Array): void {
    const left = this.#left.filter((order) => readIn(order, bytes) !== undefined);
    if (left.length === 0 || left.length === this.#left.length) return;
    this.#left = left;
    this.version += 1;
  }

  /** `unsure` where it means different things by the orders that are left, `undefined` where it is damaged or fits none. */
  read(bytes: Uint8Array): DnsLayer | 'unsure' | undefined {
    const read = this.#left.flatMap((order) => readIn(order, bytes) ?? []);
    const texts = new Set(read.map((layer) => JSON.stringify(layer)));
    return texts.size > 1 ? 'unsure' : read[0];
  }

  /** Nothing more will be known soon: the order in which the fields are listed is the likeliest. */
  assume(): void {
    if (this.#left.length === 1) return;
    this.#left = this.#left.slice(0, 1);
    this.version += 1;
  }
}

function readIn(order: Order, bytes: Uint8Array): DnsLayer | undefined {
  try {
    const layer = readMessage(DNS, order, bytes) as DnsLayer;
    return isPossible(layer) ? layer : undefined;
  } catch (error) {
    if (!(error instanceof CanopyError)) throw error;
    return undefined;
  }
}

/** The message as JSON, what is empty left out. Throws `BAD_INPUT` where the bytes are no such message. */
function readMessage(declared: Declared, order: Order, bytes: Uint8Array): Record<string, unknown> {
  const names = order(declared);
  const read = new Map<string, unknown>();
  for (const field of readWire(bytes)) {
    const name = names[field.number - 1];
    if (name === undefined) throw unfit(`there is no field ${field.number}`);
    const kind = declared.fields[name]!;
    const value = valueOf(kind, order, field);
    const isMany = kind === 'texts' || (typeof kind === 'object' && kind.many === true);
    if (!isMany && read.has(name)) throw unfit(`${name} is there twice`);
    if (!isMany) read.set(name, value);
    else if (read.has(name)) (read.get(name) as unknown[]).push(value);
    else read.set(name, [value]);
  }
  return Object.fromEntries(asListed(declared).flatMap((name) => (read.has(name) ? [[name, read.get(name)]] : [])));
}

function valueOf(kind: Kind, order: Order, { value, bytes }: WireField): unknown {
  if (kind === 'number' && value !== undefined && value >= 0) return value;
  if (kind === 'flag' && value === 1) return true;
  if (bytes === undefined || kind === 'number' || kind === 'flag') throw unfit('a field of another kind');
  if (kind === 'bytes') return Buffer.from(bytes).toString('base64');
  return typeof kind === 'string' ? wireText(bytes, MOST_TEXT_BYTES) : readMessage(kind, order, bytes);
}

function isPossible(layer: DnsLayer): boolean {
  const { ID = 0, z = 0, op_code = '', response_code = '', timestamp } = layer;
  if (ID > MOST_WORD || z > 7 || !OP_CODE.test(op_code) || !RESPONSE_CODE.test(response_code) || timestamp?.seconds === undefined)
    return false;
  // Entries of kinds that are not read are left out of the lists.
  if (COUNTS.some((count, at) => (layer[count] ?? 0) > MOST_WORD || (layer[count] ?? 0) < (layer[LISTS[at]!]?.length ?? 0))) return false;
  const { questions = [], answers = [], authorities = [], additionals = [] } = layer;
  return questions.every(isQuestion) && [...answers, ...authorities, ...additionals].every(isRecord);
}

const isQuestion = ({ type = '', class: of = '' }: DnsQuestion): boolean => type !== '' && CLASS.test(of);

function isRecord(record: DnsResourceRecord): boolean {
  const data = DATA[record.type ?? ''];
  if (data === undefined || !(data === 'OPT' || CLASS.test(record.class ?? ''))) return false;
  return Object.keys(record).every((name) => name === data || !DATA_FIELDS.has(name));
}

const unfit = (what: string): CanopyError => new CanopyError('BAD_INPUT', `no DNS message: ${what}`);
