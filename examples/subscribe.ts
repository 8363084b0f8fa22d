/**
 * Follows the topology and never misses a change: starts with the picture, remembers the cursor of each event, and after a lost
 * connection asks for what came after it.
 *
 *   npx tsx examples/subscribe.ts [URL] [TYPE]
 */
import { createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';

const [url = 'http://127.0.0.1:8082', type] = process.argv.slice(2);

const DOCUMENT = `subscription ($filter: TopologyFilter, $after: Cursor) {
  topologyChanges(filter: $filter, after: $after) {
    __typename
    ... on TopologySnapshot { nodes { id name type state } complete cursor }
    ... on TopologyChanges { changes { op at element { ... on Node { id name type state } ... on Edge { id relationType } } } cursor }
    ... on ResyncRequired { reason }
  }
}`;

interface Element {
  readonly id: string;
  readonly name?: string;
  readonly type?: string;
  readonly relationType?: string;
}
type Event =
  | {
      readonly __typename: 'TopologySnapshot';
      readonly nodes: readonly Element[];
      readonly complete: boolean;
      readonly cursor: string | null;
    }
  | {
      readonly __typename: 'TopologyChanges';
      readonly changes: readonly { readonly op: string; readonly at: string; readonly element: Element }[];
      readonly cursor: string;
    }
  | { readonly __typename: 'ResyncRequired'; readonly reason: string }
  | { readonly __typename: 'EventsLost' };

const nameOf = ({ name, type, relationType, id }: Element) => (name === undefined ? `${relationType} ${id}` : `${type} ${name}`);

/** The thread through all connections. Without one the stream begins with the picture. */
let cursor: string | undefined;

function take(event: Event): void {
  if (event.__typename === 'TopologySnapshot') {
    for (const node of event.nodes) console.log(`  ${nameOf(node)}`);
    // Only the last page of the picture has a cursor.
    if (event.complete) cursor = event.cursor ?? undefined;
  } else if (event.__typename === 'TopologyChanges') {
    for (const { op, at, element } of event.changes) console.log(`${at} ${op} ${nameOf(element)}`);
    cursor = event.cursor;
  } else if (event.__typename === 'ResyncRequired') {
    // Too long away: what followed our cursor is not kept any more, so what we know is void.
    console.log(`starting anew: ${event.reason}`);
    cursor = undefined;
  }
}

for (;;) {
  // Attempts of the client's own are off, because it would repeat the old variables.
  const client = createClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  const filter = type === undefined ? undefined : { nodes: { type: { eq: type } } };
  try {
    for await (const { data, errors } of client.iterate<{ topologyChanges: Event }>({
      query: DOCUMENT,
      variables: { filter, after: cursor },
    })) {
      if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
      if (data) take(data.topologyChanges);
    }
  } catch (error) {
    console.error('lost the connection, trying again:', error instanceof Error ? error.message : error);
  } finally {
    await client.dispose();
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}
