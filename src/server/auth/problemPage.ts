import type { FastifyReply } from 'fastify';
import type { CanopyError } from '../../common/errors.js';

const STATUS: Partial<Record<CanopyError['code'], number>> = { FORBIDDEN: 403, UNAUTHENTICATED: 401, UNAVAILABLE: 503 };

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Tells a person in a browser why they could not sign in, and leads back. */
export function problemPage(reply: FastifyReply, { code, message }: CanopyError, retryUrl: string): FastifyReply {
  return reply
    .code(STATUS[code] ?? 500)
    .header('Content-Security-Policy', CONTENT_SECURITY_POLICY)
    .header('X-Frame-Options', 'DENY')
    .header('Cache-Control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Canopy: not signed in</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em}</style>
<h1>Not signed in</h1>
<p role="alert">${escaped(message)}</p>
<p><a href="${retryUrl}">Try again</a> or <a href="/">go to the first page</a>.</p>
</html>
`,
    );
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
