import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LimitsConfig } from '../../common/config/config.js';
import { closeReason } from '../../protocol/closeCodes.js';
import type { Cancel, Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import type { Services } from '../../services/services.js';
import { credentialsOf } from '../../common/credentials.js';
import { whenDismissed, type Authenticate, type Viewer } from '../../services/viewer.js';
import { bearerToken } from '../auth/tokens.js';
import type { AcceptedSubscription, Pipeline } from '../graphql/pipeline.js';
import { Operation } from '../operation.js';
import { CLOSE_MS, INIT_MS } from './defaults.js';
import { openingOf } from './frame.js';
import type { Groups } from './groups.js';
import { OperationRefused, operationStream } from './operationStream.js';
import { Subscriber } from './subscriber.js';
import { Wire } from './wire.js';

/** Where these connections are made. */
const GRAPHQL_PATH = '/graphql';

/** Close code of graphql-transport-ws for who may not come in. */
const FORBIDDEN = 4403;

/** RFC 6455 §7.4.1: the endpoint goes away. */
const GOING_AWAY = 1001;
/** RFC 6455 §7.4.1 and its registry: try again later. */
const TRY_AGAIN_LATER = 1013;

export interface ClientSocketOptions {
  readonly pipeline: Pipeline;
  readonly groups: Groups;
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly limits: Pick<LimitsConfig, 'requestBytes' | 'subscriptionsPerConnection' | 'operationsPerConnection' | 'connections' | 'ping'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly authenticate: Authenticate;
  /** Cuts whoever takes too long over a message. */
  readonly watchWriter?: (webSocket: WebSocket, socket: Duplex) => void;
}

/** Operations over WebSocket, graphql-transport-ws: the same pipeline as over HTTP, and events of groups. */
export interface ClientSocket {
  /** Takes an HTTP upgrade on `/graphql` that the doors have let in. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly connections: number;
  readonly subscriptions: number;
  /** Connections cut since the start because they answered no ping. */
  readonly silent: number;
  /** Ends every subscription and closes every connection with 1001. */
  close(): Promise<void>;
}

/** What is kept for one connection. */
interface Connection {
  readonly wire: Wire;
  /** What the upgrade request showed: cookies, and what a program (not a browser) can put into headers. */
  readonly credentials: readonly string[];
  readonly from: string;
  readonly webSocket: WebSocket;
  viewer: Viewer | undefined;
  stopReview: Cancel | undefined;
  subscriptions: number;
}

/** What our `execute` makes of an operation comes from the payload, not from a document: this one stands in where graphql-ws wants one. */
const PLACEHOLDER = parse('{ __typename }');

export function openClientSocket(options: ClientSocketOptions): ClientSocket {
  const { pipeline, groups, schema, services, limits, clock, log, authenticate, watchWriter } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.requestBytes,
    perMessageDeflate: false, // see Wire
    handleProtocols,
  });
  const answered = new WeakSet<WebSocket>();
  let subscriptions = 0;
  let silent = 0;

  const protocol = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: INIT_MS,
    async onConnect({ connectionParams, extra }) {
      const token = tokenIn(connectionParams);
      const credentials = token === undefined ? extra.credentials : [token, ...extra.credentials];
      try {
        extra.viewer = await authenticate({ credentials, from: extra.from });
      } catch (error) {
        if (!(error instanceof CanopyError)) throw error;
        // Who waits and comes again may be let in; after too many wrong passwords nobody should do that by themselves.
        if (error.code === 'UNAVAILABLE') extra.webSocket.close(TRY_AGAIN_LATER, closeReason(error.message));
      }
      const hasLeft = extra.webSocket.readyState !== extra.webSocket.OPEN;
      if (hasLeft || extra.viewer?.allows('websocket', GRAPHQL_PATH) !== true) return false;
      extra.stopReview = whenDismissed(extra.viewer, clock, () => extra.webSocket.close(FORBIDDEN, 'Forbidden'));
      return true;
    },
    onSubscribe(context, id, payload) {
      const busy = Object.keys(context.subscriptions).length;
      if (busy > limits.operationsPerConnection) return [tooManyOperations(limits.operationsPerConnection)];
      return { schema, document: PLACEHOLDER, contextValue: { connection: context.extra, id, payload } satisfies Asked };
    },
    execute: ({ contextValue }: ExecutionArgs) => run(contextValue as Asked),
    // The pipeline has formatted the errors already.
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (_context, _id, _payload, errors) => {
      const [error] = errors;
      const refused = error?.originalError;
      if (refused instanceof OperationRefused) return refused.errors;
      return errors.map((other) => pipeline.formatError(other.toJSON(), other));
    },
  });

  /** One operation as it was asked. */
  interface Asked {
    readonly connection: Connection;
    readonly id: string;
    readonly payload: SubscribePayload;
  }

  function run({ connection, id, payload }: Asked): AsyncGenerator<ExecutionResult> {
    let subscription: AcceptedSubscription | undefined;
    let leave: (() => void) | undefined;
    let isStopped = false;
    const viewer = connection.viewer!;
    const operation = new Operation(services, viewer, connection.from, (accepted) => {
      if (connection.subscriptions >= limits.subscriptionsPerConnection) throw tooManySubscriptions(limits.subscriptionsPerConnection);
      subscription = accepted;
      connection.subscriptions += 1;
      subscriptions += 1;
    });
    const stop = () => {
      isStopped = true;
      operation.cancellation.abort(hungUp());
      leave?.();
    };
    return operationStream(async () => {
      const { query, variables, operationName, extensions } = payload;
      const request = {
        query,
        variables: variables ?? undefined,
        operationName: operationName ?? undefined,
        extensions: extensions ?? undefined,
      };
      const { body } = await pipeline.apollo.executeOperation(request, { contextValue: operation });
      const result = body.kind === 'single' ? body.singleResult : undefined;
      if (subscription !== undefined) return follow(subscription);
      if (result?.data === undefined && result?.errors) throw new OperationRefused(result.errors);
      return result as ExecutionResult | undefined;
    }, stop);

    /** Lets the group write until one side ends it. */
    async function follow(accepted: AcceptedSubscription): Promise<undefined> {
      try {
        if (isStopped) return;
        const subscriber = new Subscriber(connection.wire, openingOf(id), groups.counters);
        leave = groups.join(subscriber, accepted, viewer.rights, () => new Operation(services, viewer, connection.from));
        await subscriber.ended;
      } finally {
        connection.subscriptions -= 1;
        subscriptions -= 1;
        operation.release();
      }
    }
  }

  function serve(webSocket: WebSocket, socket: Duplex, request: IncomingMessage): void {
    const connection: Connection = {
      wire: new Wire(webSocket, socket),
      credentials: credentialsOf(request.headers),
      from: request.socket.remoteAddress ?? '',
      webSocket,
      viewer: undefined,
      stopReview: undefined,
      subscriptions: 0,
    };
    const closed = protocol.opened(
      {
        protocol: webSocket.protocol,
        send: (text) => new Promise((resolve) => webSocket.send(text, () => resolve())),
        close: (code, reason) => webSocket.close(code, reason),
        onMessage: (listener) =>
          void webSocket.on('message', (data: Buffer) => {
            listener(data.toString('utf8')).catch((error: unknown) => {
              log.warn({ error: String(error) }, 'a message of a client could not be handled');
              webSocket.close(1011, 'internal error');
            });
          }),
      },
      connection,
    );
    answered.add(webSocket);
    webSocket.on('pong', () => answered.add(webSocket));
    // What it says also comes as a close.
    webSocket.on('error', (error) => log.debug({ error: error.message }, 'a client broke the WebSocket protocol'));
    webSocket.on('close', (code, reason) => {
      connection.stopReview?.();
      void closed(code, reason.toString('utf8'));
    });
  }

  const stopPings = clock.every(limits.ping, () => {
    for (const webSocket of sockets.clients) {
      if (answered.delete(webSocket)) webSocket.ping();
      else {
        silent += 1;
        webSocket.terminate();
      }
    }
  });

  return {
    handleUpgrade(request, socket, head) {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (sockets.clients.size > limits.connections)
          return webSocket.close(TRY_AGAIN_LATER, `more than ${limits.connections} connections`);
        watchWriter?.(webSocket, socket);
        serve(webSocket, socket, request);
      });
    },
    get connections() {
      return sockets.clients.size;
    },
    get subscriptions() {
      return subscriptions;
    },
    get silent() {
      return silent;
    },
    async close() {
      stopPings();
      for (const webSocket of sockets.clients) webSocket.close(GOING_AWAY, 'the analyzer stops');
      groups.close();
      // One turn at least, so that what other rooms said last leaves too.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise<void>((resolve) => {
        if (sockets.clients.size === 0) return resolve();
        const cancel = clock.after(CLOSE_MS, resolve);
        for (const webSocket of sockets.clients) {
          webSocket.once('close', () => {
            if (sockets.clients.size > 0) return;
            cancel();
            resolve();
          });
        }
      });
      for (const webSocket of sockets.clients) webSocket.terminate();
      sockets.close();
    },
  };
}

/** A browser cannot set headers on a WebSocket: the token comes in the first message, as `authorization` or as `token`. */
function tokenIn(parameters: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { token, authorization, Authorization, headers } = parameters ?? {};
  if (typeof token === 'string') return token;
  const inHeaders = typeof headers === 'object' && headers !== null ? (headers as Record<string, unknown>) : {};
  return bearerToken(authorization ?? Authorization ?? inHeaders.authorization ?? inHeaders.Authorization);
}

const tooManyOperations = (valid: number): GraphQLError =>
  new GraphQLError(`this connection runs ${valid} operations already; wait for one to end, or open another connection`, {
    extensions: { code: 'LIMIT_EXCEEDED', retriable: true, details: { limit: 'operationsPerConnection', valid } },
  });

const tooManySubscriptions = (valid: number): CanopyError =>
  new CanopyError('LIMIT_EXCEEDED', `this connection has ${valid} subscriptions already; end one, or open another connection`, {
    details: { limit: 'subscriptionsPerConnection', valid },
  });

const hungUp = (): CanopyError => new CanopyError('UNAVAILABLE', 'the client hung up');
