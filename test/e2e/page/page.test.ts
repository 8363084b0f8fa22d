/// <reference lib="dom" />
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { type CanopyProcess, launch } from '../canopyProcess.js';
import { ask, data, eventually } from '../graphqlOverHttp.js';
import { openBrowser } from './browser.js';
import { type Lab, openLab } from './lab.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WAIT = { timeout: 15_000 };
/** A test is several waits long. */
const TEST_MS = 60_000;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

describeWith([root, program('ip'), program('chromium')], 'the page in a real browser', () => {
  vi.setConfig({ testTimeout: TEST_MS });
  let lab: Lab;
  let dataDir: string;
  let canopy: CanopyProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let host: string;
  const errors: string[] = [];
  const outside: string[] = [];

  const open = async (path: string): Promise<void> => {
    await page.goto(canopy.url + path);
    await page.getByText('live').first().waitFor(WAIT);
  };
  /** Asks until the analyzer has time: beside a browser and other tests it may be busy. */
  const patiently = async <T>(query: string): Promise<T> =>
    (await eventually(
      () => ask<T>(canopy.url, query),
      ({ data: answered }) => Boolean(answered),
    ))!.data!;
  /** The rows of the tree table, which says the same as the picture. */
  const rows = async (): Promise<string> => (await page.locator('.tree-row').allTextContents()).join('\n');
  const row = (name: string) => page.locator('.tree-row', { hasText: name }).first();
  const search = (): string => new URL(page.url()).search;

  beforeAll(async () => {
    lab = openLab();
    dataDir = mkdtempSync(join(tmpdir(), 'canopy-page-'));
    canopy = await launch(['allinone', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
    const found = await eventually(
      () =>
        data<{ nodes: { nodes: { host: string }[] } }>(
          canopy.url,
          `{ nodes(filter: {name: {eq: "${lab.name('v0')}"}}) { nodes { host } } }`,
        ),
      ({ nodes }) => nodes.nodes.length > 0,
    );
    host = found.nodes.nodes[0]!.host;
    browser = await openBrowser();
    // The page's policy forbids scripts from elsewhere; the checker of accessibility is one.
    context = await browser.newContext({ viewport: { width: 1280, height: 860 }, bypassCSP: true });
    page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(canopy.url.replace('http', '')) && !request.url().includes(new URL(canopy.url).host))
        outside.push(request.url());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await canopy?.end('SIGKILL');
    lab?.network.clear();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('shows the only host opened, as a picture', async () => {
    await open('/');
    await page.waitForFunction(() => Number(document.querySelector<HTMLElement>('.stage')?.dataset.targets ?? 0) > 10, undefined, WAIT);
    expect(await page.locator('.stage').getAttribute('data-lines')).not.toBe('0');
  });

  it('shows the same as a table by one key, with namespaces, addresses and states', async () => {
    await page.keyboard.press('t');
    await row(lab.name('web')).waitFor(WAIT);
    expect(await rows()).toContain('10.77.9.1/24');
    expect(await row(lab.name('down')).textContent()).toContain('down');
    expect(search()).toContain('form=table');
  });

  it('opens details of what is selected by keyboard alone, and keeps them in the address', async () => {
    await page.locator('.tree').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('complementary', { name: 'Details' }).waitFor(WAIT);
    expect(search()).toMatch(/selected=node/);
    const name = await page.locator('.details-name').textContent();
    await page.reload();
    await expect.poll(() => page.locator('.details-name').textContent(), WAIT).toBe(name);
    await page.keyboard.press('Escape');
    await expect.poll(() => search(), WAIT).not.toContain('selected');
  });

  it('shows a link that appears, without being asked', async () => {
    lab.network.addLink(lab.name('new'), 'type', 'veth', 'peer', 'name', lab.name('wen'));
    await row(lab.name('new')).waitFor(WAIT);
  });

  it('travels to before that link, and back', async () => {
    const found = await patiently<{ nodes: { nodes: { createdAt: string }[] } }>(
      `{ nodes(filter: {name: {eq: "${lab.name('new')}"}}) { nodes { createdAt } } }`,
    );
    const before = new Date(Date.parse(found.nodes.nodes[0]!.createdAt) - 1).toISOString();
    await page.goto(`${canopy.url}/?form=table&at=${before}`);
    await page.getByText('This is the past').waitFor(WAIT);
    await row(lab.name('v0')).waitFor(WAIT);
    expect(await rows()).not.toContain(lab.name('new'));
    await page.keyboard.press(']');
    await row(lab.name('new')).waitFor(WAIT);
    await page.keyboard.press('l');
    await expect.poll(() => search(), WAIT).not.toContain('at=');
  });

  it('compares two moments: marks in the table, a list with what is different', async () => {
    const since = (await patiently<{ status: { now: string } }>('{ status { now } }')).status.now;
    lab.network.removeLink(lab.name('new'));
    await page.goto(`${canopy.url}/?form=table&since=${since}`);
    await row(`${lab.name('new')} removed`).waitFor(WAIT);
    await page.getByRole('button', { name: 'List' }).click();
    await page.getByRole('region', { name: 'Differences' }).waitFor(WAIT);
    expect(await page.locator('.changes').textContent()).toContain(lab.name('new'));
  });

  it('finds by typing, says what is wrong where it is, and keeps the picture', async () => {
    await open('/?form=table');
    await page.keyboard.press('/');
    await page.keyboard.type(`in:${lab.name('web')}`);
    await page.getByText('2 found').waitFor(WAIT);
    await page.keyboard.type(' state:broken');
    await page.getByRole('alert').getByText("there is no state 'broken'").waitFor(WAIT);
    await row(lab.name('v0')).waitFor(WAIT);
  });

  it('leaves out what does not match', async () => {
    await open(`/?form=table&find=name%3A${lab.name('v1')}&mode=hide`);
    await row(lab.name('v1')).waitFor(WAIT);
    await expect.poll(() => rows(), WAIT).not.toContain(lab.name('v2'));
  });

  it('completes from the network', async () => {
    await open('/');
    await page.keyboard.press('/');
    await page.keyboard.type('type:bri');
    await page.getByRole('option', { name: 'type:bridge' }).click();
    expect(await page.getByRole('combobox', { name: 'Find or hide' }).inputValue()).toBe('type:bridge ');
  });

  it('lists what happened, and leads to its moment', async () => {
    await open('/?room=changes');
    await page
      .locator('.change', { hasText: lab.name('new') })
      .first()
      .locator('.change-time')
      .click();
    await expect.poll(() => search(), WAIT).toContain('at=');
  });

  it('answers Gremlin with a table, a plan, and light in the picture', async () => {
    await open('/?room=ask');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('table', { name: 'Nodes' }).waitFor(WAIT);
    await page.getByRole('button', { name: 'Plan' }).click();
    expect(await page.getByRole('table', { name: 'Plan' }).textContent()).toContain('index on Type');
    await page.getByRole('button', { name: 'Show in the picture' }).click();
    await page.locator('.stage').waitFor(WAIT);
  });

  it('says what of an address makes no sense, and opens the rest', async () => {
    await open('/?room=attic&form=table&at=whenever');
    await page.getByText('room=attic, at=whenever').waitFor(WAIT);
    await row(host).waitFor(WAIT);
  });

  it('says when the line is lost, keeps the picture, and catches up without a reload', async () => {
    await open('/?form=table');
    await row(lab.name('v0')).waitFor(WAIT);
    await page.evaluate(() => ((window as unknown as { mark: number }).mark = 1));
    await canopy.end('SIGKILL');
    await page.getByText('no connection').waitFor(WAIT);
    await row(lab.name('v0')).waitFor(WAIT);
    lab.network.addLink(lab.name('late'), 'type', 'veth', 'peer', 'name', lab.name('etal'));
    const { port } = new URL(canopy.url);
    canopy = await launch(['allinone', '--listen', `127.0.0.1:${port}`, '--data-dir', dataDir], { env: { CANOPY_AGENT_HOST_ID: host } });
    await row(lab.name('late')).waitFor({ timeout: 40_000 });
    await page.getByText('live').first().waitFor(WAIT);
    expect(await page.evaluate(() => (window as unknown as { mark?: number }).mark)).toBe(1);
  });

  const PAGES = ['/', '/?form=table', '/?room=flows', '/?room=captures', '/?room=changes', '/?room=ask', '/?room=status'];
  it.each(PAGES.flatMap((path) => [[path, 'light'] as const, [path, 'dark'] as const]))(
    'can be used by everybody: %s, %s',
    async (path, colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await open(path);
      await page.waitForTimeout(500);
      await page.addScriptTag({ content: AXE });
      const violations = await page.evaluate(async () => {
        const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run();
        return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      });
      expect(
        violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`).join('; ')}`,
        ),
      ).toEqual([]);
    },
  );

  it('asks nobody but the analyzer and has no script errors', () => {
    expect(outside.filter((url) => !/^(data|blob):/.test(url))).toEqual([]);
    expect(errors).toEqual([]);
  });
});
