import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../common/clock.js';
import { closeReason } from '../protocol/closeCodes.js';
import type { Log } from '../common/log.js';
import { refuseUpgrade, refuseUpgradeFor } from '../common/refuseUpgrade.js';
import type { Connection } from '../hub/connection.js';
import type { Hub } from '../hub/hub.js';
import { MAX_MESSAGE_BYTES } from '../protocol/limits.js';
import { AGENT_PATH, SUB_PROTOCOL } from '../protocol/session.js';
import type { Awaitable } from '../services/awaitable.js';
import { whenDismissed, type Viewer } from '../services/viewer.js';

/** How long a closing agent may take to say goodbye before its socket is cut. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Stands for a text message, which is no part of the protocol: the codec refuses these bytes as it refuses any others, so that it is counted and logged there. */
const TEXT = Buffer.from([0xc1]);

export interface AgentDoor {
  /** Takes an HTTP upgrade on `/agent`: checks who comes and the sub-protocol, then hands the socket to the hub. */
  handleAgentUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Cuts the sockets that are still open. */
  close(): void;
}

/** Binds the hub to real WebSockets. */
export function createAgentDoor(
  hub: Hub,
  admit: (request: IncomingMessage) => Awaitable<Viewer | undefined>,
  clock: Clock,
  log: Log,
  watchWriter?: (webSocket: WebSocket, socket: Duplex) => void,
): AgentDoor {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
    handleProtocols: () => SUB_PROTOCOL,
  });
  return {
    handleAgentUpgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const from = request.socket.remoteAddress ?? 'unknown';
      const welcome = async (): Promise<void> => {
        const viewer = await admit(request);
        const refusal = refuse(hub, viewer?.allows('websocket', AGENT_PATH) === true, request);
        if (refusal !== undefined) return reject(socket, refusal);
        server.handleUpgrade(request, socket, head, (ws) => {
          watchWriter?.(ws, socket);
          ws.on(
            'close',
            whenDismissed(viewer!, clock, () => ws.close(POLICY_VIOLATION, 'the token or the user is not good any more')),
          );
          hub.accept(toConnection(ws, from));
        });
      };
      welcome().catch((error: unknown) => refuseUpgradeFor(socket, error, log));
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1008;

interface HttpRefusal {
  readonly status: string;
  readonly body: string;
}

function refuse(hub: Hub, isAgent: boolean, request: IncomingMessage): HttpRefusal | undefined {
  if (!isAgent) {
    hub.refusedUpgrade('token');
    return { status: '401 Unauthorized', body: 'give the token of an agent (`canopy token create`, tokens.agents) as HTTP bearer' };
  }
  // A page in a browser always says where it comes from; an agent never does.
  if (request.headers.origin !== undefined) {
    hub.refusedUpgrade('origin');
    return { status: '403 Forbidden', body: 'this door is for agents, not for pages' };
  }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (offered.includes(SUB_PROTOCOL)) return undefined;
  hub.refusedUpgrade('version');
  return { status: '400 Bad Request', body: `this analyzer speaks ${SUB_PROTOCOL}; offered was ${offered.join(', ') || 'nothing'}` };
}

function reject(socket: Duplex, { status, body }: HttpRefusal): void {
  refuseUpgrade(socket, status, body, status.startsWith('401') ? { 'WWW-Authenticate': 'Bearer' } : {});
}

/** Errors of `ws` over what an agent sent, with the close code that RFC 6455 §7.4.1 has for them. */
const FRAMING_CODES: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
};
const OTHER_FRAMING_CODE = 1002;

function toConnection(ws: WebSocket, remoteAddress: string): Connection {
  let cut: NodeJS.Timeout | undefined;
  let framing: { readonly code: number; readonly reason: string } | undefined;
  ws.on('close', () => clearTimeout(cut));
  ws.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code?.startsWith('WS_ERR_') === true) framing = { code: FRAMING_CODES[code] ?? OTHER_FRAMING_CODE, reason: message };
  });
  return {
    remoteAddress,
    send: (bytes) => ws.send(bytes),
    close(code, reason) {
      ws.close(code, closeReason(reason));
      cut ??= setTimeout(() => ws.terminate(), CLOSE_TIMEOUT_MS).unref();
    },
    onMessage(listener) {
      ws.on('message', (data: Buffer, isBinary) => listener(isBinary ? data : TEXT));
    },
    onClose(listener) {
      ws.on('close', (code, reason) => listener(framing?.code ?? code, framing?.reason ?? reason.toString('utf8')));
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    get bufferedBytes() {
      return ws.bufferedAmount;
    },
  };
}
