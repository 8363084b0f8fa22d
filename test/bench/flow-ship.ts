import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentLink } from '../../agent/link/agentLink.js';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { openFlowStore } from '../../src/flowstore/duckdb/flowStore.js';
import type { FlowStore } from '../../src/flowstore/store.js';
import type { Flows } from '../../src/protocol/flows.js';
import { Captured } from '../flowstore/packets.js';
import { openRig } from '../server/rig.js';
import { asDelivered } from './asDelivered.js';
import { type Figure, moreIsBetter } from './bench.js';

const FLOWS = 200_000;

/** Batches as an agent makes them: every flow once. */
function batches(): Flows[] {
  const captured = new Captured('bench', 'node', 'tid');
  const now = Date.now() - 60_000;
  for (let flow = 0; flow < FLOWS; flow += 1) {
    const from = `10.${(flow >> 16) & 255}.${(flow >> 8) & 255}.${flow & 255}`;
    captured.packet(now + (flow % 1_000), {
      from,
      to: `192.168.${flow % 16}.${flow % 200}`,
      fromPort: 1_024 + (flow % 60_000),
      toPort: 443,
    });
  }
  return captured.stop();
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resume) => setTimeout(resume, 5));
}

async function storeAlone(shipped: readonly Flows[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-ship-'));
  const store: FlowStore = openFlowStore({ folder, memoryLimit: 512 * 2 ** 20, threads: 2, clock: systemClock, log: silentLog });
  await store.flows({
    span: { from: 0, to: 1 },
    condition: { kind: 'all', of: [] },
    order: { field: 'LAST', isDescending: true },
    offset: 0,
    limit: 1,
  });
  const began = performance.now();
  await Promise.all(shipped.map(({ batch }) => store.append({ batch, origin: 'bench', clockOffset: 0 })));
  const seconds = (performance.now() - began) / 1_000;
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return FLOWS / seconds;
}

async function shipAndStore(shipped: readonly Flows[]): Promise<number> {
  const rig = await openRig();
  const link = new AgentLink({
    url: rig.url,
    token: undefined,
    host: 'bench',
    origin: 'agent.bench',
    incarnation: 'one',
    software: 'bench',
    clock: systemClock,
    log: silentLog,
    picture: () => [],
  });
  link.start();
  await until(() => link.status().state === 'LIVE');
  const stored = async (): Promise<number> =>
    Number(/^canopy_flow_updates_stored_total (\d+)/m.exec(await (await fetch(`${rig.url}/metrics`)).text())?.[1] ?? 0);
  const began = performance.now();
  for (const { kind: _kind, number: _number, dropped: _dropped, ...batch } of shipped) {
    // No faster than the queue takes it without dropping, as an agent sweeps in slices.
    await until(() => link.queuedFlowBytes < 8 * 2 ** 20);
    link.ship({ ...batch, isFinal: true });
  }
  let kept = 0;
  while ((kept = await stored()) < FLOWS) await new Promise((resume) => setTimeout(resume, 20));
  const seconds = (performance.now() - began) / 1_000;
  await link.close();
  await rig.close();
  return kept / seconds;
}

export const bench = asDelivered(import.meta.url, {
  name: 'flow-ship',
  measures: `flows a second from an agent's queue over the socket into the store of the analyzer, ${FLOWS} flows, against the store alone`,
  async run(): Promise<readonly Figure[]> {
    const shipped = batches();
    return [moreIsBetter('flow-ship', await shipAndStore(shipped), 'flows/s', await storeAlone(shipped))];
  },
});
