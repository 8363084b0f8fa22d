/// <reference lib="dom" />
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { linksId } from '../../../web/data/linksBetween.js';
import { openLine } from '../../server/line.js';
import { folderWith } from '../../server/auth/people.js';
import { launch } from '../canopyProcess.js';
import { data, eventually } from '../graphqlOverHttp.js';
import { openBrowser } from './browser.js';
import { publishHosts } from './hosts.js';
import { goInside, openTown, TOWN } from './town.js';

/**
 * `npm run screenshots -- --out FOLDER`: pictures of every room and of what may be open or go wrong in it, in both themes, at the widths that
 * we promise. `--only overview,1280-dark` makes those whose names have one of the words; `--only page-1440-light` is what `docs/page.png` shows.
 */
goInside();
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist/screenshots' }, only: { type: 'string' } } });
const only = values.only?.split(',');
const WIDTHS = [1440, 1280, 390];
/** Time for pictures, charts and lists to arrive once the analyzer was heard. */
const SETTLE_MS = 1_500;
/** A busy machine needs long for a large picture. */
const PATIENCE_MS = 60_000;
/** The picture of the documentation has something to show on its charts and in its bar of time. */
const LIVED_MS = 75_000;

/** An address, what stands there when it is ready, and what is done before the picture is taken. */
interface Shot {
  readonly path: string;
  readonly ready?: string;
  act?(page: Page): Promise<void>;
}

const CAPTURE = 'mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id } } }';
const press =
  (...names: readonly string[]) =>
  async (page: Page): Promise<void> => {
    for (const name of names) await page.getByRole('button', { name, exact: true }).first().click();
  };
const isWanted = (file: string): boolean => only === undefined || only.some((word) => file.includes(word));
const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'canopy-pictures-'));
  folders.push(made);
  return made;
};

const town = openTown();
const canopy = await launch(['allinone', '--listen', '127.0.0.1:0', '--data-dir', folder()], {
  env: { CANOPY_AGENT_NETLINK_METRICS_INTERVAL: '2s', CANOPY_AGENT_FLOW_UPDATE: '10s', CANOPY_AGENT_HOST_ID: TOWN },
});
const browser = await openBrowser();
try {
  mkdirSync(values.out, { recursive: true });
  const started = Date.now();
  const id = await idOf('v-web');
  await takeEach({ alone: { path: '/', ready: '.stage' } }, canopy.url);
  await data(canopy.url, CAPTURE, {
    input: { name: 'shop', description: 'who asks the web server', nodes: { id: [id] }, rawPacketLimit: 5 },
  });
  await data(canopy.url, CAPTURE, { input: { name: 'database', gremlin: "G.V().Has('Name', 'v-db')", ttl: '1h' } });
  await publishHosts(canopy.url, 8, 6);
  const open = `open=${encodeURIComponent(`host:${TOWN}`)}`;
  const selected = `selected=${encodeURIComponent(`node:${id}`)}`;
  if (isWanted('page-1440-light')) await new Promise((resolve) => setTimeout(resolve, Math.max(0, LIVED_MS - (Date.now() - started))));
  await takeEach({ page: { path: `/?${open}&${selected}&range=15m`, ready: '.details-name' } }, canopy.url);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const since = new Date().toISOString();
  town.change();
  await idOf('v-canary');
  const edge = await edgeOf(id);
  const bundle = linksId({ layer: undefined, ends: 'owners', a: await idOf(TOWN), b: await idOf('web') });
  await takeEach(
    {
      overview: { path: '/', ready: '.stage' },
      traffic: { path: '/?colour=rate&form=picture', ready: '.scale' },
      group: { path: `/?${open}`, ready: '.stage' },
      map: { path: '/?form=picture', ready: '.stage' },
      details: { path: `/?${open}&${selected}`, ready: '.details-name', act: press('Metadata') },
      link: { path: `/?${open}&selected=${encodeURIComponent(`edge:${edge}`)}`, ready: '.details-name' },
      bundle: { path: `/?${open}&selected=${encodeURIComponent(`links:${bundle}`)}`, ready: '.details .table-row' },
      colours: { path: `/?${open}&colour=rate&form=picture`, ready: '.scale' },
      around: { path: `/?focus=${encodeURIComponent(id)}&hops=2`, ready: '.band' },
      find: { path: `/?${open}&find=type%3Aveth`, ready: '.find-count' },
      compare: { path: `/?${open}&since=${since}`, ready: '.mark-added' },
      past: { path: `/?${open}&at=${since}`, ready: '.band.is-past' },
      table: { path: `/?${open}&form=table`, ready: '.tree-row' },
      view: { path: '/', ready: '.stage', act: press('View') },
      layers: { path: '/', ready: '.stage', act: press('Layers') },
      views: { path: '/', ready: '.stage', act: press('Views') },
      moment: { path: '/', ready: '.stage', act: press('Now') },
      legend: { path: `/?${open}&form=picture`, ready: '.stage', act: press('Legend') },
      keys: { path: '/', act: (page) => page.keyboard.press('?') },
      flows: { path: '/?room=flows', ready: '.flows-split .table-row' },
      columns: { path: '/?room=flows', ready: '.flows-split .table-row', act: press('Columns') },
      flow: {
        path: '/?room=flows&of=all',
        ready: '.flows-split .table-row',
        act: (page) => page.locator('.flows-split .table-row').first().click(),
      },
      captures: { path: '/?room=captures', ready: '.capture .table-row' },
      capturing: { path: `/?room=captures&${selected}`, ready: '.capture', act: press('Start one') },
      generator: { path: `/?room=captures&${selected}`, ready: '.capture', act: press('Send packets') },
      changes: { path: '/?room=changes', ready: '.change' },
      kinds: { path: '/?room=changes', ready: '.change', act: press('All kinds') },
      differences: { path: `/?room=changes&since=${since}`, ready: '.mark-added' },
      ask: { path: '/?room=ask', ready: '.cm-content', act: press('Run') },
      plan: { path: '/?room=ask', ready: '.cm-content', act: press('Run', 'Plan') },
      rules: { path: '/?room=rules', ready: '.table-empty' },
      rule: {
        path: '/?room=rules',
        ready: '.table-empty',
        act: async (page) => {
          await press('For links')(page);
          await page.getByLabel('From all nodes that this finds').fill("G.V().Has('Na");
        },
      },
      status: { path: '/?room=status', ready: '.table-row' },
      'bad-filter': { path: `/?${open}&find=state:broken`, ready: '.find-problem' },
      'bad-address': { path: '/?room=attic&find=state:broken&hops=many', ready: '.band.is-bad' },
      'bad-query': { path: `/?room=ask&ask=${encodeURIComponent("G.V().Has('Type', 'veth'.Count()")}`, act: press('Run') },
      gone: { path: `/?${open}&selected=node:nowhere`, ready: '.details' },
    },
    canopy.url,
  );
  await publishHosts(canopy.url, 2, 256, true);
  await takeEach({ large: { path: `/?open=${encodeURIComponent('host:web-1')}&form=picture`, ready: '.stage' } }, canopy.url);
  await takeElsewhere();
} finally {
  town.close();
  await browser.close();
  await canopy.end();
  for (const made of folders) rmSync(made, { recursive: true, force: true });
}

