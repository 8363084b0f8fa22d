import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configWith, loadConfig } from '../../../src/common/config/load.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'canopy-config-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(folder, 'canopy.yaml');
  writeFileSync(path, text);
  return path;
};
const refusal = async (...args: Parameters<typeof loadConfig>): Promise<string> =>
  loadConfig(...args).then(
    () => expect.fail('was accepted'),
    (error: Error) => `${(error as Error & { code: string }).code} ${error.message.replaceAll(folder, 'FOLDER')}`,
  );

describe('the configuration', () => {
  it('is complete without any source', async () => {
    const { config, sources } = await loadConfig({});
    expect(config).toMatchObject({ listen: '127.0.0.1:8082', dataDir: 'canopy-data', insecure: false, grace: { agentLost: 35_000 } });
    expect(config.agent).toMatchObject({
      hostId: hostname(),
      stateDir: join('canopy-data', 'agent'),
      probes: ['host', 'netlink', 'netns', 'ovsdb'],
    });
    expect(config.tokenFile).toBeUndefined();
    expect(new Set(sources.values())).toEqual(new Set(['default']));
  });

  it('takes flags before variables before the file before defaults', async () => {
    const path = file('listen: 127.0.0.1:1\ndataDir: /file\nlogLevel: warn\n');
    const { config, sources } = await loadConfig({
      file: path,
      environment: { CANOPY_LISTEN: '127.0.0.1:2', CANOPY_DATA_DIR: '/variable' },
      flags: [{ flag: '--listen', path: 'listen', value: '127.0.0.1:3' }],
    });
    expect(config).toMatchObject({ listen: '127.0.0.1:3', dataDir: '/variable', logLevel: 'warn', analyzer: 'http://127.0.0.1:8082' });
    expect(['listen', 'dataDir', 'logLevel', 'analyzer'].map((key) => sources.get(key as never))).toEqual([
      'flag --listen',
      'variable CANOPY_DATA_DIR',
      `${path}:3`,
      'default',
    ]);
  });

  it('is read from the file that CANOPY_CONFIG names, unless a flag names another', async () => {
    const path = file('dataDir: /named\n');
    expect((await loadConfig({ environment: { CANOPY_CONFIG: path } })).config.dataDir).toBe('/named');
    writeFileSync(join(folder, 'other.yaml'), 'dataDir: /other\n');
    expect((await loadConfig({ file: join(folder, 'other.yaml'), environment: { CANOPY_CONFIG: path } })).config.dataDir).toBe('/other');
  });

  it('keeps defaults where a key or a group has nothing behind it', async () => {
    const { config } = await loadConfig({ file: file('# all defaults\nlisten:\nhistory:\nlimits:\n  depth: 9\n') });
    expect(config).toEqual(configWith({ 'limits.depth': 9 }));
    expect((await loadConfig({ file: file('') })).config).toEqual(configWith());
  });

  it('has the state of the agent in the data folder, wherever that is', () => {
    expect(configWith({ dataDir: '/x' }).agent.stateDir).toBe('/x/agent');
    expect(configWith({ dataDir: '/x', 'agent.stateDir': '/y' }).agent.stateDir).toBe('/y');
  });
});

