import { EXAMPLES } from './examples.js';

/** What the page runs: plain JavaScript of the browser, kept as text so that compiled and uncompiled code serve the same bytes. */
export const SCRIPT = `'use strict';
const { protocol, host } = window.location;
// A token typed under Headers goes with every request, and into the first message of the WebSocket.
let connection;
const fetcherFor = (headers) => {
  const key = JSON.stringify(headers ?? {});
  if (connection?.key !== key) {
    connection = {
      key,
      fetcher: GraphiQL.createFetcher({
        url: '/graphql',
        subscriptionUrl: (protocol === 'https:' ? 'wss://' : 'ws://') + host + '/graphql',
        wsConnectionParams: { headers: headers ?? {} },
      }),
    };
  }
  return connection.fetcher;
};
const fetcher = (params, options) => fetcherFor(options?.headers)(params, options);
const element = React.createElement(GraphiQL, {
  fetcher,
  defaultTabs: ${JSON.stringify(EXAMPLES).replaceAll('<', '\\u003c')},
  shouldPersistHeaders: false,
  isHeadersEditorEnabled: true,
});
ReactDOM.createRoot(document.getElementById('explorer')).render(element);
`;
