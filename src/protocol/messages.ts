import type { Abilities, CaptureStates, CaptureTasks } from './capture.js';
import type { Acknowledge, Deltas, Refused } from './deltas.js';
import type { Flows, FlowsAcknowledge, FlowsRefresh, FlowsRefreshed } from './flows.js';
import type { Heartbeat, HeartbeatReply, ClockStep } from './heartbeat.js';
import type { Inject, InjectCancel, InjectProgress } from './injection.js';
import type { PictureBegin, PictureEnd, PicturePage, PictureRequest } from './picture.js';
import type { Hello, Welcome } from './session.js';
import type { Status } from './status.js';

/** What an agent sends. */
export type AgentMessage =
  | Hello
  | HeartbeatReply
  | ClockStep
  | Status
  | Deltas
  | PictureBegin
  | PicturePage
  | PictureEnd
  | Flows
  | FlowsRefreshed
  | CaptureStates
  | Abilities
  | InjectProgress;

/** What the analyzer sends. */
export type HubMessage =
  Welcome | Heartbeat | Acknowledge | Refused | PictureRequest | FlowsAcknowledge | FlowsRefresh | CaptureTasks | Inject | InjectCancel;

export type Message = AgentMessage | HubMessage;
