import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, gremlinAt } from '../compat/asking.js';
import { connectAgent, element, hostGraph } from '../compat/ws/oldAgent.js';
import { type CanopyProcess, launch } from './canopyProcess.js';

describe('an agent of Skydive whose analyzer is killed', () => {
  let dataDir: string;
  let analyzer: CanopyProcess | undefined;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'canopy-old-crash-'))));
  afterEach(async () => {
    await analyzer?.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('comes back with its picture, and nothing shows that it was away but what changed meanwhile', async () => {
    const start = (): Promise<CanopyProcess> => launch(['analyzer', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
    const told = hostGraph('old-crash');
    const eth1 = element('old-crash-eth1', 'old-crash', { Type: 'device', Name: 'eth1' });
    analyzer = await start();
    const first = await connectAgent(analyzer.url, 'old-crash');
    first.send('Sync', { Nodes: [...told.Nodes, eth1], Edges: told.Edges });
    const count = (): Promise<unknown> => gremlinAt(analyzer!.url, "G.V().Has('@Origin', 'agent.old-crash').Count()");
    await eventually(async () => (await count()) === 3);
    // Written is durable a moment later; what is lost of it comes with the next picture.
    await analyzer.end('SIGKILL');
    first.close();

    analyzer = await start();
    const second = await connectAgent(analyzer.url, 'old-crash');
    const eth2 = element('old-crash-eth2', 'old-crash', { Type: 'device', Name: 'eth2' });
    second.send('Sync', { Nodes: [...told.Nodes, eth2], Edges: told.Edges });
    await eventually(
      async () =>
        JSON.stringify(await gremlinAt(analyzer!.url, "G.V().Has('Name', Regex('eth.')).Sort('Name').Values('Name')")) ===
        '["eth0","eth2"]',
    );
    expect(await gremlinAt(analyzer.url, "G.V().Has('@Origin', 'agent.old-crash').Values('@Revision')")).toEqual([1, 1, 1]);
    expect(await gremlinAt(analyzer.url, "G.E().Has('@Origin', 'agent.old-crash').Count()")).toBe(1);
    second.close();
  });
});
