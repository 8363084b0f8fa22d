/** What somebody needs: a right as `OBJECT ACTION`, to be known at all, or nothing. `refused`: an old route that only says that it is none. */
export type Needs = `${string} ${string}` | 'known' | 'nothing' | 'refused';

/** Root fields by `Type.field`, each with the right that it needs and the arguments to try it with. */
export const FIELDS: Readonly<Record<string, readonly [needs: Needs, args?: string]>> = {
  'Query.agents': ['status read'],
  'Query.audit': ['audit read'],
  'Query.capture': ['capture read', 'id: "x"'],
  'Query.capturePreview': ['capture read', 'input: { gremlin: "G.V()" }'],
  'Query.captures': ['capture read'],
  'Query.changeHistogram': ['topology read', 'between: { from: "-1m" }, step: "10s"'],
  'Query.changes': ['topology read', 'between: { from: "-1m" }'],
  'Query.edge': ['topology read', 'id: "x"'],
  'Query.edgeRules': ['edgerule read'],
  'Query.edges': ['topology read'],
  'Query.flowSummary': ['topology read', 'between: { from: "-1m" }, groupBy: [PROTOCOL]'],
  'Query.flows': ['topology read'],
  'Query.gremlin': ['topology read', 'query: "G.V()"'],
  'Query.gremlinCompletions': ['topology read', 'query: "G."'],
  'Query.gremlinExplain': ['topology read', 'query: "G.V()"'],
  'Query.injection': ['injectpacket read', 'id: "x"'],
  'Query.injections': ['injectpacket read'],
  'Query.node': ['topology read', 'id: "x"'],
  'Query.nodeRules': ['noderule read'],
  'Query.nodes': ['topology read'],
  'Query.shortestPaths': ['topology read', 'from: {}, to: {}'],
  'Query.status': ['status read'],
  'Query.topology': ['topology read'],
  'Query.topologyDiff': ['topology read', 'from: "-1m"'],
  'Query.topologyOverview': ['topology read'],
  'Query.view': ['view read', 'id: "x"'],
  'Query.viewer': ['known'],
  'Query.views': ['view read'],
  'Mutation.cancelInjection': ['injectpacket write', 'id: "x"'],
  'Mutation.createCapture': ['capture write', 'input: { gremlin: "G.V(\'nowhere\')" }'],
  'Mutation.createEdgeRule': ['edgerule write', 'input: { source: "G.V(\'x\')", target: "G.V(\'y\')", relationType: "layer2" }'],
  'Mutation.createNodeRule': ['noderule write', 'input: { action: UPDATE, gremlin: "G.V(\'x\')", metadata: { a: 1 } }'],
  'Mutation.createView': ['view write', 'input: { name: "x", address: "/" }'],
  'Mutation.deleteCapture': ['capture write', 'id: "x"'],
  'Mutation.deleteRule': ['noderule write', 'id: "x"'],
  'Mutation.deleteView': ['view write', 'id: "x"'],
  'Mutation.injectPackets': ['injectpacket write', 'input: {}'],
  'Mutation.publishTopology': ['topology write', 'input: { origin: "pub.walk" }'],
  'Mutation.removeElements': ['node write', 'ids: ["x"]'],
  'Mutation.updateNodeMetadata': ['node write', 'id: "x", set: { a: 1 }'],
  'Mutation.updateView': ['view write', 'id: "x", input: { name: "y", address: "/" }'],
  'Subscription.captureChanges': ['capture read'],
  'Subscription.flowChanges': ['topology read'],
  'Subscription.gremlinChanges': ['topology read', 'query: "G.V()"'],
  'Subscription.metrics': ['topology read', 'nodes: {}'],
  'Subscription.overviewChanges': ['topology read'],
  'Subscription.statusChanges': ['status read'],
  'Subscription.topologyChanges': ['topology read'],
};

/** Old resources, and a body to make one. */
const RESOURCES: Readonly<Record<string, object>> = {
  capture: { GremlinQuery: "G.V('nowhere')" },
  injectpacket: { Src: "G.V('nowhere')", Type: 'icmp4' },
  node: { ID: 'walk-node', Metadata: { Name: 'walk', Type: 'device' } },
  edge: { ID: 'walk-edge', Parent: 'walk-node', Child: 'walk-node', Metadata: { RelationType: 'layer2' } },
  noderule: { Action: 'update', Query: "G.V('x')", Metadata: { a: 1 } },
  edgerule: { Src: "G.V('x')", Dst: "G.V('y')", Metadata: { RelationType: 'layer2' } },
  alert: { Action: '', Expression: 'G.V()', Trigger: 'graph' },
  workflow: { Name: 'walk', Source: '' },
};

