import { CanopyError } from '../../../common/errors.js';
import type { Json, JsonObject } from '../../../common/json.js';
import { CAPTURE_TARGETS, CAPTURE_TYPES, LAYER_KEY_MODES } from '../../../protocol/capture.js';
import type { Capture } from '../../../services/captures/capture.js';
import { captureJson, LAYER_BITS } from '../../captureJson.js';
import { fieldOf } from '../../elementJson.js';
import type { RestContext } from '../context.js';
import { isFound, withOldName, type Resource } from '../resource.js';

/** Captures, as the rest of the product has them. */
export const captureResource = ({ services }: RestContext): Resource => {
  const { captures } = services;
  const show = (capture: Capture): JsonObject => captureJson(capture, activeOn(capture.id));
  const activeOn = (id: string): number => captures.activitiesOf(id).filter(({ state }) => state === 'ACTIVE').length;
  return {
    name: 'capture',
    takesYaml: true,
    oldWords,
    async list(asker) {
      return Object.fromEntries((await captures.list(asker)).map((capture) => [capture.id, show(capture)]));
    },
    async get(asker, id) {
      const found = await captures.get(asker, id);
      return found && show(found);
    },
    async create(asker, body, ttlMs) {
      return show(await captures.create(asker, { ...readCapture(body), ttl: ttlMs }));
    },
    remove: (asker, id) => isFound(() => captures.remove(asker, id)),
  };
};

function readCapture(body: JsonObject) {
  const text = (key: string): string | undefined => read(body, key, 'string') || undefined;
  const number = (key: string): number | undefined => read(body, key, 'number');
  const flag = (key: string): boolean | undefined => read(body, key, 'boolean');
  const gremlin = text('GremlinQuery');
  const bits = number('ExtraLayers') ?? 0;
  return {
    // None is a string that is no query.
    gremlin: gremlin ?? '',
    name: text('Name'),
    description: text('Description'),
    bpf: text('BPFFilter'),
    type: known('Type', text('Type'), CAPTURE_TYPES, 'Not a valid capture type: ', 'available types'),
    headerSize: number('HeaderSize'),
    rawPacketLimit: number('RawPacketLimit'),
    extraTcpMetric: flag('ExtraTCPMetric'),
    ipDefrag: flag('IPDefrag'),
    reassembleTcp: flag('ReassembleTCP'),
    layerKeyMode: known('LayerKeyMode', text('LayerKeyMode'), LAYER_KEY_MODES, 'Not a valid layer key mode: '),
    extraLayers: LAYER_BITS.flatMap(([bit, layer]) => (bits & bit ? [layer] : [])),
    // Skydive's clients send what they mean; what nobody sent is none.
    samplingRate: number('SamplingRate') ?? 0,
    pollingInterval: (number('PollingInterval') ?? 0) * 1_000,
    port: number('Port'),
    target: text('Target'),
    targetType: known('TargetType', text('TargetType'), CAPTURE_TARGETS, 'Not a valid target type: '),
  };
}

/** Fields by their names in the rest of the product. */
const OLD_NAMES = {
  gremlin: 'GremlinQuery',
  bpf: 'BPFFilter',
  name: 'Name',
  description: 'Description',
  headerSize: 'HeaderSize',
  samplingRate: 'SamplingRate',
  pollingInterval: 'PollingInterval',
  port: 'Port',
  target: 'Target',
};

/** Skydive's words where it has some. */
function oldWords(error: CanopyError): string {
  if (error.code === 'GREMLIN_SYNTAX') return `GremlinQuery: Not a valid Gremlin expression: ${error.message}`;
  if (error.details.field === 'rawPacketLimit') return 'RawPacketLimit: A valid raw packet limit size is > 0 && <= 10';
  return withOldName(error, OLD_NAMES);
}

function read(body: JsonObject, key: string, type: 'string'): string | undefined;
function read(body: JsonObject, key: string, type: 'number'): number | undefined;
function read(body: JsonObject, key: string, type: 'boolean'): boolean | undefined;
function read(body: JsonObject, key: string, type: 'string' | 'number' | 'boolean'): Json | undefined {
  const value = fieldOf(body, key);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type) throw new CanopyError('BAD_INPUT', `${key}: a ${type} is needed, not ${JSON.stringify(value).slice(0, 40)}`);
  return value;
}

function known<T extends string>(
  field: string,
  value: string | undefined,
  names: readonly T[],
  fault: string,
  list = 'available',
): T | undefined {
  if (value === undefined) return undefined;
  const name = names.find((one) => one.toLowerCase() === value.toLowerCase());
  if (name === undefined) throw new CanopyError('BAD_INPUT', `${field}: ${fault}${value}, ${list}: [${names.join(' ')}]`);
  return name;
}
