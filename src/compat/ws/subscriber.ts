import { CanopyError } from '../../common/errors.js';
import type { Json } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { compile, graphText } from '../../gremlin/gremlin.js';
import { goText } from '../../gremlin/json/goText.js';
import { graphJson } from '../../gremlin/json/result.js';
import { compileSelection } from '../../services/filters/selection.js';
import type { Services } from '../../services/services.js';
import type { Viewer } from '../../services/viewer.js';
import { fieldOf } from '../elementJson.js';
import type { CompatClient } from './client.js';
import type { Envelope } from './envelope.js';
import type { GraphChannel, GraphChannels } from './graphChannel.js';
import { GRAPH } from './graphMessages.js';

export interface SubscriberParts {
  readonly services: Services;
  readonly channels: GraphChannels;
  readonly viewer: Viewer;
  readonly log: Log;
}

/** One client that listens to the graph, or to the part of it that its filter finds. */
export class Subscriber {
  #filter: string | undefined;
  #channel: GraphChannel | undefined;

  /** Throws `BAD_INPUT` or `GREMLIN_SYNTAX` for a filter that gives no graph. */
  constructor(
    private readonly client: CompatClient,
    private readonly parts: SubscriberParts,
    private readonly ownOrigin: string | undefined,
    /** A publisher asks for pictures and hears no changes. */
    private readonly listens: boolean,
  ) {
    this.#filter = listens ? client.greeting.filter : undefined;
    if (listens) this.#channel = this.#join(this.#filter);
  }

  leave(): void {
    this.#channel?.leave(this.client);
  }

  /** Answers `SyncRequest`: the graph now or at a time, whole or filtered; a filter in it stays for what is told afterwards. */
  async synchronize({ uuid, body }: Envelope): Promise<void> {
    const request: Json = 'json' in body ? body.json : null;
    const { time, filter } = readRequest(request);
    try {
      if (filter !== undefined && this.listens) this.#refilter(filter === '' ? undefined : filter);
      const { seq, text } = await this.#picture(time);
      if (time === undefined) this.#channel?.knows(this.client, seq);
      this.client.send({ namespace: GRAPH, type: 'SyncReply', uuid, body: text });
    } catch (error) {
      if (!(error instanceof CanopyError)) throw error;
      this.client.send({ namespace: GRAPH, type: 'SyncReply', uuid, status: 400, body: goText(error.message) });
    }
  }

  #refilter(filter: string | undefined): void {
    if (filter === this.#filter) return;
    const channel = this.#join(filter);
    if (channel !== this.#channel) this.#channel?.leave(this.client);
    this.#channel = channel;
    this.#filter = filter;
  }

  #join(filter: string | undefined): GraphChannel {
    const { hostId, updates } = this.client.greeting;
    const { channels, viewer, log } = this.parts;
    let channel: GraphChannel;
    try {
      if (filter !== undefined && compile(filter).gives !== 'graph') throw new CanopyError('BAD_INPUT', 'it does not give a graph');
      channel = channels.open({ viewer, filter, updates });
    } catch (error) {
      if (!(error instanceof CanopyError)) throw error;
      // Clients know the text as it is; what is wrong is for who looks into it.
      log.info({ client: hostId, filter, reason: error.message }, 'an old client gave a filter that cannot be used');
      throw new CanopyError('BAD_INPUT', `Invalid Gremlin filter '${filter}' for client ${hostId}`, { cause: error });
    }
    channel.join(this.client, this.ownOrigin);
    return channel;
  }

  async #picture(time: number | undefined): Promise<{ readonly seq: number; readonly text: string }> {
    const scope = this.parts.services.openScope(this.parts.viewer);
    try {
      const { graph, position } = await scope.at(time);
      if (this.#filter === undefined) return { seq: position.seq, text: [...graphText(graph)].join('') };
      const { nodes, edges } = await compileSelection({ gremlin: this.#filter }).in(graph);
      return { seq: position.seq, text: goText(graphJson(graph, nodes.values(), edges)) };
    } finally {
      scope.release();
    }
  }
}

/** `Time` in milliseconds, where one is given; `GremlinFilter` as it stands, `undefined` where it is left out or null. */
function readRequest(request: Json): { readonly time: number | undefined; readonly filter: string | undefined } {
  if (!isJsonObject(request)) return { time: undefined, filter: undefined };
  const time = fieldOf(request, 'Time');
  const filter = fieldOf(request, 'GremlinFilter');
  return {
    time: typeof time === 'number' && time !== 0 ? time : undefined,
    filter: typeof filter === 'string' ? filter : undefined,
  };
}
