import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import { reads, printPlan } from '../../../src/gremlin/cypher/print.js';
import { compile, resultJson } from '../../../src/gremlin/gremlin.js';
import { EmbeddedHistory } from '../../../src/history/embedded/historyStore.js';
import { CYPHER_MODEL } from '../../../src/history/neo4j/cypherModel.js';
import type { Database } from '../../../src/history/neo4j/database.js';
import { openNeo4j, type OpenedNeo4j } from '../../../src/history/neo4j/open.js';
import { Recorder } from '../../../src/journal/recorder.js';
import { Gremlin, type GremlinParts } from '../../../src/services/gremlin.js';
import { ReadScope } from '../../../src/services/readScope.js';
import { SeenHistory } from '../../../src/services/sight/seenHistory.js';
import { everybody } from '../../../src/services/viewer.js';
import { addressOf, emptyDatabase, NEO4J_START_MS, neo4jNeeds, sharedNeo4j } from '../../history/neo4j/server/shared.js';
import { describeWith } from '../../needs.js';
import { SimulatedDisk } from '../../simulator/simulatedDisk.js';
import { VirtualClock } from '../../simulator/virtualClock.js';
import { SMALL } from '../builders.js';
import { STRINGS } from './strings.js';

describeWith(neo4jNeeds, 'strings about the past, where Neo4j keeps it', () => {
  const clock = new VirtualClock();
  let database: Database;
  let recorder: Recorder;
  let opened: OpenedNeo4j;
  let gremlin: Gremlin;
  let parts: GremlinParts;

  beforeAll(async () => {
    const { url } = await sharedNeo4j();
    database = await emptyDatabase(url);
    recorder = await Recorder.open(new SimulatedDisk().open(), { clock, log: silentLog, limits: { maxTailBytes: 1 << 26 } });
    await recorder.record({ origin: 'agent.h', deltas: SMALL, immediate: true }).durable;
    clock.advance(60_000);
    await recorder.record({ origin: 'agent.h', deltas: [{ op: 'patch', id: 'va', set: [['Name', 'uplink']] }], immediate: true }).durable;
    clock.advance(60_000);
    const embedded = new EmbeddedHistory(recorder, { cacheBytes: 1 << 20 });
    opened = openNeo4j(addressOf(url), { recorder, embedded, cacheBytes: 1 << 20, clock: systemClock, log: silentLog });
    await opened.projector.caughtUp();
    const notAsked = (): never => {
      throw new Error('no other store is asked');
    };
    const samples = { latest: notAsked, series: notAsked } as unknown as GremlinParts['samples'];
    const flows = (() => notAsked) as unknown as GremlinParts['flows'];
    const limits = { pictureElements: 5_000 };
    parts = {
      history: opened.history,
      seenHistory: new SeenHistory(opened.history),
      samples,
      flows,
      clock: { ...systemClock, now: () => clock.now() },
      limits,
    };
    gremlin = new Gremlin(parts);
  }, NEO4J_START_MS);
  afterAll(async () => {
    await opened.close();
    await recorder.close();
    await database.close();
  });

  async function ask(query: string): Promise<unknown> {
    const scope = new ReadScope({ recorder, history: opened.history, clock });
    try {
      return resultJson(await gremlin.run({ viewer: everybody, scope }, query));
    } finally {
      scope.release();
    }
  }

  it.each([
    ["G.At('-90s').V().Has('Type', 'veth').Sort('Name').Values('Name')", ['veth0', 'veth1']],
    ["G.At('-30s').V().Has('Type', 'veth').Sort('Name').Values('Name')", ['uplink', 'veth1']],
    ["G.At('-90s').V().Has('Name', 'br0').Out('Type', 'veth').Out().Values('Name')", ['veth1']],
    ["G.At('-90s').V('br').Both().Count()", 2],
    ["G.At('-90s').V().Has('Type', 'host').Descendants(2).Count()", 5],
    ["G.At('-90s').E().Has('Parent', 'h').Count()", 3],
    ["G.At('-90s').V().Has('Fraction', 1).ShortestPathTo(Metadata('Name', 'veth1')).Dedup().Count()", 3],
    ["G.At('-3m').V().Count()", 0],
  ])('%s', async (query, expected) => expect(await ask(query)).toEqual(expected));

  it('that name what was not there say so', async () => {
    await expect(ask("G.At('-90s').V('nobody').Out()")).rejects.toMatchObject({ message: "Node 'nobody' does not exist" });
  });

  it('are shown as Cypher with its values, and what runs in memory', () => {
    const asker = { viewer: everybody, scope: new ReadScope({ recorder, history: opened.history, clock }) };
    const { steps, cypher } = gremlin.explain(asker, "G.At('-90s').V().Has('Type', 'veth').Values('Name')");
    expect(steps.map(({ step, inDatabase }) => [step, inDatabase])).toEqual([
      ["At('-90s')", true],
      ["V().Has('Type', 'veth')", true],
      ["Values('Name')", false],
    ]);
    expect(cypher!.statement).toContain('MATCH (s0:State)');
    expect(cypher!.parameters).toMatchObject({ p0: 'veth', t: clock.now() - 90_000, slots: expect.arrayContaining(['open']) });
    expect(gremlin.explain(asker, 'G.V()').cypher).toBeUndefined();
  });

  it.each(Object.entries(STRINGS))('are Cypher that Neo4j can plan: %s', async (_name, query) => {
    const plan = compile(query);
    const moment = reads(plan) === 'present' ? 'present' : 'past';
    for (const isCareful of [false, true]) {
      const { text, parameters } = printPlan(plan, CYPHER_MODEL, moment, isCareful)!.statement;
      await database.read(text, { ...parameters, t: 10_000, slots: CYPHER_MODEL.slotsAt(10_000) });
    }
  });

  it('are answered from the journal while it is away', async () => {
    const embedded = new EmbeddedHistory(recorder, { cacheBytes: 1 << 20 });
    const surroundings = { recorder, embedded, cacheBytes: 1, clock: systemClock, log: silentLog };
    const away = openNeo4j(addressOf('bolt://127.0.0.1:9'), surroundings);
    const scope = new ReadScope({ recorder, history: away.history, clock });
    try {
      const alone = new Gremlin({ ...parts, history: away.history });
      expect((await alone.run({ viewer: everybody, scope }, "G.At('-90s').V().Has('Type', 'veth').Count()")).rows).toEqual([2]);
    } finally {
      scope.release();
      await away.close();
    }
  });
});
