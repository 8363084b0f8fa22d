import { type DocumentNode, type ExecutionResult, type FieldNode, Kind, type OperationDefinitionNode } from 'graphql';
import type { Clock } from '../../common/clock.js';
import type { Feed } from '../../services/live/feed.js';
import { TopologyFeed } from '../../services/live/topologyFeed.js';
import type { ErrorFormatter } from '../graphql/errors.js';
import type { Executor } from '../graphql/execute.js';
import type { AcceptedSubscription } from '../graphql/pipeline.js';
import type { Group, GroupOptions, SubscriptionCounters } from './group.js';
import { LogGroup } from './logGroup.js';
import { payloadOf } from './frame.js';
import { PrivateGroup } from './privateGroup.js';
import { StateGroup } from './stateGroup.js';
import type { Subscriber } from './subscriber.js';

/** Argument that says where one subscriber starts; it does not tell groups apart. */
const START_ARGUMENT = 'after';

export interface GroupsOptions {
  readonly execute: Executor;
  readonly formatError: ErrorFormatter;
  readonly clock: Clock;
}

/** What resolvers get for the events of a group; released with it. */
export interface GroupContext {
  release(): void;
}

/** Puts subscribers with the same document, variables (without `after`) and rights together. */
export class Groups {
  readonly counters: SubscriptionCounters = { events: 0, delivered: 0, fellOff: 0, resyncs: 0, lostChanges: 0 };
  readonly #groups = new Map<string, LogGroup | StateGroup | PrivateGroup>();
  #privateCount = 0;
  readonly #documents = new WeakMap<DocumentNode, number>();
  #documentCount = 0;

  constructor(private readonly options: GroupsOptions) {}

  /** Every group; for `/metrics`. */
  all(): Iterable<Group> {
    return this.#groups.values();
  }

  get size(): number {
    return this.#groups.size;
  }

  /** `rights` says what the subscriber may see. Returns what takes the subscriber out again. */
  join(subscriber: Subscriber, subscription: AcceptedSubscription, rights: string, openContext: () => GroupContext): () => void {
    const feed = subscription.source as Feed<unknown>;
    const key = feed.kind === 'private' ? `private ${this.#privateCount++}` : this.#keyOf(subscription, rights);
    let group = this.#groups.get(key);
    if (group === undefined) {
      const context = openContext();
      const options: GroupOptions = {
        clock: this.options.clock,
        counters: this.counters,
        serialize: (event) => this.#serialize(subscription, event, context),
        onClose: () => {
          context.release();
          if (this.#groups.get(key) === group) this.#groups.delete(key);
        },
      };
      group =
        feed.kind === 'private'
          ? new PrivateGroup(feed, subscriber, options)
          : feed instanceof TopologyFeed
            ? new LogGroup(feed, options)
            : new StateGroup(feed, options);
      this.#groups.set(key, group);
    }
    const joined = group;
    if (joined instanceof LogGroup) joined.join(subscriber, feed as TopologyFeed);
    else if (joined instanceof StateGroup) joined.join(subscriber, feed);
    return () => joined.leave(subscriber);
  }

  close(): void {
    for (const group of [...this.#groups.values()]) group.close();
  }

  async #serialize({ document, operationName, variables }: AcceptedSubscription, event: unknown, context: unknown): Promise<Buffer> {
    const result = await this.options.execute({ document, operationName, variables, context, root: event });
    return payloadOf(this.#formatted(result));
  }

  #formatted(result: ExecutionResult): object {
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map((error) => this.options.formatError(error.toJSON(), error)) };
  }

  #keyOf({ document, operation, operationName, variables }: AcceptedSubscription, rights: string): string {
    let id = this.#documents.get(document);
    if (id === undefined) this.#documents.set(document, (id = this.#documentCount++));
    const start = startVariable(operation);
    const shared = Object.entries(variables).filter(([name]) => name !== start);
    shared.sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([id, operationName, shared, rights]);
  }
}

/** The variable, if any, that only says where this subscriber starts. */
function startVariable(operation: OperationDefinitionNode): string | undefined {
  const root = operation.selectionSet.selections.find((selection): selection is FieldNode => selection.kind === Kind.FIELD);
  const value = root?.arguments?.find(({ name }) => name.value === START_ARGUMENT)?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : undefined;
}
