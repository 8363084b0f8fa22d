import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './explorer.css';
import { EXAMPLES } from './examples.js';

/** A token typed under Headers goes with every request, and into the first message of the WebSocket. */
function fetcherFor(headers: Record<string, unknown> = {}): Fetcher {
  const { protocol, host } = window.location;
  return createGraphiQLFetcher({
    url: '/graphql',
    subscriptionUrl: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/graphql`,
    wsConnectionParams: headers,
  });
}

let connection: { readonly key: string; readonly fetcher: Fetcher } | undefined;

/** One connection as long as the headers stay the same. */
const fetcher: Fetcher = (parameters, options) => {
  const key = JSON.stringify(options?.headers ?? {});
  if (connection?.key !== key) connection = { key, fetcher: fetcherFor(options?.headers) };
  return connection.fetcher(parameters, options);
};

createRoot(document.getElementById('explorer')!).render(
  <GraphiQL fetcher={fetcher} defaultTabs={EXAMPLES.map((tab) => ({ ...tab }))} shouldPersistHeaders={false} isHeadersEditorEnabled />,
);
