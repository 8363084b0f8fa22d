import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { PAGE } from './page.js';
import { SCRIPT } from './script.js';

/** Files of the page, from packages of ours: nothing comes from elsewhere. */
const ASSETS: readonly { readonly name: string; readonly package: string; readonly file: string; readonly type: string }[] = [
  { name: 'react.js', package: 'react', file: 'umd/react.production.min.js', type: 'text/javascript; charset=utf-8' },
  { name: 'react-dom.js', package: 'react-dom', file: 'umd/react-dom.production.min.js', type: 'text/javascript; charset=utf-8' },
  { name: 'graphiql.js', package: 'graphiql', file: 'graphiql.min.js', type: 'text/javascript; charset=utf-8' },
  { name: 'graphiql.css', package: 'graphiql', file: 'graphiql.min.css', type: 'text/css; charset=utf-8' },
];

/** Only what we serve runs and is asked; the editor sets styles from its code and carries its font and its icons in itself. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const require = createRequire(import.meta.url);

/** GraphiQL at `/explorer`, with examples ready to run. */
export function serveExplorer(app: FastifyInstance, _options: object, done: () => void): void {
  app.get('/explorer', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('Content-Security-Policy', CONTENT_SECURITY_POLICY)
      .header('X-Frame-Options', 'DENY')
      .header('Cache-Control', 'no-cache')
      .send(PAGE),
  );
  serveFile(app, 'explorer.js', 'text/javascript; charset=utf-8', () => Buffer.from(SCRIPT));
  for (const asset of ASSETS) {
    serveFile(app, asset.name, asset.type, () => readFileSync(join(dirname(require.resolve(`${asset.package}/package.json`)), asset.file)));
  }
  done();
}

/** Reads the file when it is asked for the first time; browsers ask again with its tag and are told that it is the same. */
function serveFile(app: FastifyInstance, name: string, type: string, read: () => Buffer): void {
  let content: { readonly bytes: Buffer; readonly tag: string } | undefined;
  app.get(`/explorer/${name}`, (request, reply) => {
    if (content === undefined) {
      const bytes = read();
      content = { bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url')}"` };
    }
    reply.header('ETag', content.tag).header('Cache-Control', 'no-cache');
    if (request.headers['if-none-match'] === content.tag) return reply.code(304).send();
    return reply.type(type).send(content.bytes);
  });
}
