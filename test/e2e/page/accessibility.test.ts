/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { seriousFindings } from './axe.js';
import { openPageRig, type PageRig, PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

const PHONE = 390;

/** What stands on the page when it is ready, what is pressed then, and how wide it is. */
interface Look {
  readonly what: string;
  readonly path: string;
  readonly ready: string;
  readonly press?: readonly string[];
  readonly width?: number;
}

describeWith([root, program('ip'), program('chromium'), program('ping')], 'the page for everybody', () => {
  let rig: PageRig;
  let page: Page;
  let selected: string;
  let edge: string;
  beforeAll(async () => {
    rig = await openPageRig({ traffic: 'some' });
    ({ page } = rig);
    const { id } = await rig.node(rig.lab.name('v0'));
    selected = encodeURIComponent(`node:${id}`);
    const { edges } = await rig.ask<{ edges: { nodes: { id: string }[] } }>(
      'query ($id: ID!) { edges(filter: {or: [{source: $id}, {target: $id}], relationType: {eq: "layer2"}}, first: 1) { nodes { id } } }',
      { id },
    );
    edge = encodeURIComponent(`edge:${edges.nodes[0]!.id}`);
    // A capture that sees the packets.
    await rig.ask('mutation ($id: ID!) { createCapture(input: {name: "web", nodes: {id: [$id]}, rawPacketLimit: 2}) { capture { id } } }', {
      id,
    });
    await rig.ask(
      'mutation { createNodeRule(input: {name: "fabric", action: CREATE, metadata: {Name: "fabric", Type: "fabric"}}) { rule { id } } }',
    );
  });
  afterAll(() => rig?.close());

  const past = (ms = 0): string => new Date(Date.now() - ms).toISOString();
  const LOOKS: readonly (readonly [string, () => Omit<Look, 'what'>])[] = [
    ['the picture', () => ({ path: '/', ready: '.stage' })],
    ['what groups and colours', () => ({ path: '/', ready: '.stage', press: ['View'] })],
    ['the layers', () => ({ path: '/', ready: '.stage', press: ['Layers'] })],
    ['named views', () => ({ path: '/', ready: '.stage', press: ['Views'] })],
    ['the moment', () => ({ path: '/', ready: '.stage', press: ['Now'] })],
    ['the keys', () => ({ path: '/', ready: '.stage', press: ['Keys'] })],
    ['colours of what is measured', () => ({ path: '/?colour=rate', ready: '.scale' })],
    ['several selected things', () => ({ path: `/?selected=${selected}&also=nowhere`, ready: '.many li' })],
    ['the table', () => ({ path: '/?form=table', ready: '.tree-row' })],
    [
      'details',
      () => ({
        path: `/?form=table&selected=${selected}`,
        ready: '.details-name',
        press: ['Links', 'Captures', 'Flows', 'Routes', 'Features', 'History', 'Metadata'],
      }),
    ],
    ['a link', () => ({ path: `/?form=table&selected=${edge}`, ready: '.details-name', press: ['History'] })],
    ['flows', () => ({ path: '/?room=flows', ready: '.flows-split .table-row' })],
    ['columns of a table', () => ({ path: '/?room=flows', ready: '.flows-split .table-row', press: ['Columns'] })],
    ['captures', () => ({ path: `/?room=captures&selected=${selected}`, ready: '.capture', press: ['Start one', 'Send packets'] })],
    ['changes', () => ({ path: '/?room=changes', ready: '.change', press: ['All kinds'] })],
    ['a comparison', () => ({ path: `/?room=changes&since=${past(3_600_000)}`, ready: '.changes' })],
    ['the past', () => ({ path: `/?form=table&at=${past()}`, ready: '.band.is-past' })],
    ['rules', () => ({ path: '/?room=rules', ready: '.table-row', press: ['For nodes'] })],
    ['ask', () => ({ path: '/?room=ask', ready: '.cm-content', press: ['Run'] })],
    ['status', () => ({ path: '/?room=status', ready: '.audit .table-row' })],
    ['an address that makes no sense', () => ({ path: '/?room=attic&find=state:broken', ready: '.band.is-bad' })],
    ['the picture on a phone', () => ({ path: '/?form=picture', ready: '.stage', width: PHONE })],
    ['the list on a phone', () => ({ path: '/', ready: '.tree-row', width: PHONE })],
    ['flows on a phone', () => ({ path: `/?room=flows&at=${past()}`, ready: '.flows-split', width: PHONE })],
    ['changes on a phone', () => ({ path: '/?room=changes', ready: '.change', press: ['All kinds'], width: PHONE })],
  ];
  const THEMES = ['light', 'dark'] as const;

  it.each(LOOKS)('can use %s, light and dark', async (_what, look) => {
    const { path, ready, press = [], width } = look();
    await rig.open(path);
    if (width !== undefined) await page.setViewportSize({ width, height: 844 });
    await page.locator(ready).first().waitFor();
    for (const name of press) {
      const button = page.locator('.main, .details, .bar, .timebar').getByRole('button', { name: new RegExp(`^${name}`) });
      await button.first().click();
    }
    for (const colorScheme of THEMES) {
      // The page follows the system's wish as it stands, with all that is open on it.
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
      expect(await seriousFindings(page), colorScheme).toEqual([]);
    }
  });

  /** What has the focus: its name for a screen reader, whether one sees it and that it has the focus. */
  const focused = (): Promise<{ name: string; isSeen: boolean; isMarked: boolean; isIn: string } | undefined> =>
    page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return undefined;
      const box = element.getBoundingClientRect();
      const labels = 'labels' in element ? [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent) : [];
      const isOutlined = (one: Element): boolean => {
        const style = getComputedStyle(one);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      };
      const around = element.closest('.find, .cm-editor');
      return {
        name: (element.getAttribute('aria-label') ?? labels.join(' ') + element.textContent).trim(),
        isSeen: box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
        isMarked: isOutlined(element) || (around !== null && isOutlined(around)),
        isIn: element.closest('header.bar, nav, main, aside, footer')?.tagName.toLowerCase() ?? '',
      };
    });

  it.each([
    ['map', '.stage'],
    ['flows', '.flows-split .table-row'],
    ['captures', '.capture .table-row'],
    ['changes', '.change'],
    ['rules', '.table-row'],
    ['ask', '.cm-content'],
    ['status', '.audit .table-row'],
  ])('is walked in order by the Tab key, and says where one is, in the room %s', async (room, ready) => {
    await rig.open(`/?room=${room}`);
    await page.locator(ready).first().waitFor();
    const seen: string[] = [];
    // Once around; long lists are left behind after so many steps.
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (now === undefined) break;
      expect(now, `${room}, step ${step}`).toMatchObject({ name: expect.stringMatching(/\S/) as string, isSeen: true, isMarked: true });
      if (seen.at(-1) !== now.isIn) seen.push(now.isIn);
    }
    expect(seen.slice(0, 3)).toEqual(['header', 'nav', 'main']);
  });

  it.each([
    ['View', '/'],
    ['Layers', '/'],
    ['Views', '/'],
    ['Now', '/'],
    ['All kinds', '/?room=changes'],
  ])('opens and closes the menu %s by keys, and gives the focus back', async (name, path) => {
    await rig.open(path);
    const button = page.getByRole('button', { name, exact: true });
    const hasFocus = (): Promise<boolean> => button.evaluate((one) => one === document.activeElement);
    await button.focus();
    await page.keyboard.press('Enter');
    await page.locator('.menu-body').waitFor();
    await expect
      .poll(async () => {
        await page.keyboard.press('Tab');
        return page.evaluate(() => document.activeElement?.closest('.menu-body') !== null);
      }, WAIT)
      .toBe(true);
    await page.keyboard.press('Escape');
    await page.locator('.menu-body').waitFor({ state: 'detached' });
    await expect.poll(hasFocus, WAIT).toBe(true);
    // Who goes on past it closes it.
    await page.keyboard.press('Enter');
    await page.locator('.menu-body').waitFor();
    await page.getByRole('combobox', { name: 'Find or hide' }).focus();
    await page.locator('.menu-body').waitFor({ state: 'detached' });
  });

  it('gives the focus back when the details, a flow or the keys are closed', async () => {
    await rig.open('/?room=flows');
    const row = page.locator('.flows-split .table-row').first();
    await row.focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Flow', exact: true });
    await panel.getByRole('button', { name: 'Close the flow' }).focus();
    await page.keyboard.press('Enter');
    await panel.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('row');
    await rig.open('/?room=status');
    const agent = page.getByRole('table', { name: 'Agents' }).locator('.table-row').first();
    await agent.waitFor();
    const keys = page.getByRole('button', { name: 'Keys' });
    await keys.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await keys.evaluate((one) => one === document.activeElement)).toBe(true);
    await rig.open(`/?room=changes&kind=bridge&find=name%3A${rig.lab.name('br')}`);
    const name = page
      .locator('.change')
      .getByRole('button', { name: rig.lab.name('br'), exact: true })
      .first();
    await name.focus();
    await page.keyboard.press('Enter');
    const close = page.getByRole('button', { name: 'Close the details' });
    await close.focus();
    await page.keyboard.press('Escape');
    await close.waitFor({ state: 'detached' });
    expect(await name.evaluate((one) => one === document.activeElement)).toBe(true);
  });

  it('has no script errors', () => expect(rig.errors).toEqual([]));
});
