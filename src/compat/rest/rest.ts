import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditEntry } from '../../services/audit.js';
import { answerError } from './answers.js';
import { authenticate, isChange, type RestContext } from './context.js';
import { serveLogin } from './login.js';
import { listRoutes, redirectPage, redirectStrokes, serveForeignPages, serveRemaining } from './otherRoutes.js';
import { serveResource } from './resource.js';
import { serveOpenApi } from './openapi/openapi.js';
import { servePcap } from './pcap.js';
import { captureResource } from './resources/capture.js';
import { edgeResource, nodeResource } from './resources/elements.js';
import { injectionResource } from './resources/injection.js';
import { alertResource, edgeRuleResource, nodeRuleResource, workflowResource } from './resources/kept.js';
import { serveStatus } from './status.js';
import { serveTopology } from './topology.js';
import { serveWorkflowCalls } from './workflowCalls.js';

/** Shorter answers are sent as they are, for who would take them packed too. */
const COMPRESSED_BYTES = 1_024;

function changeOf(request: FastifyRequest, { statusCode }: FastifyReply): Omit<AuditEntry, 'at'> {
  const { method, url, oldViewer, ip, body } = request;
  const outcome = statusCode < 400 ? 'DONE' : [401, 405].includes(statusCode) ? 'REFUSED' : 'FAILED';
  const what = `${method} ${url.split('?')[0]}`;
  const code = statusCode < 400 ? undefined : String(statusCode);
  return { who: oldViewer?.name ?? '', from: ip, what, with: typeof body === 'string' ? body : '', outcome, code };
}

/** Every route of the old interface, in a scope of its own: bodies are texts, and errors too. */
export async function serveRest(app: FastifyInstance, context: RestContext): Promise<void> {
  // A body is what its route takes it for, whatever its type says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  // Of whatever type: an answer may be of the type `*/*`, since its client takes any.
  await app.register(compress, { encodings: ['gzip', 'deflate'], threshold: COMPRESSED_BYTES, customTypes: () => true });
  app.decorateRequest('oldViewer', undefined);
  app.setErrorHandler((error, _request, reply) => answerError(reply, error, context.log));
  const routes = listRoutes(app);
  redirectStrokes(app, routes);
  serveForeignPages(app, routes);
  redirectPage(app);
  serveLogin(app, context);
  serveOpenApi(app, context.version);
  await app.register(async (known) => {
    const { services } = context;
    known.addHook('onRequest', authenticate(context));
    known.addHook('onResponse', (request, reply, done) => {
      if (isChange(request)) services.audit.record(changeOf(request, reply));
      done();
    });
    serveStatus(known, context);
    serveTopology(known, context);
    const resources = [
      captureResource(context),
      injectionResource(context),
      nodeResource(context),
      edgeResource(context),
      nodeRuleResource(services.nodeRules),
      edgeRuleResource(services.edgeRules),
      alertResource(services.alerts, context.clock),
      workflowResource(services.workflows),
    ];
    for (const resource of resources) serveResource(known, context, resource);
    serveWorkflowCalls(known, context);
    await servePcap(known, context);
    serveRemaining(known, routes);
  });
}
