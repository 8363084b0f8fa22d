import type { FastifyInstance, FastifyRequest } from 'fastify';
import { cameOverTls } from '../../common/credentials.js';
import { CanopyError } from '../../common/errors.js';
import { RIGHTS, type Viewer } from '../../services/viewer.js';
import { sendJson } from './answers.js';
import type { RestContext } from './context.js';

/** What old pages ask about before they show something. */
const TOLD = [
  'alert',
  'capture',
  'edge',
  'edgerule',
  'injectpacket',
  'node',
  'noderule',
  'topology',
  'workflow',
  'config',
  'status',
] as const;

/**
 * `/login` with `username` and `password`, in the body or the address. The password is the user's, or a token whatever the name; the answer and the cookie
 * `authtoken` hold what the next requests show. Where nobody is asked everybody is let in and gets none.
 */
export function serveLogin(app: FastifyInstance, { authenticate, login }: RestContext): void {
  app.route({ method: ['GET', 'PUT', 'PATCH', 'DELETE'], url: '/login', handler: (_request, reply) => reply.redirect('/', 302) });
  app.post('/login', async (request, reply) => {
    const form = formOf(request);
    const { viewer, token } = await admitted(form.get('username') ?? '', form.get('password') ?? '', request.ip);
    const permissions = permissionsOf(viewer);
    const rest = `Path=/; SameSite=Lax${cameOverTls(request) ? '; Secure' : ''}`;
    if (token !== '') void reply.header('Set-Cookie', `authtoken=${token}; ${rest}; HttpOnly`);
    void reply.header('Set-Cookie', `permissions=${Buffer.from(JSON.stringify(permissions)).toString('base64')}; ${rest}`);
    return sendJson(reply, 200, { Token: token, Permissions: permissions });
  });

  async function admitted(name: string, password: string, from: string): Promise<{ readonly viewer: Viewer; readonly token: string }> {
    const open = await authenticate({ credentials: [], from });
    if (open !== undefined) return { viewer: open, token: '' };
    if (password === '') throw new CanopyError('UNAUTHENTICATED', 'No credentials provided');
    const bearer = await authenticate({ credentials: [password], from });
    return bearer === undefined ? login(name, password, from) : { viewer: bearer, token: password };
  }
}

function formOf(request: FastifyRequest): URLSearchParams {
  const form = new URLSearchParams((request.body as string | undefined) ?? '');
  return form.has('password') ? form : new URL(request.url, 'http://analyzer').searchParams;
}

const permissionsOf = (viewer: Viewer) =>
  TOLD.flatMap((object) =>
    RIGHTS[object].map((action: string) => ({ Object: object, Action: action, Allowed: viewer.allows(object, action) })),
  );
