/** The explorer's page. Scripts and styles are files of their own, so that the policy can forbid any other. */
export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Canopy explorer</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/explorer/graphiql.css" />
    <style>
      body { margin: 0; height: 100vh; overflow: hidden; }
      #explorer { height: 100vh; }
    </style>
  </head>
  <body>
    <div id="explorer">Loading…</div>
    <script src="/explorer/react.js"></script>
    <script src="/explorer/react-dom.js"></script>
    <script src="/explorer/graphiql.js"></script>
    <script src="/explorer/explorer.js"></script>
  </body>
</html>
`;