export interface RouteRule {
  readonly needs: Needs;
  /** Where the route has a pattern. */
  readonly path?: string;
  readonly body?: object;
}

/** Routes by `METHODS pattern`, as they are registered. */
export const ROUTES: Readonly<Record<string, RouteRule>> = {
  'OPTIONS /graphql': { needs: 'nothing' },
  'GET,POST /graphql': { needs: 'known', body: { query: '{ __typename }' } },
  'GET,PUT,PATCH,DELETE /login': { needs: 'refused' },
  'POST /login': { needs: 'refused' }, // asks for a password, whoever one is
  'GET /api': { needs: 'known' },
  'GET /api/openapi.json': { needs: 'nothing' },
  'GET /api/status': { needs: 'status read' },
  'GET /api/config/*': { needs: 'config read', path: '/api/config/listen' },
  'POST /api/topology': { needs: 'topology read', body: { GremlinQuery: 'G.V()' } },
  'GET /api/topology': { needs: 'topology read' },
  ...Object.fromEntries(
    Object.entries(RESOURCES).flatMap(([name, body]): [string, RouteRule][] => [
      [`GET /api/${name}`, { needs: `${name} read` }],
      [`POST /api/${name}`, { needs: `${name} write`, body }],
      [`GET /api/${name}/*`, { needs: `${name} read`, path: `/api/${name}/nothing` }],
      [
        `PATCH /api/${name}/*`,
        name in { capture: 1, injectpacket: 1, noderule: 1, edgerule: 1 }
          ? { needs: 'refused' }
          : { needs: `${name} write`, path: `/api/${name}/nothing`, body: [] },
      ],
      [`DELETE /api/${name}/*`, { needs: `${name} write`, path: `/api/${name}/nothing` }],
    ]),
  ),
  'POST /api/workflow/:id/call': { needs: 'workflow.call write', path: '/api/workflow/nothing/call', body: {} },
  // Another method, or nothing that is there.
  'HEAD,POST,PUT,PATCH,DELETE /api': { needs: 'refused' },
  'GET,HEAD,POST,PUT,PATCH,DELETE /api/*': { needs: 'known', path: '/api/nothing' },
  'GET,HEAD,POST,PUT,PATCH,DELETE /login/': { needs: 'nothing' },
  // Browsers ask without saying who they are.
  'OPTIONS /api': { needs: 'refused' },
  'OPTIONS /api/*': { needs: 'refused' },
  'OPTIONS /login': { needs: 'refused' },
  // Lead to the page.
  'GET /ui': { needs: 'nothing' },
  'GET /ui/*': { needs: 'nothing', path: '/ui/topology' },
  'GET /ui_v2': { needs: 'nothing' },
  'GET /ui_v2/*': { needs: 'nothing', path: '/ui_v2/topology' },
  'POST /api/pcap': { needs: 'pcap write', body: {} },
  'GET /auth': { needs: 'nothing' },
  'POST /auth/login': { needs: 'refused' },
  'POST /auth/refresh': { needs: 'refused' },
  'POST /auth/logout': { needs: 'nothing' },
  // Who signs in with a provider is nobody yet.
  'GET /auth/oidc/start': { needs: 'nothing' },
  'GET /auth/oidc/callback': { needs: 'refused' },
  'POST /auth/oidc/device': { needs: 'nothing' },
  'POST /auth/oidc/device/session': { needs: 'refused' },
  'GET /flows/:id/packets.pcapng': { needs: 'capture rawpackets', path: '/flows/1/packets.pcapng' },
  'GET /flows/:id/packets.pcap': { needs: 'capture rawpackets', path: '/flows/1/packets.pcap' },
  'GET /captures/:id/packets.pcapng': { needs: 'capture rawpackets', path: '/captures/1/packets.pcapng' },
  'GET /healthz': { needs: 'nothing' },
  'GET /readyz': { needs: 'nothing' },
  'GET /metrics': { needs: 'metrics read' },
  // The page itself is for everybody: it asks who one is.
  'GET /': { needs: 'nothing' },
  'GET /explorer': { needs: 'nothing' },
  'GET /*': { needs: 'nothing', path: '/favicon.ico' },
};
