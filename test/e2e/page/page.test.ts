/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { openPageRig, type PageRig, PATIENCE, TABLE_WINDOW, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

describeWith([root, program('ip'), program('chromium')], 'the path of a new user', () => {
  let rig: PageRig;
  let page: Page;
  beforeAll(async () => {
    rig = await openPageRig();
    page = rig.page;
  });
  afterAll(() => rig?.close());
  const name = (part: string): string => rig.lab.name(part);

  it('shows the only host opened, as a picture', async () => {
    await rig.open('/');
    await page.waitForFunction(() => Number(document.querySelector<HTMLElement>('.stage')?.dataset.targets ?? 0) > 10, undefined, WAIT);
    await expect.poll(async () => Number(await rig.drawn('lines')), WAIT).toBeGreaterThan(0);
  });

  it('shows the same as a table by one key, with namespaces, addresses and states', async () => {
    await page.setViewportSize(TABLE_WINDOW);
    await page.keyboard.press('t');
    await rig.row(name('web')).waitFor();
    await expect.poll(() => rig.rows(), WAIT).toContain('10.77.9.1/24');
    await expect.poll(() => rig.row(name('down')).textContent(), WAIT).toContain('down');
    await rig.addressed('form=table');
  });

  it('shows a link that appears, without being asked', async () => {
    rig.lab.network.addLink(name('new'), 'type', 'veth', 'peer', 'name', name('wen'));
    await rig.row(name('new')).waitFor();
  });

  it('travels to before that link, and back', async () => {
    const { createdAt } = await rig.node(name('new'));
    const before = new Date(Date.parse(createdAt) - 1).toISOString();
    await rig.open(`/?form=table&at=${before}`);
    await page.getByText('This is the past').waitFor();
    await rig.row(name('v0')).waitFor();
    expect(await rig.rows()).not.toContain(name('new'));
    await page.keyboard.press(']');
    await rig.row(name('new')).waitFor();
    await page.keyboard.press('l');
    await rig.addressed(/^(?!.*at=)/);
    await page.locator('.sign.is-live').waitFor();
  });

  it('compares two moments: marks in the table, a list with what is different', async () => {
    const since = (await rig.ask<{ status: { now: string } }>('{ status { now } }')).status.now;
    rig.lab.network.removeLink(name('new'));
    await rig.open(`/?form=table&since=${since}`);
    await rig.row(`${name('new')} removed`).waitFor();
    await page.getByRole('button', { name: 'List' }).click();
    await page.getByRole('region', { name: 'Differences' }).waitFor();
    await page
      .locator('.change', { hasText: name('new') })
      .first()
      .waitFor();
  });

  it('finds by typing, says what is wrong where it is, and keeps the picture', async () => {
    await rig.open('/?form=table');
    await page.keyboard.press('/');
    await page.keyboard.type(`in:${name('web')}`);
    await page.getByText('2 found').waitFor();
    // The table says what the picture shows by light.
    await page.locator('.tree-row', { hasText: '2 inside' }).waitFor();
    await page.locator('.tree-row', { hasText: 'eth0 found' }).waitFor();
    await page.keyboard.type(' state:broken');
    await page.getByRole('alert').getByText("there is no state 'broken'").waitFor();
    await rig.row(name('v0')).waitFor();
  });

  it('leaves out what does not match', async () => {
    await rig.open(`/?form=table&find=name%3A${name('v1')}&mode=hide`);
    await rig.row(name('v1')).waitFor();
    await expect.poll(() => rig.rows(), WAIT).not.toContain(name('v2'));
  });

  it('completes keys, types, names and metadata from the network', async () => {
    await rig.open('/');
    const box = page.getByRole('combobox', { name: 'Find or hide' });
    await page.keyboard.press('/');
    await page.keyboard.type('type:bri');
    await page.getByRole('option', { name: 'type:bridge' }).click();
    expect(await box.inputValue()).toBe('type:bridge ');
    await page.keyboard.type(name('b'));
    await page.getByRole('option', { name: `name:${name('br')}` }).waitFor();
    // What was offered for fewer letters is gone.
    await page.getByRole('option', { name: `name:${name('api')}` }).waitFor({ state: 'detached' });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => box.inputValue(), WAIT).toBe(`type:bridge name:${name('br')} `);
    await page.getByText('1 found').waitFor();
    // Keys of the metadata, whatever letters they are written with, and their values.
    await box.fill('mt');
    await page.getByRole('option', { name: 'MTU:' }).click();
    await page.getByRole('option', { name: 'MTU:1500' }).click();
    expect(await box.inputValue()).toBe('MTU:1500 ');
    // In a Gremlin string its steps, keys and values.
    await box.fill('G.V().HasE');
    await page.getByRole('option', { name: 'HasEither' }).waitFor();
    await box.fill("G.V().Has('Nam");
    await page.getByRole('option', { name: 'Name' }).click();
    await page.keyboard.type(`, '${name('b')}`);
    await page.getByRole('option', { name: name('br') }).click();
    expect(await box.inputValue()).toBe(`G.V().Has('Name', '${name('br')}'`);
    await page.keyboard.type(')');
    await page.getByText('1 found').waitFor();
  });

  it('lists what happened, and leads to its moment', async () => {
    await rig.open(`/?room=changes&find=${name('new')}`);
    await page
      .locator('.change', { hasText: name('new') })
      .first()
      .getByTitle('Show it in the picture')
      .click();
    await rig.addressed('at=');
    await page.getByText('This is the past').waitFor();
  });

  it('opens the same by its address in another window', async () => {
    const { id } = await rig.node(name('v0'));
    await rig.open(`/?form=table&find=${name('v')}&selected=${encodeURIComponent(`node:${id}`)}&range=6h&layers=l2,virtual`);
    const heading = page.locator('.details-name');
    await expect.poll(() => heading.textContent(), WAIT).toBe(name('v0'));
    const other = await rig.context.newPage();
    try {
      await other.setViewportSize(TABLE_WINDOW);
      await other.goto(page.url());
      await expect.poll(() => other.locator('.details-name').textContent(), WAIT).toBe(name('v0'));
      expect(await other.getByRole('combobox', { name: 'Find or hide' }).inputValue()).toBe(name('v'));
      await other.locator('.tree-row.is-chosen', { hasText: name('v0') }).waitFor();
      expect(new URL(other.url()).search).toBe(rig.search());
    } finally {
      await other.close();
    }
    await page.reload();
    await expect.poll(() => heading.textContent(), WAIT).toBe(name('v0'));
  });

  it('says what of an address makes no sense, and opens the rest', async () => {
    await rig.open('/?room=attic&form=table&at=whenever');
    await page.getByText('room=attic, at=whenever').waitFor();
    await rig.row(rig.host).waitFor();
  });

  it('opens what it can of an address of another version, of ids that are nowhere, and of nonsense', async () => {
    await rig.open(`/?v=0&filter=G.V()&form=table&selected=node%3Anowhere&open=host%3Anobody&hops=9&range=forever`);
    await page.getByText('v=0').waitFor();
    await page.getByText('It is not there any more').waitFor();
    await rig.open(`/?${'%ff'.repeat(40)}&form=table&find=%E2%80%AE%00&layers=,,&selected=edge:&since=9999999999999999`);
    await page.getByText('selected=edge:').waitFor();
    await page.getByRole('treegrid').waitFor();
    expect(rig.errors).toEqual([]);
  });

  it('asks nobody but the analyzer and has no script errors', () => {
    expect(rig.outside).toEqual([]);
    expect(rig.errors).toEqual([]);
  });
});
