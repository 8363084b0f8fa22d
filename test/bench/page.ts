/// <reference lib="dom" />
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../e2e/page/browser.js';
import { launch } from '../e2e/canopyProcess.js';
import { data } from '../e2e/graphqlOverHttp.js';
import { publishHosts } from '../e2e/page/hosts.js';
import { pointOfGroup } from '../e2e/page/points.js';
import { type Bench, type Figure, lessIsBetter, percentile } from './bench.js';

/** What must be reached: the baseline of each figure. */
const PAINT_MS = 2_000;
const FRAME_MS = 8;
const TASK_MS = 100;
const GROWTH_MB = 20;
const SIZE_KB = 350;
const EXPAND_MS = 300;

/** 13 hosts of 514 interfaces in 256 namespaces, and their switch: 10,037 nodes, and 15,002 links beside 13,000 of ownership. */
const HOSTS = 13;
const PER_HOST = 256;
const CHANGES_A_SECOND = 1_000;
const CHANGING_MS = 30_000;
const BATCHES_A_SECOND = 10;
const PAN_STEPS = 120;
/** Turns of the wheel from the whole picture to where things have names. */
const CLOSER_STEPS = 12;
const ROUNDS = 5;
const SETTLE_MS = 1_500;
/** A task that the browser calls long. */
const LONG_TASK_MS = 50;

const PUBLISH = 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { updated } }';

export const bench: Bench = {
  name: 'page',
  measures:
    'the page in a real browser on 10,000 nodes and 15,000 links, against what it must reach: first picture, panning, changes, size, opening a host',
  async run() {
    const dataDir = mkdtempSync(join(tmpdir(), 'canopy-page-bench-'));
    const canopy = await launch(['analyzer', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
    const browser = await openBrowser();
    try {
      await publishHosts(canopy.url, HOSTS, PER_HOST, true);
      await checkCounts(canopy.url);
      return [
        await firstPaint(browser, canopy.url),
        await expand(browser, canopy.url),
        ...(await panAndChanges(browser, canopy.url)),
        size(),
      ];
    } finally {
      await browser.close();
      await canopy.end();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

const COUNTS = `{ nodes(first: 1) { totalCount } edges(first: 1, filter: {relationType: {ne: "ownership"}}) { totalCount } }`;

/** What is measured is what the text says, or nothing. */
async function checkCounts(url: string): Promise<void> {
  const { nodes, edges } = await data<Record<'nodes' | 'edges', { totalCount: number }>>(url, COUNTS);
  if (nodes.totalCount < 10_000 || edges.totalCount < 15_000)
    throw new Error(`the analyzer has ${nodes.totalCount} nodes and ${edges.totalCount} links: too few for this bench`);
}

const drawn = (page: Page, least: number): Promise<unknown> =>
  page.waitForFunction((count) => Number(document.querySelector<HTMLElement>('.stage')?.dataset.targets ?? 0) >= count, least, {
    timeout: 60_000,
    polling: 'raf',
  });

const open = (ids: readonly number[]): string => `/?${ids.map((id) => `open=host%3Aweb-${id}`).join('&')}`;
const all = Array.from({ length: HOSTS }, (_, index) => index + 1);

/** From navigation in an empty browser to all groups drawn. */
async function firstPaint(browser: Browser, url: string): Promise<Figure> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const start = performance.now();
    await page.goto(url, { waitUntil: 'commit' });
    await drawn(page, HOSTS);
    times.push(performance.now() - start);
    await context.close();
  }
  return lessIsBetter('page-first-paint', percentile(times, 50), 'ms', PAINT_MS);
}

/** From a click on a host to its 500 interfaces drawn. */
async function expand(browser: Browser, url: string): Promise<Figure> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const times: number[] = [];
  for (const number of all.slice(0, ROUNDS)) {
    await page.goto(url);
    await drawn(page, HOSTS);
    await page.waitForTimeout(SETTLE_MS);
    const { x, y } = await pointOfGroup(page, url, `host:web-${number}`);
    await page.evaluate(() => {
      const stage = document.querySelector<HTMLElement>('.stage')!;
      stage.addEventListener('pointerup', ({ timeStamp }) => (stage.dataset.clicked = String(timeStamp)), { capture: true, once: true });
    });
    await page.mouse.click(x, y);
    const taken = await page.waitForFunction(
      (least) => {
        const { clicked, targets } = document.querySelector<HTMLElement>('.stage')!.dataset;
        return clicked !== undefined && Number(targets) >= least && performance.now() - Number(clicked);
      },
      PER_HOST * 3,
      { polling: 'raf', timeout: 60_000 },
    );
    times.push((await taken.jsonValue()) as number);
  }
  await page.close();
  return lessIsBetter('page-expand', percentile(times, 50), 'ms', EXPAND_MS);
}

/** Keeps what each frame and each task costs the page's own thread. */
function keepTimes(): void {
  const kept = { frames: [] as number[], longest: 0, from: 0 };
  (window as unknown as { kept: typeof kept }).kept = kept;
  const request = window.requestAnimationFrame.bind(window);
  let frame = { time: 0, spent: 0 };
  window.requestAnimationFrame = (callback) =>
    request((time) => {
      if (time !== frame.time) {
        if (frame.time !== 0) kept.frames.push(frame.spent);
        frame = { time, spent: 0 };
      }
      const start = performance.now();
      callback(time);
      frame.spent += performance.now() - start;
    });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) if (startTime >= kept.from) kept.longest = Math.max(kept.longest, duration);
  }).observe({ entryTypes: ['longtask'] });
}