/** A lost line, an analyzer that nobody told anything, and one that asks who one is. */
async function takeElsewhere(): Promise<void> {
  const line = await openLine(canopy.url);
  const cut = async (page: Page): Promise<void> => {
    line.cut();
    await page.getByText('no connection').waitFor();
  };
  await takeEach({ lost: { path: '/?form=picture', ready: '.stage', act: cut } }, line.url, () => line.mend());
  line.close();
  const { dataDir } = await folderWith({ users: { anna: ['reader'] } });
  folders.push(dataDir);
  for (const [name, home, ready] of [
    ['first', folder(), '.empty'],
    ['sign-in', dataDir, '.sign-in'],
  ] as const) {
    const analyzer = await launch(['analyzer', '--listen', '127.0.0.1:0', '--data-dir', home]);
    try {
      await takeEach({ [name]: { path: '/', ready } }, analyzer.url);
    } finally {
      await analyzer.end();
    }
  }
}

/** A picture of each of these, at each width in each theme; `after` is done after each. */
async function takeEach(shots: Readonly<Record<string, Shot>>, url: string, after?: () => void): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    for (const width of WIDTHS) {
      const wanted = Object.entries(shots).filter(([name]) => isWanted(`${name}-${width}-${theme}`));
      if (wanted.length === 0) continue;
      const page = await browser.newPage({ viewport: { width, height: width < 720 ? 844 : 860 }, colorScheme: theme });
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('pageerror', (error) => process.stderr.write(`${error.stack ?? error.message}\n`));
      for (const [name, { path, ready, act }] of wanted) {
        const file = join(values.out, `${name}-${width}-${theme}.png`);
        try {
          await page.goto(url + path);
          // What is a picture on a screen is a list on a phone.
          if (ready)
            await page
              .locator(ready === '.stage' ? '.stage, .tree-row' : ready)
              .first()
              .waitFor();
          await settle(page);
          if (act) {
            await act(page);
            await settle(page);
          }
          await page.screenshot({ path: file });
          process.stdout.write(`${file} ${Math.round(statSync(file).size / 1_000)} kB\n`);
        } catch (error) {
          process.stderr.write(`${file}: ${String(error)}\n`);
          process.exitCode = 1;
        }
        after?.();
      }
      await page.close();
    }
  }
}

/** Until the picture, where there is one, has its words, and charts and lists have come. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(SETTLE_MS);
  await page.waitForFunction(() => {
    const sheets = [...document.querySelectorAll<HTMLCanvasElement>('.stage > canvas')];
    return sheets.length === 0 || sheets.filter(({ style }) => style.visibility !== 'hidden').length > 1;
  });
  await page.waitForTimeout(SETTLE_MS / 3);
}

/** The id of the node of this name, as soon as it is known. */
async function idOf(name: string): Promise<string> {
  const ask = () =>
    data<{ nodes: { nodes: { id: string }[] } }>(
      canopy.url,
      'query ($name: String!) { nodes(filter: {name: {eq: $name}}) { nodes { id } } }',
      { name },
    );
  return (await eventually(ask, ({ nodes }) => nodes.nodes.length > 0, PATIENCE_MS)).nodes.nodes[0]!.id;
}

/** The id of a link of the second layer at a node. */
async function edgeOf(node: string): Promise<string> {
  const { edges } = await data<{ edges: { nodes: { id: string }[] } }>(
    canopy.url,
    'query ($id: ID!) { edges(filter: {or: [{source: $id}, {target: $id}], relationType: {eq: "layer2"}}, first: 1) { nodes { id } } }',
    { id: node },
  );
  return edges.nodes[0]!.id;
}
