import { Packr } from 'msgpackr/pack';
import { CanopyError } from '../common/errors.js';
import * as capture from './capture.js';
import * as deltas from './deltas.js';
import * as flows from './flows.js';
import * as heartbeat from './heartbeat.js';
import * as injection from './injection.js';
import { MAX_MESSAGE_BYTES } from './limits.js';
import { MESSAGE_FIELDS, messageName, MessageType, stepName } from './messageTypes.js';
import type { AgentMessage, HubMessage, Message } from './messages.js';
import * as picture from './picture.js';
import * as session from './session.js';
import * as status from './status.js';
import { unpack } from './unpack.js';
import { joinPath, protocolViolation, Violation } from './violation.js';
import { checkWellFormed, Malformed, type RawStep } from './wellFormed.js';

/** Plain MessagePack, so that an agent in any language can speak it: no records, no extension types, 64-bit integers as numbers. */
const packr = new Packr({ useRecords: false, int64AsType: 'number', encodeUndefinedAsNil: true });

/** The message as bytes. What this side sends is checked by types, not again at run time. */
export const encode = (message: Message): Buffer => packr.pack(pack(message));

function pack(message: Message): unknown[] {
  switch (message.kind) {
    case 'hello':
      return session.packHello(message);
    case 'welcome':
      return session.packWelcome(message);
    case 'heartbeat':
      return heartbeat.packHeartbeat(message);
    case 'heartbeatReply':
      return heartbeat.packHeartbeatReply(message);
    case 'clockStep':
      return heartbeat.packClockStep(message);
    case 'status':
      return status.packStatus(message);
    case 'deltas':
      return deltas.packDeltas(message);
    case 'acknowledge':
      return deltas.packAcknowledge(message);
    case 'refused':
      return deltas.packRefused(message);
    case 'pictureRequest':
      return picture.packPictureRequest(message);
    case 'pictureBegin':
      return picture.packPictureBegin(message);
    case 'picturePage':
      return picture.packPicturePage(message);
    case 'pictureEnd':
      return picture.packPictureEnd(message);
    case 'flows':
      return flows.packFlows(message);
    case 'flowsAcknowledge':
      return flows.packFlowsAcknowledge(message);
    case 'flowsRefresh':
      return flows.packFlowsRefresh(message);
    case 'flowsRefreshed':
      return flows.packFlowsRefreshed(message);
    case 'captureTasks':
      return capture.packCaptureTasks(message);
    case 'captureStates':
      return capture.packCaptureStates(message);
    case 'abilities':
      return capture.packAbilities(message);
    case 'inject':
      return injection.packInject(message);
    case 'injectCancel':
      return injection.packInjectCancel(message);
    case 'injectProgress':
      return injection.packInjectProgress(message);
  }
}

type Reader<M> = (fields: readonly unknown[], clockOffset: number) => M;

const FROM_AGENT: Readonly<Record<number, Reader<AgentMessage>>> = {
  [MessageType.HELLO]: session.readHello,
  [MessageType.HEARTBEAT_REPLY]: heartbeat.readHeartbeatReply,
  [MessageType.CLOCK_STEP]: heartbeat.readClockStep,
  [MessageType.STATUS]: status.readStatus,
  [MessageType.DELTAS]: deltas.readDeltas,
  [MessageType.PICTURE_BEGIN]: picture.readPictureBegin,
  [MessageType.PICTURE_PAGE]: picture.readPicturePage,
  [MessageType.PICTURE_END]: picture.readPictureEnd,
  [MessageType.FLOWS]: flows.readFlows,
  [MessageType.FLOWS_REFRESHED]: flows.readFlowsRefreshed,
  [MessageType.CAPTURE_STATES]: capture.readCaptureStates,
  [MessageType.ABILITIES]: capture.readAbilities,
  [MessageType.INJECT_PROGRESS]: injection.readInjectProgress,
};

const FROM_HUB: Readonly<Record<number, Reader<HubMessage>>> = {
  [MessageType.WELCOME]: session.readWelcome,
  [MessageType.HEARTBEAT]: heartbeat.readHeartbeat,
  [MessageType.ACKNOWLEDGE]: deltas.readAcknowledge,
  [MessageType.REFUSED]: deltas.readRefused,
  [MessageType.PICTURE_REQUEST]: picture.readPictureRequest,
  [MessageType.FLOWS_ACKNOWLEDGE]: flows.readFlowsAcknowledge,
  [MessageType.FLOWS_REFRESH]: flows.readFlowsRefresh,
  [MessageType.CAPTURE_TASKS]: capture.readCaptureTasks,
  [MessageType.INJECT]: injection.readInject,
  [MessageType.INJECT_CANCEL]: injection.readInjectCancel,
};

/**
 * Reads what an agent sent; stamps of deltas become the analyzer's by `clockOffset` (agent − analyzer, ms).
 * Throws PROTOCOL_VIOLATION with the path of the bad part: `DELTAS deltas[3].metadata.Name: …`.
 */
export const decodeFromAgent = (bytes: Uint8Array, clockOffset: number): AgentMessage => decode(bytes, FROM_AGENT, clockOffset);

/** Reads what the analyzer sent. Throws PROTOCOL_VIOLATION as `decodeFromAgent` does. */
export const decodeFromHub = (bytes: Uint8Array): HubMessage => decode(bytes, FROM_HUB, 0);

function decode<M>(bytes: Uint8Array, readers: Readonly<Record<number, Reader<M>>>, clockOffset: number): M {
  let type: unknown;
  try {
    if (bytes.length > MAX_MESSAGE_BYTES) throw new Violation('', `a message may have ${MAX_MESSAGE_BYTES} bytes, got ${bytes.length}`);
    checkWellFormed(bytes);
    const fields = unpack(bytes);
    if (!Array.isArray(fields)) throw new Violation('', 'expected a list that begins with the type of the message');
    type = (fields as unknown[])[0];
    const reader = typeof type === 'number' ? readers[type] : undefined;
    if (reader === undefined)
      throw new Violation('', `${typeof type === 'number' ? `type ${type}` : 'this'} is not a message for this side`);
    const expected = MESSAGE_FIELDS[type as number]?.length;
    if (fields.length !== expected) throw new Violation('', `expected ${expected} fields, got ${fields.length}`);
    return reader(fields as readonly unknown[], clockOffset);
  } catch (error) {
    if (error instanceof Malformed) throw protocolViolation(messageName(firstType(error)), named(error));
    if (error instanceof Violation) throw protocolViolation(messageName(type), error);
    if (error instanceof CanopyError) throw error;
    throw new CanopyError('PROTOCOL_VIOLATION', 'message: cannot be decoded', { cause: error });
  }
}

const firstType = (error: Malformed): number => typeOf(error.steps[0]);

const typeOf = (step: RawStep | undefined): number => (step !== undefined && 'type' in step ? step.type : -1);

/** Gives the positions of a malformed part the names of their fields. */
function named(error: Malformed): Violation {
  const messageType = firstType(error);
  const path = error.steps.reduce(
    (sofar, step, level) => joinPath(sofar, 'key' in step ? step.key : stepName(step.position, level, messageType, step.type)),
    '',
  );
  return new Violation(path, error.problem);
}
