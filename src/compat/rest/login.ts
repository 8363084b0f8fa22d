import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CanopyError } from '../../common/errors.js';
import { canWrite, type Viewer } from '../../services/viewer.js';
import { sendJson } from './answers.js';
import type { RestContext } from './context.js';

/** What old pages ask about before they show something. */
const READ_AND_WRITTEN = ['alert', 'capture', 'edge', 'edgerule', 'injectpacket', 'node', 'noderule', 'topology', 'workflow'];
const READ_ONLY = ['config', 'status'];

/**
 * `/login` with `username` and `password`, in the body or the address. The password is one of the tokens; the answer and the cookie
 * `authtoken` hold it for the next requests. Where nobody is asked for a token everybody is let in and gets none.
 */
export function serveLogin(app: FastifyInstance, { viewerOf }: RestContext): void {
  app.route({ method: ['GET', 'PUT', 'PATCH', 'DELETE'], url: '/login', handler: (_request, reply) => reply.redirect('/', 302) });
  app.post('/login', (request, reply) => {
    const open = viewerOf(undefined);
    const password = formOf(request).get('password') ?? '';
    const viewer = open ?? viewerOf(password);
    if (viewer === undefined) throw new CanopyError('UNAUTHENTICATED', password === '' ? 'No credentials provided' : 'Wrong credentials');
    const token = open === undefined ? password : '';
    const permissions = permissionsOf(viewer);
    if (token !== '') void reply.header('Set-Cookie', `authtoken=${token}; Path=/; HttpOnly; SameSite=Lax`);
    void reply.header('Set-Cookie', `permissions=${Buffer.from(JSON.stringify(permissions)).toString('base64')}; Path=/; SameSite=Lax`);
    return sendJson(reply, 200, { Token: token, Permissions: permissions });
  });
}

function formOf(request: FastifyRequest): URLSearchParams {
  const form = new URLSearchParams((request.body as string | undefined) ?? '');
  return form.has('password') ? form : new URL(request.url, 'http://analyzer').searchParams;
}

function permissionsOf(viewer: Viewer) {
  const permission = (Object: string, Action: 'read' | 'write', Allowed: boolean) => ({ Object, Action, Allowed });
  return [
    ...READ_AND_WRITTEN.flatMap((object) => [permission(object, 'read', true), permission(object, 'write', canWrite(viewer))]),
    ...READ_ONLY.map((object) => permission(object, 'read', true)),
  ];
}
