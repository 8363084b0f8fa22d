import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { LimitsConfig } from '../../common/config/config.js';
import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import { aliasRule } from './aliasRule.js';
import { type CostCheck, costCheck } from './cost.js';
import { depthRule } from './depthRule.js';
import { type ErrorFormatter, errorFormatter } from './errors.js';
import { eventFieldsRule } from './eventFieldsRule.js';
import { hiddenFieldSearch } from './hiddenFields.js';
import { asksForSchema } from './introspection.js';
import { noted } from './noted.js';
import { createExecutor, type Executor } from './execute.js';
import { KEPT_DOCUMENTS, MAX_ALIASES, MAX_TOKENS } from './limits.js';
import { wellFormedStatus } from './wellFormedStatus.js';

/** A subscription that passed the pipeline: its source of events, and what turns an event into an answer. */
export interface AcceptedSubscription {
  readonly source: AsyncIterable<unknown>;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What the pipeline itself needs of an operation's context; the resolvers' context has it all. */
export interface OperationContext {
  /** Stops the operation: the deadline passed, or the client hung up. The reason is the error to answer with. */
  readonly cancellation: AbortController;
  /** Lets go of what the operation read from. Called once nothing of it runs any more. */
  release(): void;
  /** Why the schema may not be asked for; `undefined` when it may. */
  schemaRefusal?(): CanopyError | undefined;
  /** Fields of the schema, `Type.field`, that may not be asked for. */
  readonly hiddenFields?: ReadonlySet<string>;
  /** Told of each root field of a mutation that was executed, and of the code of its error. */
  noteChange?(field: string, args: Readonly<Record<string, unknown>>, code: string | undefined): void;
  /** Where a subscription goes; a transport that cannot carry one leaves it out. */
  readonly acceptSubscription?: (subscription: AcceptedSubscription) => void;
}

export interface PipelineOptions {
  readonly schema: GraphQLSchema;
  readonly limits: Pick<LimitsConfig, 'depth' | 'cost' | 'pageSize' | 'pictureElements' | 'deadline'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Why new work of this kind is refused at the moment; `undefined` when it is not. */
  readonly overload: (operation: OperationTypeNode) => CanopyError | undefined;
}

/** The way of every operation, whichever transport it came by: parse, validate, limits, execution with a deadline, masking of errors. */
export interface Pipeline {
  readonly apollo: ApolloServer<OperationContext>;
  /** For the events of a subscription. */
  readonly execute: Executor;
  readonly formatError: ErrorFormatter;
}

export async function createPipeline({ schema, limits, clock, log, overload }: PipelineOptions): Promise<Pipeline> {
  const execute = createExecutor(schema);
  const formatError = errorFormatter(log);
  const documents = new LRUCache<string, DocumentNode>({ max: KEPT_DOCUMENTS });
  const apollo = new ApolloServer<OperationContext>({
    gateway: {
      onSchemaLoadOrUpdate(use) {
        use({ apiSchema: schema, coreSupergraphSdl: '' });
        return () => undefined;
      },
      load: () =>
        Promise.resolve({
          executor: ({ document, operation, request, context }) =>
            run({
              document,
              operation: operation as OperationDefinitionNode | undefined,
              operationName: request.operationName ?? undefined,
              variables: request.variables ?? {},
              context: context as OperationContext,
            }),
        }),
      stop: () => Promise.resolve(),
    },
    documentStore: {
      get: (key) => Promise.resolve(documents.get(key)),
      set: (key, document) => Promise.resolve(void documents.set(key, document)),
      delete: (key) => Promise.resolve(documents.delete(key)),
    },
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [depthRule(limits.depth), aliasRule(MAX_ALIASES), eventFieldsRule],
    formatError,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    logger: apolloLog(log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      guard({ schema, limits, overload }),
      wellFormedStatus,
    ],
  });
  await apollo.start();
  return { apollo, execute, formatError };

  interface Operation extends Omit<AcceptedSubscription, 'source' | 'operation'> {
    /** `undefined` when the document has none of the name that was asked for: executing it says so. */
    readonly operation: OperationDefinitionNode | undefined;
    readonly context: OperationContext;
  }

  async function run(operation: Operation): Promise<ExecutionResult> {
    if (operation.operation?.operation === OperationTypeNode.SUBSCRIPTION) return subscribe(operation, operation.operation);
    const { context } = operation;
    let result: ReturnType<Executor>;
    try {
      result = execute(operation);
    } catch (error) {
      context.release();
      throw error;
    }
    if (operation.operation?.operation === OperationTypeNode.MUTATION) {
      return withinDeadline(Promise.resolve(result), context).then((answer) => noted(schema, operation, operation.operation!, answer));
    }
    if (!('then' in result)) {
      context.release();
      return result;
    }
    return withinDeadline(result, context);
  }

  /** The result, or the reason why it is not waited for any longer. What still runs keeps what it reads until it ends. */
  function withinDeadline(result: PromiseLike<ExecutionResult>, context: OperationContext): Promise<ExecutionResult> {
    const { signal } = context.cancellation;
    return new Promise((resolve, reject) => {
      const cancelDeadline = clock.after(limits.deadline, () => context.cancellation.abort(deadlineExceeded(limits.deadline)));
      const giveUp = () => reject(signal.reason);
      const settle = () => {
        cancelDeadline();
        signal.removeEventListener('abort', giveUp);
        context.release();
      };
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp);
      result.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(error);
        },
      );
    });
  }

  async function subscribe(
    { context, document, operationName, variables }: Operation,
    operation: OperationDefinitionNode,
  ): Promise<ExecutionResult> {
    if (context.acceptSubscription === undefined) {
      context.release();
      return { errors: [subscriptionOverHttp(operation)] };
    }
    const source = await createSourceEventStream({ schema, document, operationName, variableValues: variables, contextValue: context });
    if (!(Symbol.asyncIterator in source)) {
      context.release();
      return source;
    }
    context.acceptSubscription({ document, operation, operationName, variables, source });
    return { data: null };
  }
}

