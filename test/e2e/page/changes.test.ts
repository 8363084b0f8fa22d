/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { readDownload } from './downloads.js';
import { openPageRig, type PageRig, PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

/** More than a page of a list holds. */
const MANY = 2_500;

describeWith([root, program('ip'), program('chromium')], 'what happened, and what is different', () => {
  let rig: PageRig;
  let page: Page;
  beforeAll(async () => {
    rig = await openPageRig();
    page = rig.page;
  });
  afterAll(() => rig?.close());
  const name = (part: string): string => rig.lab.name(part);
  const now = async (): Promise<string> => (await rig.ask<{ status: { now: string } }>('{ status { now } }')).status.now;
  const event = (text: string) => page.locator('.changes > .change', { hasText: text });

  it('shows what comes as one event that opens, without being asked', async () => {
    await rig.open('/?room=changes');
    await page.locator('.change').first().waitFor();
    const box = name('box');
    const ports = Array.from({ length: 40 }, (_, index) => ({ id: `${box}${index}`, name: `${box}-p${index}`, type: 'veth', host: box }));
    await rig.publish(
      [{ id: box, name: box, type: 'container', host: box }, ...ports],
      ports.map(({ id }) => ({ source: box, target: id, relationType: 'ownership' })),
    );
    await event(box).getByText('container appeared').waitFor();
    await expect.poll(() => event(box).count(), WAIT).toBe(1);
    const rest = event(box).getByRole('button', { name: 'with it 40 veth and 40 links appeared' });
    await rest.click();
    await expect.poll(() => event(box).locator('.change-all li').count(), WAIT).toBe(81);
    await rest.click();
    await expect.poll(() => event(box).locator('.change-all li').count(), WAIT).toBe(0);
  });

  it('puts what changes again and again under one, with what was before and after each time', async () => {
    const id = name('box');
    // What comes within a second of its appearing belongs to that.
    const made = Date.parse((await rig.node(id)).createdAt);
    await expect.poll(async () => Date.parse(await now()) - made, WAIT).toBeGreaterThan(1_500);
    for (const Rack of ['one', 'two', 'three']) {
      await rig.publish([{ id, name: id, type: 'container', host: id, metadata: { Rack } }]);
    }
    // Other things of this machine may change as often.
    const again = event(`${id} container changed`);
    await again.getByText('changed 3 times').waitFor();
    await expect.poll(() => again.locator('.differences').first().textContent(), WAIT).toBe('Racktwo → three');
    await again.getByRole('button', { name: 'each time' }).click();
    await again.locator('.change-all .differences', { hasText: 'one → two' }).waitFor();
  });

  it('lists only what matches the filter, and leads from an event to its moment in the picture', async () => {
    const link = name('new');
    await rig.open(`/?room=changes&form=table&find=name%3A${link}`);
    await page.getByText('Nothing that is asked for happened').waitFor();
    rig.lab.network.addLink(link, 'type', 'veth', 'peer', 'name', name('wen'));
    await event(link).getByText('appeared').first().waitFor();
    expect(await page.getByText(name('box')).count()).toBe(0);
    await event(link).getByTitle('Show it in the picture').last().click();
    await rig.addressed('since=');
    await page.getByText('This is the past').waitFor();
    await rig.row(`${link} added`).waitFor();
    await expect.poll(() => page.locator('.details-name').textContent(), WAIT).toBe(link);
  });

  it('lists only what came, went or changed, kinds of things, one host; live, in the past and in the address', async () => {
    const host = name('sift');
    const rack = (id: string, metadata = {}): object => ({ id: `${host}${id}`, name: `${host}-${id}`, type: id, host, metadata });
    await rig.publish([rack('shelf'), rack('drawer')] as Record<string, unknown>[], [
      { source: `${host}shelf`, target: `${host}drawer`, relationType: 'ownership' },
    ]);
    await rig.open(`/?room=changes&on=${host}`);
    const filter = page.getByRole('group', { name: 'Which changes' });
    await event(`${host}-shelf`).waitFor();
    await page.getByText('3 changes in 1 event').waitFor();
    // One kind of thing, then links.
    await filter.getByRole('button', { name: 'All kinds' }).click();
    await filter.getByRole('checkbox', { name: 'drawer' }).check();
    await page.getByText('1 change in 1 event').waitFor();
    await event(`${host}-drawer`).waitFor();
    await rig.addressed('kind=drawer');
    await filter.getByRole('checkbox', { name: 'drawer' }).uncheck();
    await filter.getByRole('checkbox', { name: 'ownership' }).check();
    await page.locator('.change', { hasText: 'ownership of' }).waitFor();
    await filter.getByRole('checkbox', { name: 'ownership' }).uncheck();
    await page.keyboard.press('Escape');
    // Only what went: it comes live, and what only changes does not.
    await filter.getByRole('button', { name: 'Added' }).click();
    await filter.getByRole('button', { name: 'Changed' }).click();
    await rig.addressed('what=removed');
    await page.getByText('Nothing that is asked for happened').waitFor();
    await rig.publish([rack('shelf', { Rack: 'seven' })] as Record<string, unknown>[]);
    await rig.ask('mutation ($ids: [ID!]!) { removeElements(ids: $ids) { removed } }', { ids: [`${host}drawer`] });
    await event(`${host}-drawer`).getByText('went').first().waitFor();
    expect(await page.locator('.change', { hasText: 'Rack' }).count()).toBe(0);
    // The same in the past, by the address alone.
    const at = await now();
    await rig.publish([rack('drawer')] as Record<string, unknown>[]);
    await rig.open(`/?room=changes&on=${host}&what=removed&kind=drawer&at=${at}`);
    await event(`${host}-drawer`).getByText('went').waitFor();
    expect(await page.locator('.changes > .change').count()).toBe(1);
    await filter.getByRole('button', { name: 'All changes' }).click();
    await rig.addressed(/^(?!.*(on|what|kind)=)/);
  });

  it('opens an event of hundreds of changes part by part', async () => {
    await rig.open('/?room=changes&find=type%3Acrate');
    await page.getByText('Nothing that is asked for happened').waitFor();
    const crates = Array.from({ length: 250 }, (_, index) => ({
      id: name(`c${index}`),
      name: name(`c${index}`),
      type: 'crate',
      host: 'crates',
    }));
    await rig.publish(crates);
    await event('crate appeared').getByRole('button', { name: 'with it 249 crate appeared' }).click();
    await expect.poll(() => page.locator('.change-all li').count(), WAIT).toBe(101);
    await page.getByRole('button', { name: '150 more' }).click();
    await expect.poll(() => page.locator('.change-all li').count(), WAIT).toBe(250);
  });

  it('marks all of thousands of things that came between two moments', async () => {
    const since = await now();
    const host = name('big');
    await rig.publish(
      Array.from({ length: MANY }, (_, index) => ({
        id: `${host}${index}`,
        name: `thing-${String(index).padStart(4, '0')}`,
        type: 'crate',
        host,
      })),
    );
    await rig.open(`/?form=table&since=${since}&open=${encodeURIComponent(`host:${host}`)}`);
    await rig.row('thing-0000').waitFor();
    const rows = page.locator('.tree-row', { hasText: /thing-\d+/ });
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('End');
    // The last in the list is the last of the difference as well.
    await rows.filter({ hasText: `thing-${MANY - 1} added` }).waitFor();
    await expect.poll(async () => (await rows.allTextContents()).filter((text) => !text.includes('added')), WAIT).toEqual([]);
    await page.getByRole('button', { name: 'List' }).click();
    const list = page.getByRole('region', { name: 'Differences' });
    await list.getByRole('heading', { name: 'Added 2,5' }).waitFor();
    await list.getByRole('button', { name: 'More of 2,5' }).click();
    await expect.poll(() => list.locator('.change').count(), WAIT).toBeGreaterThan(900);
    const file = await readDownload(page, () => list.getByRole('button', { name: 'JSON' }).click());
    expect((JSON.parse(file.bytes.toString()) as { host: string }[]).filter((line) => line.host === host)).toHaveLength(MANY);
    // More at once than a list of what happened reads: it has them, and the end of what is read is found.
    await rig.open(`/?room=changes&on=${host}`);
    await event('crate appeared').first().waitFor();
  });

  it('lists a comparison with what was before and after, as it was where it is gone, and of what matches only', async () => {
    const id = name('box');
    const since = await now();
    await rig.publish([{ id, name: id, type: 'container', host: id, metadata: { Rack: 'four' } }]);
    rig.lab.network.removeLink(name('down'));
    await rig.open(`/?room=changes&since=${since}&find=name%3A${name('')}`);
    await page.locator('.change', { hasText: id }).locator('.differences', { hasText: 'three → four' }).waitFor();
    await page
      .locator('.change')
      .getByRole('button', { name: name('down'), exact: true })
      .click();
    await expect.poll(() => page.locator('.details-name').textContent(), WAIT).toBe(name('down'));
    await page.getByText(/−[23] removed/).waitFor();
    const filter = page.getByRole('group', { name: 'Which changes' });
    await filter.getByRole('button', { name: 'Removed' }).click();
    await expect.poll(() => page.locator('.change', { hasText: name('down') }).count(), WAIT).toBe(0);
    await page.locator('.change', { hasText: id }).waitFor();
  });

  it('has no script errors', () => expect(rig.errors).toEqual([]));
});
