import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAgent } from '../../agent/agent.js';
import { run } from '../../src/cli/run.js';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { recordTerminal } from '../cli/terminal.js';
import { openRig, type Rig } from '../server/rig.js';
import { Lab, pause } from './lab.js';

// A whole agent and a whole analyzer: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

/** Three probes that fare differently, each hearing of something at once. */
const PROBES = {
  good: `health.ok('listening on eth0, 0 frames in 60 s')`,
  partial: `health.degraded('cannot enter the namespace blue: EPERM')`,
  broken: `throw new Error('no socket')`,
};

describe('what a probe says of itself', () => {
  let lab: Lab;
  let rig: Rig;
  beforeEach(async () => {
    lab = new Lab();
    rig = await openRig();
  });
  afterEach(async () => {
    await rig.close();
    await lab.close();
  });

  const canopy = async (...args: string[]) => {
    const terminal = recordTerminal({});
    const code = await run([...args, '--analyzer', rig.url], terminal);
    return { code, answers: terminal.answers };
  };

  it('is told by the analyzer, with what it costs: in GraphQL and on the command line', async () => {
    const paths = Object.entries(PROBES).map(([name, start]) => {
      const path = join(lab.folder, `${name}.mjs`);
      const create = `({ health }) => ({ start() { health.heard(120); ${start} }, stop() {} })`;
      const needs = name === 'partial' ? `{ capability: 'BPF', allows: 'programs' }` : '';
      writeFileSync(
        path,
        `export default { name: '${name}', summary: 'x', needsLinux: false, needs: [${needs}], keys: [], create: ${create} }`,
      );
      return path;
    });
    const settings = { ...lab.settings({ probes: paths }), analyzer: rig.url };
    const agent = await startAgent(settings, { clock: systemClock, log: silentLog });
    try {
      let told = JSON.parse((await canopy('agents', '-o', 'json')).answers) as { state: string; probes: Record<string, unknown>[] }[];
      for (let tries = 0; (told[0]?.probes.length ?? 0) === 0 && tries < 600; tries++) {
        await pause(50);
        told = JSON.parse((await canopy('agents', '-o', 'json')).answers) as typeof told;
      }
      expect(told[0]).toMatchObject({ state: 'CONNECTED', host: lab.hostId });
      expect(told[0]!.probes).toMatchObject([
        { name: 'good', state: 'RUNNING', reason: 'listening on eth0, 0 frames in 60 s', missingCapabilities: [], events: 120 },
        { name: 'partial', state: 'DEGRADED', reason: 'cannot enter the namespace blue: EPERM', events: 120 },
        { name: 'broken', state: 'FAILED', reason: 'no socket' },
      ]);
      for (const { busyPercent, eventsPerSecond } of told[0]!.probes)
        expect([Number(busyPercent) > 0, Number(eventsPerSecond) > 0]).toEqual([true, true]);

      const table = (await canopy('agents', '--probes')).answers;
      expect(table).toMatch(
        new RegExp(`^${lab.hostId} +partial +DEGRADED +[0-9.]+ +[0-9.]+ +0 .*cannot enter the namespace blue: EPERM$`, 'm'),
      );
      expect((await canopy('agents')).answers).toMatch(/good partial:DEGRADED broken:FAILED +[0-9.]+ +[0-9.]+ /);
      const status = await canopy('status');
      expect(status.code).toBe(5);
      expect(status.answers).toContain(`  the probe broken of ${lab.hostId} failed: no socket\n`);
      expect(status.answers).toContain(`  note: the probe partial of ${lab.hostId} is degraded: cannot enter the namespace blue: EPERM\n`);
    } finally {
      await agent.stop();
    }
  });
});
