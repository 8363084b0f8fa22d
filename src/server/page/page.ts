import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CanopyError } from '../../common/errors.js';
import { findPage, type PageFile } from './files.js';

/**
 * Only what we serve runs and is asked. Charts and editors set styles from their code; GraphiQL carries its font in itself; pictures of the
 * map are made in the browser and saved from it.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Files below this name carry a hash of their content in theirs: what was loaded once is good for ever. */
const HASHED = 'assets/';
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Entries, and the built file of each. */
const ENTRIES = { '/': 'index.html', '/explorer': 'explorer.html' };

/** The page at `/`, GraphiQL at `/explorer`, and what both load. */
export function servePage(app: FastifyInstance, _options: object, done: () => void): void {
  const page = findPage();
  const routes: readonly (readonly [string, string])[] = [
    ...Object.entries(ENTRIES),
    ...(page?.names.filter((name) => !name.endsWith('.html')).map((name) => [`/${name}`, name] as const) ?? []),
  ];
  for (const [url, name] of routes) {
    app.get(url, (request, reply) => {
      if (page === undefined) throw new CanopyError('UNAVAILABLE', 'the page has not been built; run `npm run build`, then start again');
      return send(request, reply, page.read(name), name);
    });
  }
  done();
}

function send(request: FastifyRequest, reply: FastifyReply, file: PageFile, name: string): FastifyReply {
  reply
    .header('ETag', file.tag)
    .header('Vary', 'Accept-Encoding')
    .header('Cache-Control', name.startsWith(HASHED) ? FOR_EVER : 'no-cache')
    .type(file.type);
  if (name.endsWith('.html')) reply.header('Content-Security-Policy', CONTENT_SECURITY_POLICY).header('X-Frame-Options', 'DENY');
  if (request.headers['if-none-match'] === file.tag) return reply.code(304).send();
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (file.gzip === undefined || !takesGzip) return reply.send(file.bytes);
  return reply.header('Content-Encoding', 'gzip').send(file.gzip);
}
