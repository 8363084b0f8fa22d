import type { FastifyInstance } from 'fastify';
import { CanopyError } from '../../common/errors.js';
import { requireRight } from '../../services/viewer.js';
import { sendText } from './answers.js';
import { openAsker, type RestContext } from './context.js';

/** `POST /api/workflow/ID/call`: says that nothing runs workflows yet, so that a script that calls one knows why nothing came. */
export function serveWorkflowCalls(app: FastifyInstance, context: RestContext): void {
  app.post('/api/workflow/:id/call', async (request, reply) => {
    const asker = openAsker(context, request, reply);
    requireRight(asker.viewer, 'workflow.call', 'write');
    const { id } = request.params as { readonly id: string };
    const found = await context.services.workflows.get(asker, id);
    if (found === undefined) throw new CanopyError('BAD_INPUT', `No workflow found with ID: ${id}`);
    return sendText(reply, 501, 'workflows are kept and listed, and not run yet\n');
  });
}
