import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadProbes } from '../../../agent/probes/load.js';
import { startAgentProcess } from '../agentProcess.js';
import { Lab, pause } from '../lab.js';

// A whole agent: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

const EXAMPLE = new URL('../../../examples/mounts-probe.js', import.meta.url).pathname;
const GOOD = `{ name: 'good', summary: 'x', needsLinux: false, needs: [], keys: [], create: () => ({ start() {}, stop() {} }) }`;

describe('probes from elsewhere', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'canopy-probes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const module = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const names = async (...entries: string[]) => (await loadProbes(entries)).map(({ name }) => name);

  it('come after the built-in ones, each once', async () => {
    const good = module('good.mjs', `export default ${GOOD}`);
    expect(await names(good, 'netns', 'host', 'netns', good)).toEqual(['host', 'netns', 'good']);
    expect(await names(module('named.mjs', `export const probe = ${GOOD}`))).toEqual(['good']);
    expect(await names(module('old.cjs', `module.exports = ${GOOD}`))).toEqual(['good']);
  });

  it('may be packages, found from the folder in which the agent is started', async () => {
    const home = join(folder, 'node_modules/@acme/canopy-probe');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"@acme/canopy-probe","main":"main.mjs"}');
    writeFileSync(join(home, 'main.mjs'), `export default ${GOOD}`);
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
    try {
      expect(await names('@acme/canopy-probe')).toEqual(['good']);
    } finally {
      cwd.mockRestore();
    }
  });

  it.each([
    ['nothing', 'export const other = 1', /neither a default export nor one called `probe`/],
    ['a function', 'export default () => 1', /what it exports is no probe: it is a function, not an object/],
    ['half a probe', `export default { ...${GOOD}, create: undefined, keys: 7 }`, /`keys` must be a list.*`create` must be a function/],
    ['a wrong capability', `export default { ...${GOOD}, needs: [{ capability: 'ROOT', allows: 'all' }] }`, /capability of NET_ADMIN/],
    ['a wrong name', `export default { ...${GOOD}, name: 'My Probe' }`, /`name` must be lower-case/],
    [
      'the name of another',
      `export default { ...${GOOD}, name: 'netlink' }`,
      /is called netlink, and so is one that is built into the agent/,
    ],
    ['an error', `throw new Error('no luck today')`, /it cannot be loaded: no luck today/],
  ])('that export %s are refused, by their path', async (_what, text, message) => {
    const path = module('probe.mjs', text);
    await expect(names('host', path)).rejects.toThrow(message);
    await expect(names('host', path)).rejects.toThrow(path);
  });

  it('that are not there are refused', async () => {
    await expect(names('./no-such-probe.js')).rejects.toThrow(/no-such-probe\.js cannot be used: it cannot be loaded/);
    await expect(names('@acme/no-such-package')).rejects.toThrow(/@acme\/no-such-package cannot be used: it cannot be loaded/);
    await expect(names('netlnk')).rejects.toThrow('there is no probe netlnk; did you mean netlink?');
  });

  it('fail alone, whatever they throw and wherever: the agent goes on', async () => {
    const lab = new Lab();
    const home = join(folder, 'node_modules/@acme/stray');
    mkdirSync(join(home, 'lib'), { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"@acme/stray","main":"lib/main.mjs"}');
    writeFileSync(
      join(home, 'later.mjs'),
      `export const later = () => setTimeout(() => { throw new Error('in a timer of its own'); }, 20);`,
    );
    writeFileSync(
      join(home, 'lib/main.mjs'),
      `import { later } from '../later.mjs';\nexport default { ...${GOOD}, name: 'stray', create: () => ({ start: () => void later(), stop() {} }) };`,
    );
    const promised = module(
      'promised.mjs',
      `export default { ...${GOOD}, name: 'promised', create: () => ({ start() { Promise.resolve().then(() => { throw new Error('in a promise of its own'); }); }, stop() {} }) };`,
    );
    const settings = lab.settings({ probes: ['host', '@acme/stray', promised], listen: '127.0.0.1:0' });
    const agent = await startAgentProcess(settings, ['env', '-C', folder]);
    try {
      let probes: { name: string; state: string; reason?: string; restarts: number }[] = [];
      while (!['stray', 'promised'].every((name) => probes.some((probe) => probe.name === name && probe.restarts > 0))) {
        await pause(100);
        ({ probes } = (await (await fetch(`${agent.said.url}/status`)).json()) as { probes: typeof probes });
      }
      expect(probes.find(({ name }) => name === 'host')).toMatchObject({ state: 'RUNNING', restarts: 0 });
      expect(agent.log()).toContain('in a timer of its own');
      expect(agent.log()).toContain('in a promise of its own');
    } finally {
      const ended = once(agent.child, 'exit');
      agent.child.kill('SIGTERM');
      expect((await ended)[0]).toBe(0);
      await lab.close();
    }
  });

  it.each(['a path', 'a package'])('run beside the others: the example from %s shows mounts, and what it costs', async (from) => {
    const lab = new Lab();
    const home = join(folder, 'node_modules/canopy-probe-mounts');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"canopy-probe-mounts","type":"module","exports":"./index.js"}');
    copyFileSync(EXAMPLE, join(home, 'index.js'));
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
    try {
      const agent = await lab.agent({ probes: ['host', from === 'a path' ? EXAMPLE : 'canopy-probe-mounts'] });
      const mounts = agent.nodes().filter(({ metadata }) => metadata.Type === 'mount');
      expect(mounts.find(({ metadata }) => metadata.Name === '/proc')?.metadata.FileSystem).toBe('proc');
      expect(agent.running.probes()).toMatchObject([
        { name: 'host', state: 'RUNNING' },
        { name: 'mounts', state: 'RUNNING', events: expect.any(Number) as number },
      ]);
      expect(agent.running.probes()[1]!.busyMs).toBeGreaterThan(0);
      const { keys } = (await loadProbes([EXAMPLE]))[0]!;
      for (const { metadata } of mounts)
        for (const key of Object.keys(metadata)) expect(['TID', ...keys.map(({ path }) => path)]).toContain(key);
    } finally {
      cwd.mockRestore();
      await lab.close();
    }
  });
});
