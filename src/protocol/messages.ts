import type { Acknowledge, Deltas, Refused } from './deltas.js';
import type { Heartbeat, HeartbeatReply, ClockStep } from './heartbeat.js';
import type { PictureBegin, PictureEnd, PicturePage, PictureRequest } from './picture.js';
import type { Hello, Welcome } from './session.js';
import type { Status } from './status.js';

/** What an agent sends. */
export type AgentMessage = Hello | HeartbeatReply | ClockStep | Status | Deltas | PictureBegin | PicturePage | PictureEnd;

/** What the analyzer sends. */
export type HubMessage = Welcome | Heartbeat | Acknowledge | Refused | PictureRequest;

export type Message = AgentMessage | HubMessage;
