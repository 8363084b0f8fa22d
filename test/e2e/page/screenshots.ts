import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from '../canopyProcess.js';
import { data } from '../graphqlOverHttp.js';
import { openBrowser } from './browser.js';
import { openLab } from './lab.js';
import { publishHosts } from './hosts.js';

/**
 * `npm run screenshots -- --out FOLDER`: pictures of every room, in both themes, at the widths that we promise. `--only overview,1280-dark` makes
 * those whose names have one of the words.
 */
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist/screenshots' }, only: { type: 'string' } } });
const only = values.only?.split(',');
const WIDTHS = [1440, 1280, 390];
/** Time for pictures, charts and lists to arrive. */
const SETTLE_MS = 3_500;
/** A busy machine needs long for a large picture. */
const PATIENCE_MS = 120_000;

/** What is pressed before the picture is taken. */
const PRESSED: Readonly<Record<string, readonly string[]>> = {
  ask: ['Run'],
  generator: ['Start one', 'Send packets'],
  rules: ['For nodes'],
};

const lab = openLab();
const dataDir = mkdtempSync(join(tmpdir(), 'canopy-pictures-'));
const canopy = await launch(['allinone', '--listen', '127.0.0.1:0', '--data-dir', dataDir], {
  env: { CANOPY_AGENT_NETLINK_METRICS_INTERVAL: '2s' },
});
const browser = await openBrowser();
let stop = (): boolean => true;
try {
  mkdirSync(values.out, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const { nodes } = await data<{ nodes: { nodes: { id: string; host: string }[] } }>(
    canopy.url,
    `{ nodes(filter: {name: {eq: "${lab.name('v0')}"}}) { nodes { id host } } }`,
  );
  const { id, host } = nodes.nodes[0]!;
  await takeEach({ alone: '/' });
  // A rack, of which two hosts have 500 interfaces each, with links of layer 3 between them.
  await publishHosts(canopy.url, 24);
  await publishHosts(canopy.url, 2, 256, true);
  const since = new Date(Date.now() - 20_000).toISOString();
  lab.network.addLink(lab.name('new'), 'type', 'veth', 'peer', 'name', lab.name('wen'));
  lab.network.removeLink(lab.name('down'));
  await data(
    canopy.url,
    'mutation ($id: ID!) { createCapture(input: {name: "web", nodes: {id: [$id]}, rawPacketLimit: 5}) { capture { id } } }',
    { id },
  );
  const traffic = spawn('ip', ['netns', 'exec', lab.name('web'), 'ping', '-q', '-i', '0.01', '-s', '1200', '10.77.9.2'], {
    stdio: 'ignore',
  });
  stop = () => traffic.kill('SIGKILL');
  await takeEach({
    overview: '/',
    traffic: '/?colour=rate',
    large: `/?open=${encodeURIComponent('host:web-1')}`,
    group: `/?open=${encodeURIComponent(`host:${host}`)}`,
    details: `/?open=${encodeURIComponent(`host:${host}`)}&selected=${encodeURIComponent(`node:${id}`)}`,
    colours: `/?open=${encodeURIComponent(`host:${host}`)}&colour=rate`,
    around: `/?focus=${encodeURIComponent(id)}&hops=2`,
    find: `/?open=${encodeURIComponent(`host:${host}`)}&find=type%3Aveth`,
    compare: `/?open=${encodeURIComponent(`host:${host}`)}&since=${since}`,
    table: `/?open=${encodeURIComponent(`host:${host}`)}&form=table`,
    flows: '/?room=flows',
    captures: '/?room=captures',
    changes: '/?room=changes',
    ask: '/?room=ask',
    rules: '/?room=rules',
    status: '/?room=status',
    map: '/?form=picture',
    flow: '/?room=flows&of=all',
    generator: `/?room=captures&selected=${encodeURIComponent(`node:${id}`)}`,
    past: `/?open=${encodeURIComponent(`host:${host}`)}&at=${since}`,
    differences: `/?room=changes&since=${since}`,
  });
} finally {
  stop();
  await browser.close();
  await canopy.end();
  lab.network.clear();
  rmSync(dataDir, { recursive: true, force: true });
}

/** A picture of each of these addresses, at each width in each theme. */
async function takeEach(pages: Readonly<Record<string, string>>): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    for (const width of WIDTHS) {
      const page = await browser.newPage({ viewport: { width, height: width < 720 ? 844 : 860 }, colorScheme: theme });
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('pageerror', (error) => process.stderr.write(`${error.stack ?? error.message}\n`));
      for (const [name, path] of Object.entries(pages)) {
        const file = `${name}-${width}-${theme}`;
        if (only !== undefined && !only.some((word) => file.includes(word))) continue;
        await page.goto(canopy.url + path);
        await page.waitForTimeout(SETTLE_MS);
        for (const button of PRESSED[name] ?? []) {
          await page.getByRole('button', { name: button, exact: true }).click();
          await page.waitForTimeout(SETTLE_MS);
        }
        if (name === 'flow') {
          await page.locator('.flows-split .table-row').first().click();
          await page.waitForTimeout(SETTLE_MS);
        }
        await page.screenshot({ path: join(values.out, `${file}.png`) });
      }
      await page.close();
    }
  }
}
