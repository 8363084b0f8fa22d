/// <reference lib="dom" />
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { openBrowser } from '../../e2e/page/browser.js';
import { percentile } from '../bench.js';

/**
 * `npx tsx test/bench/renderers/compare.ts`: our renderer beside sigma with graphology, 10,000 nodes and 15,000 links in the same places, in the
 * same browser. sigma is fetched into a temporary folder: the product does not depend on it. What came out stands in `web/DESIGN.md`.
 */
const VERSIONS = ['sigma@3.0.3', 'graphology@0.26.0'];
const TURNS = 50;
const CHANGES_A_TURN = 200;
const TURN_MS = 200;
const PAN_STEPS = 30;
/** Turns of the wheel until single things are told apart. */
const CLOSER = 10;

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const SIGMA = `
import Graph from 'graphology';
import Sigma from 'sigma';
import { changedIn, makeNetwork } from '${here('network.ts')}';
const { places, open } = makeNetwork();
const graph = new Graph({ multi: true });
const colours = { UP: '#2a9d7c', DOWN: '#d04a2f' };
for (const [id, { boxes, nodes }] of open) {
  const corner = places.get(id);
  for (const [node, box] of boxes)
    graph.addNode(node, { x: corner.x + box.x + 9, y: -corner.y - box.y - 13, size: 7, color: colours.UP, label: nodes.get(node).name });
}
for (const { edges } of open.values())
  for (const { id, sourceId, targetId } of edges.values()) graph.addEdgeWithKey(id, sourceId, targetId, { size: 1, color: '#a7b0bb' });
Object.assign(window, {
  start: () => new Sigma(graph, document.getElementById('stage'), { itemSizesReference: 'positions', zoomToSizeRatioFunction: (ratio) => ratio }),
  change(turn, count) {
    for (const { id, node } of changedIn(turn, count)) graph.setNodeAttribute(id, 'color', colours[node.state]);
  },
});`;

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

interface Measured {
  readonly start: () => void;
  readonly change: (turn: number, count: number) => void;
  readonly spent: number[];
}

/** Keeps what the page's own thread spends between two frames on what was asked for by `requestAnimationFrame`. */
function keepSpent(): void {
  const spent: number[] = [];
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    request((time) => {
      const start = performance.now();
      callback(time);
      spent.push(performance.now() - start);
    });
  Object.assign(window, { spent });
}

const folder = mkdtempSync(join(tmpdir(), 'canopy-renderers-'));
const browser = await openBrowser();
try {
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...VERSIONS], { cwd: folder, stdio: 'inherit' });
  for (const name of ['ours', 'sigma']) {
    const root = join(folder, name);
    mkdirSync(root);
    symlinkSync(join(folder, 'node_modules'), join(root, 'node_modules'));
    writeFileSync(join(root, 'main.js'), name === 'ours' ? `import '${here('ours.ts')}';` : SIGMA);
    const style = `<link rel="stylesheet" href="${here('../../../web/ui/tokens.css')}">`;
    const stage = '<div id="stage" style="position:absolute;inset:0"></div>';
    writeFileSync(join(root, 'index.html'), `<!doctype html>${style}${stage}<script type="module" src="./main.js"></script>`);
    await build({ root, logLevel: 'error', build: { outDir: 'out', target: 'es2023', modulePreload: { polyfill: false } } });
    const files = readdirSync(join(root, 'out'), { recursive: true, encoding: 'utf8' }).filter((file) => extname(file) in TYPES);
    const scripts = files.filter((file) => file.endsWith('.js')).map((file) => gzipSync(readFileSync(join(root, 'out', file))).length);

    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('pageerror', (error) => process.stderr.write(`${error.message}\n`));
    await page.route('http://renderer.test/**', (route) => {
      const path = new URL(route.request().url()).pathname.slice(1) || 'index.html';
      if (!files.includes(path)) return route.fulfill({ status: 404 });
      return route.fulfill({ path: join(root, 'out', path), contentType: TYPES[extname(path)]! });
    });
    await page.addInitScript(keepSpent);
    await page.goto('http://renderer.test/');
    await page.waitForFunction(() => 'start' in window);
    const first = await page.evaluate(async () => {
      const { start } = window as unknown as Measured;
      const before = performance.now();
      start();
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return performance.now() - before;
    });
    await page.waitForTimeout(1_500);
    await page.mouse.move(500, 400);
    for (let step = 0; step < CLOSER; step++) await page.mouse.wheel(0, -60);
    await page.waitForTimeout(1_500);
    const spentSince = (): Promise<number[]> => page.evaluate(() => (window as unknown as Measured).spent.splice(0));
    await spentSince();
    await page.mouse.down();
    for (let step = 0; step < PAN_STEPS; step++) await page.mouse.move(500 + 150 * Math.sin(step / 8), 400 + 100 * Math.cos(step / 8));
    await page.mouse.up();
    const pan = await spentSince();
    const changing: number = await page.evaluate(
      async ({ turns, count, every }) => {
        const { change, spent } = window as unknown as Measured;
        let sum = 0;
        for (let turn = 0; turn < turns; turn++) {
          const before = performance.now();
          change(turn, count);
          sum += performance.now() - before;
          await new Promise((resolve) => setTimeout(resolve, every));
        }
        return (sum + spent.reduce((all, one) => all + one, 0)) / turns;
      },
      { turns: TURNS, count: CHANGES_A_TURN, every: TURN_MS },
    );
    await page.screenshot({ path: join(tmpdir(), `canopy-renderer-${name}.png`) });
    const figures = {
      name,
      firstMs: first,
      panP50Ms: percentile(pan, 50),
      panP95Ms: percentile(pan, 95),
      msPer200Changes: changing,
      scriptKb: scripts.reduce((sum, bytes) => sum + bytes, 0) / 1_000,
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