/** Checks that need the operation and its variables: cost, page sizes, load. */
function guard({
  schema,
  limits,
  overload,
}: Pick<PipelineOptions, 'schema' | 'limits' | 'overload'>): ApolloServerPlugin<OperationContext> {
  const checks = new WeakMap<OperationDefinitionNode, CostCheck>();
  const hiddenField = hiddenFieldSearch(schema);
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ document, operation, request, contextValue }) => {
          // An unknown operation name has no operation; execution says so.
          if (!operation) return Promise.resolve();
          const unread = asksForSchema(document) ? contextValue.schemaRefusal?.() : undefined;
          if (unread) return Promise.reject(withStatus(new GraphQLError(unread.message, { originalError: unread }), 403));
          const { hiddenFields } = contextValue;
          const hidden = hiddenFields?.size ? hiddenField(document, hiddenFields) : undefined;
          if (hidden !== undefined) return Promise.reject(withStatus(fieldForbidden(hidden), 403));
          let check = checks.get(operation);
          if (check === undefined) checks.set(operation, (check = costCheck(schema, document, operation, limits)));
          const refused = check(request.variables ?? {});
          if (refused) return Promise.reject(withStatus(refused, 400));
          const overloaded = overload(operation.operation);
          if (overloaded) return Promise.reject(withStatus(new GraphQLError(overloaded.message, { originalError: overloaded }), 503));
          return Promise.resolve();
        },
      }),
  };
}

const withStatus = (error: GraphQLError, status: number): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    originalError: error.originalError,
    extensions: { ...error.extensions, http: { status } },
  });

function fieldForbidden(field: string): GraphQLError {
  const reason = new CanopyError('FORBIDDEN', `the field ${field} is not for you`, { details: { field } });
  return new GraphQLError(reason.message, { originalError: reason });
}

const deadlineExceeded = (deadlineMs: number): CanopyError =>
  new CanopyError('DEADLINE_EXCEEDED', `not answered within ${deadlineMs} ms (limits.deadline); ask for less, or again later`, {
    retriable: true,
    details: { deadlineMs },
  });

const subscriptionOverHttp = (operation: OperationDefinitionNode): GraphQLError =>
  new GraphQLError('subscriptions are served over WebSocket (graphql-transport-ws) at this same address', {
    nodes: operation,
    extensions: { code: 'BAD_USER_INPUT' },
  });

const apolloLog = (log: Log) => ({
  debug: (message?: unknown) => log.debug({}, String(message)),
  info: (message?: unknown) => log.info({}, String(message)),
  warn: (message?: unknown) => log.warn({}, String(message)),
  error: (message?: unknown) => log.error({}, String(message)),
});
