import WebSocket from 'ws';
import { MAX_MESSAGE_BYTES } from '../../src/protocol/limits.js';
import { AGENT_PATH, SUB_PROTOCOL } from '../../src/protocol/session.js';
import { CanopyError } from '../../src/common/errors.js';
import type { Dial, DialFailure } from './linkSocket.js';

/** How long TCP, TLS and the HTTP upgrade may take together. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Largest part of a refusal's body that is read and shown. */
const MAX_SHOWN_BODY = 300;

/** The address of the agents' door at an analyzer: `http://host:8082` becomes `ws://host:8082/agent`. Throws CONFIG_INVALID. */
export function agentUrl(analyzer: string): string {
  let url: URL;
  try {
    url = new URL(analyzer.includes('://') ? analyzer : `http://${analyzer}`);
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `analyzer: ${analyzer} is not a URL; write http://HOST:PORT (flag --analyzer)`, { cause });
  }
  const scheme = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[url.protocol];
  if (scheme === undefined) {
    throw new CanopyError(
      'CONFIG_INVALID',
      `analyzer: ${url.protocol}// cannot be spoken; write http://HOST:PORT or https://HOST:PORT (flag --analyzer)`,
    );
  }
  return `${scheme}//${url.host}${url.pathname.replace(/\/+$/u, '')}${AGENT_PATH}`;
}

/** What an agent trusts and shows where the analyzer speaks TLS; PEM. */
export interface DialCertificates {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** `false` only for an analyzer in the same process, whatever name its certificate has. */
  readonly rejectUnauthorized?: boolean;
}

/** Connects over a real WebSocket, presenting the token as HTTP bearer. Certificates are read for each connection, so that new ones need no restart. */
export function webSocketDial(analyzer: string, token: string | undefined, certificates: () => DialCertificates = () => ({})): Dial {
  const url = agentUrl(analyzer);
  return (events) => {
    const socket = new WebSocket(url, SUB_PROTOCOL, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
      ...certificates(),
    });
    let failure: DialFailure | undefined;
    let isTold = false;
    const closed = (code: number, reason: string): void => {
      if (isTold) return;
      isTold = true;
      events.closed(code, reason, failure);
    };
    socket.on('open', () => events.opened());
    socket.on('message', (data: Buffer) => events.received(data));
    socket.on('unexpected-response', (request, response) => {
      const { statusCode = 0 } = response;
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part.slice(0, MAX_SHOWN_BODY - body.length)));
      response.on('close', () => {
        failure = refusal(statusCode, url, token !== undefined, body.trim());
        request.destroy();
        closed(1006, failure.message);
      });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= { message: describeFailure(error, url), isRefusal: false };
    });
    socket.on('close', (code, reason) => closed(code, reason.toString('utf8')));
    return {
      send: (bytes) => socket.send(bytes),
      bufferedBytes: () => socket.bufferedAmount,
      close: (code, reason) => socket.close(code, reason),
      terminate: () => socket.terminate(),
    };
  };
}

function refusal(status: number, url: string, hasToken: boolean, body: string): DialFailure {
  switch (status) {
    case 401:
    case 403:
      return {
        isRefusal: true,
        message: hasToken
          ? `${url} refused the token; give one of the analyzer's tokens.agents with --token-file FILE`
          : `${url} asks for a token; give one of the analyzer's tokens.agents with --token-file FILE`,
      };
    case 404:
      return { isRefusal: true, message: `${url} was not found; is this the address of a Canopy analyzer? Set it with --analyzer URL` };
    case 400:
    case 426:
      return { isRefusal: true, message: `${url} does not speak ${SUB_PROTOCOL}: ${body || 'no reason given'}` };
    default:
      return { isRefusal: false, message: `${url} answered HTTP ${status}${body === '' ? '' : `: ${body}`}` };
  }
}

function describeFailure(error: NodeJS.ErrnoException, url: string): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${url}; start the analyzer or set its address with --analyzer URL`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name in ${url} is not known; set the address with --analyzer URL`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `${url} cannot be reached (${error.code}); check the network and --analyzer URL`;
    default:
      return `${url}: ${error.message}`;
  }
}