interface Kept {
  frames: number[];
  from: number;
  longest: number;
}

/** With everything open: dragging and zooming, then half a minute in which a thousand interfaces a second change. */
async function panAndChanges(browser: Browser, url: string): Promise<readonly Figure[]> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(keepTimes);
  await page.goto(url + open(all));
  await drawn(page, HOSTS * PER_HOST * 3);
  await page.waitForTimeout(SETTLE_MS);
  const kept = (): Promise<Kept> => page.evaluate(() => (window as unknown as { kept: Kept }).kept);
  await page.evaluate(() => ((window as unknown as { kept: Kept }).kept.frames = []));
  await page.mouse.move(700, 400);
  await page.mouse.down();
  for (let step = 0; step < PAN_STEPS; step++) await page.mouse.move(700 + 200 * Math.sin(step / 8), 400 + 120 * Math.cos(step / 8));
  await page.mouse.up();
  for (let step = 0; step < PAN_STEPS; step++) await page.mouse.wheel(0, step % 40 < 20 ? -60 : 60);
  const pan = lessIsBetter('page-pan', percentile((await kept()).frames, 95), 'ms', FRAME_MS);

  // Close enough for the things to be drawn each by itself: from far away they are numbers.
  for (let step = 0; step < CLOSER_STEPS; step++) await page.mouse.wheel(0, -60);
  await page.waitForTimeout(SETTLE_MS);
  const session = await page.context().newCDPSession(page);
  const usedMegabytes = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    return ((await session.send('Runtime.getHeapUsage')) as { usedSize: number }).usedSize / 1e6;
  };
  const before = await usedMegabytes();
  // Tasks are told late: that of the collection just now must not count.
  await page.evaluate(() => Object.assign((window as unknown as { kept: Kept }).kept, { longest: 0, from: performance.now() }));
  await changeFor(url, CHANGING_MS);
  const { longest } = await kept();
  await page.waitForTimeout(SETTLE_MS);
  const growth = (await usedMegabytes()) - before;
  await page.close();
  return [
    pan,
    // What is no long task is shorter than 50 ms.
    lessIsBetter('page-changes/task', Math.max(LONG_TASK_MS, longest), 'ms', TASK_MS),
    lessIsBetter('page-changes/memory', Math.max(0.1, growth), 'MB', GROWTH_MB),
  ];
}

/** Publishes a thousand changes of state a second. */
async function changeFor(url: string, ms: number): Promise<void> {
  const perBatch = CHANGES_A_SECOND / BATCHES_A_SECOND;
  const start = performance.now();
  for (let batch = 0; performance.now() - start < ms; batch++) {
    const nodes = Array.from({ length: perBatch }, (_, index) => {
      const number = batch * perBatch + index;
      const host = `web-${(number % HOSTS) + 1}`;
      const veth = Math.floor(number / HOSTS) % PER_HOST;
      return {
        id: `${host}-veth${veth}`,
        name: `veth${veth}`,
        type: 'veth',
        host,
        metadata: { State: batch % 2 ? 'UP' : 'DOWN', Turn: batch },
      };
    });
    await data(url, PUBLISH, { input: { origin: 'inventory', nodes } });
    const wait = start + ((batch + 1) * 1_000) / BATCHES_A_SECOND - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** What the browser loads before the first picture, compressed. */
function size(): Figure {
  const folder = fileURLToPath(new URL('../../dist/web/', import.meta.url));
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const scripts = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file!);
  const workers = readdirSync(join(folder, 'assets'))
    .filter((file) => file.startsWith('worker'))
    .map((file) => `assets/${file}`);
  const bytes = [...scripts, ...workers].reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
  return lessIsBetter('page-size', bytes / 1_000, 'kB', SIZE_KB);
}
