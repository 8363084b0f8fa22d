import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import { refreshSession } from '../../data/session.js';
import { authorization } from '../../data/token.js';
import 'graphiql/style.css';
import './explorer.css';
import { EXAMPLES } from './examples.js';

/** A page that somebody has to sign in for leads to the sign-in, and that leads back here. */
const leaveToSignIn = (): void => location.replace(`/?next=${encodeURIComponent(location.pathname + location.search)}`);

/** Asks with the session or the token of this tab; the next session when one has ended. Headers that somebody typed have the last word. */
async function askSignedIn(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const typed = new Headers(init.headers);
  const ask = (): Promise<Response> => fetch(input, { ...init, headers: { ...authorization(), ...Object.fromEntries(typed) } });
  const response = await ask();
  if (response.status !== 401 || typed.has('authorization')) return response;
  if (await refreshSession()) return ask();
  leaveToSignIn();
  return response;
}

const WHO = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: '{ viewer { name } }' }) };

/** A token typed under Headers goes with every request, and into the first message of the WebSocket. */
function fetcherFor(headers: Record<string, unknown> = {}): Fetcher {
  const { protocol, host } = window.location;
  return createGraphiQLFetcher({
    url: '/graphql',
    fetch: askSignedIn,
    wsClient: createClient({
      url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/graphql`,
      async connectionParams() {
        // A socket takes the session that the browser has when it opens: it had better be a good one.
        if (headers.authorization === undefined) await askSignedIn('/graphql', WHO);
        return { ...authorization(), ...headers };
      },
    }),
  });
}

let connection: { readonly key: string; readonly fetcher: Fetcher } | undefined;

/** One connection as long as the headers stay the same. */
const fetcher: Fetcher = (parameters, options) => {
  const key = JSON.stringify(options?.headers ?? {});
  if (connection?.key !== key) connection = { key, fetcher: fetcherFor(options?.headers) };
  return connection.fetcher(parameters, options);
};

void askSignedIn('/graphql', WHO).catch(() => undefined); // whoever has to sign in does so before they write anything
createRoot(document.getElementById('explorer')!).render(
  <GraphiQL fetcher={fetcher} defaultTabs={EXAMPLES.map((tab) => ({ ...tab }))} shouldPersistHeaders={false} isHeadersEditorEnabled />,
);
