import { get } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/run.js';
import { recordTerminal } from '../../cli/terminal.js';
import { Lab, type WatchedAgent } from '../lab.js';

// A whole agent: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

describe('the doors of an agent', () => {
  let lab: Lab;
  let agent: WatchedAgent;
  let url: string;
  beforeEach(async () => {
    lab = new Lab();
    agent = await lab.agent({ listen: '127.0.0.1:0', metadata: { rack: 'r7' } });
    url = agent.running.url!;
  });
  afterEach(() => lab.close());

  const canopy = async (...args: string[]) => {
    const terminal = recordTerminal({});
    const code = await run([...args, '--set', `agent.listen=${new URL(url).host}`], terminal);
    return { code, answers: terminal.answers, messages: terminal.messages };
  };
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const request = get(`${url}${path}`, { headers, method }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.on('end', () => resolve({ status: response.statusCode!, body }));
      });
      request.on('error', reject).end();
    });

  it('say how it fares, without an analyzer', async () => {
    expect(await ask('/health')).toMatchObject({ status: 200 });
    const status = JSON.parse((await ask('/status')).body) as Record<string, unknown>;
    expect(status).toMatchObject({ hostId: lab.hostId, origin: `agent.${lab.hostId}`, problems: [] });
    const probes = status.probes as { name: string; state: string; busyMs: number; eventsPerSecond: number }[];
    expect(probes.map(({ name, state }) => [name, state])).toEqual(agent.running.probes().map(({ name, state }) => [name, state]));
    for (const { busyMs, eventsPerSecond } of probes) expect([busyMs >= 0, eventsPerSecond >= 0]).toEqual([true, true]);
    const metrics = (await ask('/metrics')).body;
    expect(metrics).toMatch(/^canopy_agent_probe_up\{probe="netlink"\} [01]$/m);
    expect(metrics).toMatch(/^canopy_agent_connected 0$/m);
    expect(metrics).toMatch(/^canopy_agent_nodes [1-9]\d*$/m);
  });

  it('are for this machine only, and only show', async () => {
    expect((await ask('/status', { host: 'evil.example.org' })).status).toBe(403);
    expect((await ask('/status', { host: 'localhost:1' })).status).toBe(200);
    expect((await ask('/status', {}, 'POST')).status).toBe(405);
    expect((await ask('/elsewhere')).status).toBe(404);
    expect((await ask('//')).status).toBe(404);
  });

  it('close with the agent', async () => {
    await agent.running.stop();
    await expect(ask('/health')).rejects.toThrow(/ECONNREFUSED/);
    expect(await canopy('agent', 'status')).toMatchObject({
      code: 3,
      messages: expect.stringContaining('Is it running, with the same agent.listen?') as string,
    });
  });

  it('answer `canopy agent status`', async () => {
    const { code, answers } = await canopy('agent', 'status');
    expect(code).toBe(0);
    expect(answers).toContain(lab.hostId);
    expect(answers).toMatch(/^host +RUNNING/m);
    // Also on a machine where a probe does not see everything.
    expect(answers).toMatch(/^nothing has failed; (not everything is seen by: .+; )?no analyzer is connected$/m);
    expect(JSON.parse((await canopy('agent', 'status', '-o', 'json')).answers)).toMatchObject({ hostId: lab.hostId });
  });

  it('answer `canopy nodes --agent`', async () => {
    const { code, answers } = await canopy('nodes', '--agent', '--type', 'host', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(answers)).toMatchObject([{ metadata: { Name: lab.hostId, Type: 'host', rack: 'r7' } }]);
    expect((await canopy('nodes', '--agent', '--name', 'lo')).answers).toMatch(new RegExp(`^lo +device +${lab.hostId} `, 'm'));
    expect((await canopy('nodes', '--agent', '--name', `${lab.hostId.slice(0, -2)}*`)).answers).toContain(lab.hostId);
    expect((await canopy('nodes', '--agent', '--name', 'no-such-*')).answers).toBe('');
    expect(await canopy('nodes', '--agent', '--at', '-5m')).toMatchObject({ code: 2, messages: expect.stringContaining('--at') as string });
  });
});

it('an agent without agent.listen has no door, and says what to set', async () => {
  const lab = new Lab();
  try {
    expect((await lab.agent()).running.url).toBeUndefined();
    const terminal = recordTerminal({});
    expect(await run(['agent', 'status'], terminal)).toBe(2);
    expect(terminal.messages).toContain('agent.listen: 127.0.0.1:8083');
    const refused = recordTerminal({});
    expect(await run(['agent', 'status', '--set', 'agent.listen=0.0.0.0:8083'], refused)).toBe(2);
    expect(refused.messages).toContain('on loopback');
  } finally {
    await lab.close();
  }
});