describe('what is wrong in the configuration', () => {
  it('is refused with file, line, column, excerpt and the nearest key', async () => {
    expect(await refusal({ file: file('listen: 127.0.0.1:0\nhistory:\n  retension: 7d\n') })).toBe(
      [
        "CONFIG_INVALID FOLDER/canopy.yaml:3:3: unknown key 'history.retension'",
        '  3 |   retension: 7d',
        '        ^',
        "Did you mean 'history.retention'? `canopy help config` lists the keys.",
      ].join('\n'),
    );
  });

  it.each([
    ['listn: 127.0.0.1:0', "Did you mean 'listen'?"],
    ['data_dir: /x', "Did you mean 'dataDir'?"],
    ['retention: 7d', "Did you mean 'history.retention'?"],
    ['agent:\n  metricsInterval: 10s', "Did you mean 'agent.netlink.metricsInterval'?"],
    ['completelyUnheardOf: 1', '`canopy help config` lists the keys.'],
    ['constructor: 1', 'lists the keys.'],
    ['agent: 5', 'Write its keys below it, indented: hostId, metadata'],
    ['- listen', 'must hold keys and values'],
    ['listen: 127.0.0.1:1\nlisten: 127.0.0.1:2', 'canopy.yaml:2:1: Map keys must be unique'],
    ['listen: [', 'canopy.yaml:1:'],
    ['history: {retention: 5}', 'history.retention cannot be 5; valid is a duration with its unit'],
    ['history: {retention: 5 minutes}', 'valid is a duration with its unit, such as 250ms, 30s'],
    ['limits: {pageSize: 0}', 'limits.pageSize cannot be 0; valid is a whole number from 1 to 10000'],
    ['samples: {memoryLimit: 1KB}', 'valid is a size such as 64KiB'],
    ['logLevel: loud', 'valid is one of debug, info, warn, error, silent'],
    ['insecure: maybe', 'insecure cannot be "maybe"; valid is true or false'],
    ['analyzer: example.org', 'valid is a URL such as http://127.0.0.1:8082'],
    ['listen: 127.0.0.1:70000', 'valid is HOST:PORT'],
    ['origins: [1]', 'origins cannot be [1]; valid is a list of origins'],
    ['origins: [https://dash.example.org/path]', 'without a path'],
    ['agent: {probes: [1]}', 'agent.probes cannot be [1]; valid is a list of texts'],
  ])('%j', async (text, expected) => {
    expect(await refusal({ file: file(text) })).toContain(expected);
  });

  it('is said all at once, from every source', async () => {
    const message = await refusal({
      file: file('listn: x\nlogLevel: loud\n'),
      environment: { CANOPY_LISTN: 'x', CANOPY_LIMITS_DEPTH: 'deep' },
      flags: [{ flag: '--set', path: 'limits.deth', value: '3' }],
    });
    for (const part of [
      ':1:1: unknown key',
      ':2:11: logLevel',
      'variable CANOPY_LISTN: unknown',
      'Did you mean CANOPY_LISTEN?',
      'CANOPY_LIMITS_DEPTH: limits.depth',
      "flag --set: unknown key 'limits.deth'",
    ]) {
      expect(message).toContain(part);
    }
  });

  it('never shows a secret', async () => {
    expect(await refusal({ file: file('tokens:\n  readers: {s3cret: 1}\n') })).toContain('tokens.readers cannot be this value');
    expect(await refusal({ environment: { CANOPY_TOKENS_READERS: 's3cret,,' } })).not.toContain('s3cret');
  });

  it('is a file that cannot be read', async () => {
    expect(await refusal({ file: join(folder, 'none.yaml') })).toMatch(
      /^CONFIG_INVALID cannot read the configuration file FOLDER\/none.yaml: ENOENT/,
    );
  });
});

describe('variables', () => {
  it('that Kubernetes makes for a service named canopy are left alone', async () => {
    const environment = {
      CANOPY_SERVICE_HOST: '10.0.0.1',
      CANOPY_SERVICE_PORT: '8082',
      CANOPY_SERVICE_PORT_HTTP: '8082',
      CANOPY_PORT: 'tcp://10.0.0.1:8082',
      CANOPY_PORT_8082_TCP: 'tcp://10.0.0.1:8082',
      CANOPY_PORT_8082_TCP_ADDR: '10.0.0.1',
      CANOPY_ANALYZER_SERVICE_HOST: '10.0.0.1',
    };
    expect((await loadConfig({ environment })).config).toEqual(configWith());
  });

  it('that are empty count as not set, or as the empty list', async () => {
    const { config } = await loadConfig({ environment: { CANOPY_LISTEN: '', CANOPY_AGENT_NETNS_RUN_PATHS: '' } });
    expect(config).toEqual(configWith({ 'agent.netns.runPaths': [] }));
  });
});
