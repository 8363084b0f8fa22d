import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openDatabase, type Database } from '../../../src/history/neo4j/database.js';
import { addressOf, clearTopology, NEO4J_START_MS, neo4jNeeds, sharedNeo4j } from '../../history/neo4j/server/shared.js';
import { describeWith, program } from '../../needs.js';
import { http, openRig, publish, type Rig } from '../../server/rig.js';
import { eventually } from '../graphqlOverHttp.js';
import { openBrowser } from './browser.js';
import { PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

interface Following {
  readonly now: string;
  readonly projection: { readonly state: string; readonly behind: number } | null;
}

describeWith([...neo4jNeeds, program('chromium')], 'the plan of a Gremlin string, with a Neo4j', () => {
  let analyzer: Rig;
  let database: Database;
  let browser: Browser;
  let page: Page;
  /** When both were there, and neither was renamed. */
  let before: string;

  /** The analyzer's time once all that it knows is in the database. */
  const caughtUp = async (): Promise<string> => {
    const { status } = await eventually(
      async () => (await http.ask(analyzer.url, { query: '{ status { now projection { state behind } } }' })).data as { status: Following },
      ({ status }) => status.projection?.state === 'FOLLOWING' && status.projection.behind === 0,
      WAIT.timeout,
    );
    return status.now;
  };
  beforeAll(async () => {
    const { url } = await sharedNeo4j();
    database = openDatabase(addressOf(url));
    await clearTopology(database);
    analyzer = await openRig({ config: { 'history.home': 'neo4j', 'history.url': url } });
    const names = (veth: string): readonly object[] => [
      { id: 'b', name: 'br-plan', type: 'bridge', host: 'h' },
      { id: 'v', name: veth, type: 'veth', host: 'h' },
    ];
    await publish(analyzer.url, { nodes: names('veth-old'), edges: [{ source: 'b', target: 'v', relationType: 'layer2' }] });
    before = await caughtUp();
    await publish(analyzer.url, { nodes: names('veth-new') });
    await caughtUp();
    browser = await openBrowser();
    page = await browser.newPage();
    page.setDefaultTimeout(WAIT.timeout);
  }, NEO4J_START_MS);
  afterAll(async () => {
    await browser?.close();
    await analyzer?.close();
    if (database) await clearTopology(database);
    await database?.close();
  });

  it('shows the Cypher that the database is asked about a past moment, and what comes back', async () => {
    const query = "G.V().Has('Name', 'br-plan').Out('Type', 'veth')";
    await page.goto(`${analyzer.url}/?room=ask&at=${before}&ask=${encodeURIComponent(query)}`);
    const asked = query.replace('G.', `G.At(${Date.parse(before)}).`);
    await page.getByText(asked).waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const nodes = page.getByRole('table', { name: 'Nodes' });
    await nodes.getByText('veth-old').waitFor();
    await page.getByRole('button', { name: 'Plan' }).click();
    const cypher = page.getByLabel('Cypher', { exact: true });
    await expect.poll(() => cypher.textContent(), WAIT).toContain('MATCH');
    await expect.poll(() => page.getByRole('table', { name: 'Plan' }).textContent(), WAIT).toContain('Neo4j');
    const { data } = await http.ask(analyzer.url, {
      query: 'query ($query: String!) { gremlinExplain(query: $query) { cypher { statement parameters } } }',
      variables: { query: asked },
    });
    const { statement, parameters } = (data!.gremlinExplain as { cypher: { statement: string; parameters: Record<string, unknown> } })
      .cypher;
    expect(await cypher.textContent()).toBe(statement);
    // What the page shows can be taken to the database as it is, and finds the same.
    expect(await database.read(statement, parameters)).toHaveLength(1);
    // Values are parameters, never a part of the statement.
    expect(statement).not.toContain('br-plan');
    await page.locator('.json', { hasText: 'br-plan' }).first().waitFor();
  });

  it('asks memory about the present, and says so', async () => {
    await page.goto(`${analyzer.url}/?room=ask&ask=${encodeURIComponent("G.V().Has('Type', 'veth')")}`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('table', { name: 'Nodes' }).getByText('veth-new').waitFor();
    await page.getByRole('button', { name: 'Plan' }).click();
    await page.getByText('Neo4j answers only for the past').waitFor();
    expect(await page.getByRole('table', { name: 'Plan' }).textContent()).not.toContain('Neo4j');
  });
});
