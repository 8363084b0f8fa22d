import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadProbes } from '../../../agent/probes/load.js';
import { Lab } from '../lab.js';

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

  it('run beside the others: the example shows mounts, and what it costs', async () => {
    const lab = new Lab();
    try {
      const agent = await lab.agent({ probes: ['host', EXAMPLE] });
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
      await lab.close();
    }
  });
});
