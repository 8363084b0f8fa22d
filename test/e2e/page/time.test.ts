/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { openPageRig, type PageRig, PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

const DAY_MS = 86_400_000;

describeWith([root, program('ip'), program('chromium')], 'the bar of time', () => {
  let rig: PageRig;
  let page: Page;
  /** Made first, gone later. */
  let gone: string;
  let removedAt: number;
  beforeAll(async () => {
    rig = await openPageRig();
    page = rig.page;
    gone = rig.lab.name('gone');
    await rig.publish([{ id: gone, name: gone, type: 'rack', host: rig.host, metadata: { Rack: 'one' } }]);
    await rig.publish([{ id: gone, name: gone, type: 'rack', host: rig.host, metadata: { Rack: 'two' } }]);
    const { removeElements } = await rig.ask<{ removeElements: { removed: number } }>(
      'mutation ($ids: [ID!]!) { removeElements(ids: $ids) { removed } }',
      {
        ids: [gone],
      },
    );
    expect(removeElements.removed).toBe(1);
    const query = 'query ($filter: TopologyFilter) { changes(between: {from: "-1h"}, filter: $filter, first: 1000) { nodes { op at } } }';
    const { changes } = await rig.ask<{ changes: { nodes: { op: string; at: string }[] } }>(query, { filter: { nodes: { id: [gone] } } });
    removedAt = Date.parse(changes.nodes.find(({ op }) => op === 'REMOVED')!.at);
  });
  afterAll(() => rig?.close());
  const bar = () => page.getByRole('slider', { name: /^Moment, over/ });
  const at = (): number => Date.parse(new URL(page.url()).searchParams.get('at') ?? '');
  const since = (): number => Date.parse(new URL(page.url()).searchParams.get('since') ?? '');

  it('shows how much changed when', async () => {
    await rig.open('/?form=table');
    await expect.poll(() => bar().getAttribute('aria-label'), WAIT).toMatch(/over [1-9]\d* changes/);
    await page.getByRole('button', { name: '14d' }).click();
    await rig.addressed('range=14d');
    await expect
      .poll(async () => Number(await bar().getAttribute('aria-valuemax')) - Number(await bar().getAttribute('aria-valuemin')), WAIT)
      .toBe(14 * DAY_MS);
  });

  it('is dragged to a moment and back to the present', async () => {
    await rig.open('/?form=table');
    const box = (await bar().boundingBox())!;
    const y = box.y + 20;
    await page.mouse.move(box.x + box.width * 0.9, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.25, y, { steps: 5 });
    await page.getByText('This is the past').waitFor();
    const [from, to] = await Promise.all(['min', 'max'].map(async (end) => Number(await bar().getAttribute(`aria-value${end}`))));
    // The last place counts, also when the ones before came too fast.
    await expect.poll(() => (at() - from!) / (to! - from!), WAIT).toBeCloseTo(0.25, 1);
    await page.mouse.move(box.x + box.width + 50, y, { steps: 5 });
    await rig.addressed(/^(?!.*at=)/);
    await page.mouse.up();
    await page.locator('.sign.is-live').waitFor();
  });

  it('steps from change to change, over the one that took a thing away', async () => {
    const moment = new Date(removedAt + 1).toISOString();
    await rig.open(`/?form=table&mode=dim&find=id%3A${gone}&at=${moment}`);
    await page.getByText('This is the past').waitFor();
    await page.getByRole('button', { name: 'The change before' }).click();
    await expect.poll(at, WAIT).toBe(removedAt);
    await page.getByRole('button', { name: 'The change before' }).click();
    await expect.poll(at, WAIT).toBeLessThan(removedAt);
    await rig.row(gone).waitFor();
    await page.getByRole('button', { name: 'The next change' }).click();
    await expect.poll(at, WAIT).toBe(removedAt);
    await expect.poll(() => rig.rows(), WAIT).not.toContain(gone);
  });

  it('plays at a speed until the present', async () => {
    await rig.open('/?form=table');
    await page.getByLabel('Speed of playing').selectOption('600');
    await page.getByRole('button', { name: 'Play' }).click();
    // The whole stretch from its beginning: an hour in some seconds.
    await page.getByText('This is the past').waitFor();
    const begun = at();
    await expect.poll(() => at() > begun || Number.isNaN(at()), WAIT).toBe(true);
    await page.locator('.sign.is-live').waitFor();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    // And it stops where somebody says so.
    await page.getByLabel('Speed of playing').selectOption('1');
    await page.getByRole('button', { name: 'Play' }).click();
    // A key needs no still picture under it, as a click does: on a busy machine there may be none while it plays.
    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await rig.addressed('at=');
  });

  it('goes to a moment that somebody writes', async () => {
    await rig.open('/?form=table');
    await page.getByRole('button', { name: 'Now' }).click();
    const field = page.getByLabel('Go to a moment');
    await field.fill('soon');
    await field.press('Enter');
    await page.getByRole('alert').getByText("'soon' is no moment of the past").waitFor();
    await field.fill('1h30m ago');
    const before = Date.now();
    await field.press('Enter');
    await rig.addressed('at=');
    expect(at()).toBeGreaterThanOrEqual(before - 5_400_000);
    expect(at()).toBeLessThanOrEqual(Date.now() - 5_400_000);
    await page.keyboard.press('Escape');
    await page.getByLabel('Date and time').waitFor({ state: 'detached' });
  });

  it('compares with a moment that is moved by hand and by keys', async () => {
    await rig.open('/?form=table');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await rig.addressed('since=');
    const earlier = page.getByRole('slider', { name: 'Moment that is compared with' });
    const first = since();
    await earlier.focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(since, WAIT).toBeLessThan(first);
    const second = since();
    const box = (await earlier.boundingBox())!;
    const whole = (await bar().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(whole.x + whole.width * 0.2, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await expect.poll(since, WAIT).toBeLessThan(second - 600_000);
    // It never passes the moment that is looked at, which stays where it is.
    await page.mouse.move(whole.x + whole.width * 0.2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(whole.x + whole.width - 1, box.y + 20, { steps: 4 });
    await page.mouse.up();
    expect(since()).toBeLessThan(Date.now());
    await page.locator('.sign.is-live').waitFor();
    await page.getByRole('button', { name: 'End the comparison' }).click();
    await rig.addressed(/^(?!.*since=)/);
  });

  it('says in rooms of the present that they are', async () => {
    for (const room of ['captures', 'status']) {
      await rig.open(`/?room=${room}&at=${new Date(removedAt).toISOString()}`);
      await page.getByText('of the present, whatever moment').waitFor();
    }
  });

  it('hatches time that was not watched, and says so of a moment in it', async () => {
    const stopped = Date.now();
    await rig.stop();
    await rig.start();
    await rig.node(rig.lab.name('v0'));
    const { topology } = await rig.ask<{ topology: { coverage: { complete: boolean } } }>(
      'query ($at: DateTime) { topology(filter: {nodes: {id: []}}, at: $at) { coverage { complete } } }',
      { at: new Date(stopped + 100).toISOString() },
    );
    expect(topology.coverage.complete).toBe(false);
    await rig.open(`/?form=table&range=15m&at=${new Date(stopped + 100).toISOString()}`);
    await page.getByText(/Not all was watched then: .*the analyzer did not run/).waitFor();
    await expect.poll(() => bar().getAttribute('aria-description'), WAIT).toContain('not watched');
    await page.getByRole('button', { name: 'Back to live' }).click();
    await page.getByText('Not all was watched then').waitFor({ state: 'detached' });
  });

  it('has no script errors', () => expect(rig.errors).toEqual([]));
});
