import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { CanopyError } from '../../common/errors.js';
import { randomId } from '../../common/ids.js';
import type { Json } from '../../common/json.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { fieldOf } from '../elementJson.js';

/** How a client wants its frames: texts of JSON, or binary protobuf (`proto/envelope.proto`). */
export type ClientProtocol = 'json' | 'protobuf';

/** One message, whatever it travelled as. */
export interface Envelope {
  readonly namespace: string;
  readonly type: string;
  /** Replies carry that of what they answer. */
  readonly uuid: string;
  /** As in HTTP; 0 where nothing was said. */
  readonly status: number;
  readonly body: Body;
}

/** JSON, or protobuf of a type that the namespace knows. */
export type Body = { readonly json: Json } | { readonly bytes: Uint8Array };

interface WireMessage {
  Namespace: string;
  Type: string;
  UUID: string;
  Status: number | { toNumber(): number };
  Format: number;
  Obj: Uint8Array;
}

const JSON_FORMAT = 0;
const PROTOBUF_FORMAT = 1;
const StructMessage = protobuf
  .parse(readFileSync(new URL('../proto/envelope.proto', import.meta.url), 'utf8'), { keepCase: true })
  .root.lookupType('StructMessage');
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Throws `BAD_INPUT` for what is no message. */
export function readEnvelope(data: Buffer, isProtobuf: boolean): Envelope {
  return isProtobuf ? fromProtobuf(data) : fromJson(data);
}

function fromJson(data: Buffer): Envelope {
  const message = parseJson(data);
  if (!isJsonObject(message)) throw new CanopyError('BAD_INPUT', 'a message is a JSON object');
  const text = (name: string): string => {
    const value = fieldOf(message, name) ?? '';
    if (typeof value !== 'string') throw new CanopyError('BAD_INPUT', `${name} of a message is a text`);
    return value;
  };
  const status = fieldOf(message, 'Status');
  return {
    namespace: text('Namespace'),
    type: text('Type'),
    uuid: text('UUID'),
    status: typeof status === 'number' ? status : 0,
    body: { json: fieldOf(message, 'Obj') ?? null },
  };
}

function fromProtobuf(data: Buffer): Envelope {
  let message: WireMessage;
  try {
    message = StructMessage.decode(data) as unknown as WireMessage;
  } catch (error) {
    throw new CanopyError('BAD_INPUT', `not a message: ${(error as Error).message}`);
  }
  const { Namespace, Type, UUID, Status, Format, Obj } = message;
  return {
    namespace: Namespace,
    type: Type,
    uuid: UUID,
    status: typeof Status === 'number' ? Status : Status.toNumber(),
    body: Format === PROTOBUF_FORMAT ? { bytes: Obj } : { json: Obj.length === 0 ? null : parseJson(Obj) },
  };
}

function parseJson(bytes: Uint8Array): Json {
  try {
    return JSON.parse(decoder.decode(bytes)) as Json;
  } catch (error) {
    throw new CanopyError('BAD_INPUT', `not JSON: ${(error as Error).message}`);
  }
}

/** A message to send, as JSON bodies are: the text of the body is made once for all who get it. */
export interface Outgoing {
  readonly namespace: string;
  readonly type: string;
  readonly uuid?: string;
  readonly status?: number;
  /** JSON. */
  readonly body: string;
  /** The same as protobuf, for clients that speak it, where the namespace wants it so. */
  readonly bytes?: Uint8Array;
}

/** The bytes of a frame: JSON text or protobuf. */
export function writeEnvelope(
  { namespace, type, uuid = randomId(), status = 200, body, bytes }: Outgoing,
  protocol: ClientProtocol,
): Buffer {
  if (protocol === 'protobuf') {
    const Format = bytes === undefined ? JSON_FORMAT : PROTOBUF_FORMAT;
    const message = { Namespace: namespace, Type: type, UUID: uuid, Status: status, Format, Obj: bytes ?? Buffer.from(body) };
    return Buffer.from(StructMessage.encode(message).finish());
  }
  return Buffer.from(
    `{"Namespace":${JSON.stringify(namespace)},"Type":${JSON.stringify(type)},"UUID":${JSON.stringify(uuid)},"Status":${status},"Obj":${body}}`,
  );
}
