/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { readDownload } from './downloads.js';
import { publishHosts } from './hosts.js';
import { openPageRig, type PageRig, PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

const HOST = 'host:web-1';
const OPEN = `open=${encodeURIComponent(HOST)}`;

describeWith([root, program('ip'), program('ping'), program('chromium')], 'the picture of the network', () => {
  let rig: PageRig;
  let page: Page;
  beforeAll(async () => {
    // Other tests make links on this machine: what is looked at closely is published, or belongs to the lab.
    rig = await openPageRig({ env: { CANOPY_AGENT_NETLINK_METRICS_INTERVAL: '1s' }, traffic: 'much' });
    page = rig.page;
    await publishHosts(rig.url, 2, 4);
  });
  afterAll(() => rig?.close());

  /** A number that the picture says of what is drawn. */
  const drawn = async (what: 'targets' | 'moving'): Promise<number> => Number(await rig.drawn(what));
  /** Three hosts and what the first of the published ones holds: two links, four pairs, four namespaces. */
  const opened = async (search: string): Promise<void> => {
    await rig.open(`/?${OPEN}${search}`);
    await expect.poll(() => drawn('targets'), WAIT).toBeGreaterThanOrEqual(14);
  };
  /** Where each name of the published host stands. */
  const places = async (): Promise<Map<string, string>> => {
    const svg = (await readDownload(page, () => page.getByTitle('Save the picture as SVG').click())).bytes.toString();
    const words = svg.matchAll(/<text x="([^"]+)" y="([^"]+)"[^>]*>(app-\d|veth\d|br0)</g);
    return new Map([...words].map(([, x, y, name]) => [name!, `${x} ${y}`]));
  };

  it('colours what carries traffic, says how much each colour is, and shows where it goes', async () => {
    await rig.open(`/?open=${encodeURIComponent(`host:${rig.host}`)}&colour=rate`);
    const scale = page.getByRole('region', { name: 'Colours: Bit rate' });
    await scale.waitFor();
    // Two ports of the bridge, and what they are paired with.
    const known = async (): Promise<number> => {
      const counts = await scale.locator('li > :last-child').allTextContents();
      return counts.slice(1, -1).reduce((sum, count) => sum + Number(count), 0);
    };
    await expect.poll(known, WAIT).toBeGreaterThanOrEqual(4);
    await expect.poll(() => drawn('moving'), WAIT).toBeGreaterThanOrEqual(4);
  });

  it('goes through the colours by a key, and colours by any number of the metadata', async () => {
    await opened('');
    await page.keyboard.press('c');
    await rig.addressed('colour=rate');
    await page.keyboard.press('c');
    await rig.addressed('colour=drops');
    await page.getByRole('region', { name: 'Colours: Packets dropped' }).waitFor();
    await page.getByRole('button', { name: 'View', exact: true }).click();
    await page.getByRole('radio', { name: 'A number of metadata' }).check();
    await page.getByLabel('Dotted path of the number that colours').fill('Speed');
    await page.getByLabel('Dotted path of the number that colours').press('Enter');
    await rig.addressed('number=Speed');
    // The uplinks have a speed; what else there is on this machine may have another.
    const scale = page.getByRole('region', { name: 'Colours: Speed' });
    await expect.poll(() => scale.locator('li').allTextContents(), WAIT).toContainEqual(expect.stringMatching(/10 k[1-9]\d*$/));
  });

  it('selects several things by a rectangle, and says what they are', async () => {
    await opened('');
    await rig.atRest();
    const { x, y, width, height } = (await page.locator('.stage').boundingBox())!;
    await page.keyboard.down('Shift');
    await page.mouse.move(x + 4, y + 4);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.move(x + width - 4, y + height - 4);
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await rig.addressed('also=');
    await page.getByRole('heading', { name: /^\d+ things$/ }).waitFor();
    const selected = page.getByRole('list', { name: 'Selected things' });
    await selected.getByRole('button', { name: 'veth0', exact: true }).waitFor();
    await selected.getByRole('button', { name: 'Take br0 out of the selection' }).click();
    await expect.poll(() => selected.getByRole('button', { name: 'br0', exact: true }).count(), WAIT).toBe(0);
    await page.getByRole('button', { name: 'Select none' }).click();
    await rig.addressed(/^(?!.*also=)(?!.*selected=)/);
  });

  it('by keyboard alone selects more, looks around a thing, goes further and steps back', async () => {
    const around = (id: string): string => `focus=${encodeURIComponent(id)}`;
    await opened('&selected=node%3Aweb-1-br0');
    await page.locator('.stage').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await rig.addressed('also=');
    await page.keyboard.press('Escape');
    await rig.addressed(/^(?!.*also=)/);
    await rig.open(`/?${OPEN}&selected=node%3Aweb-1-br0`);
    await expect.poll(() => drawn('targets'), WAIT).toBeGreaterThanOrEqual(14);
    await page.locator('.stage').focus();
    await page.keyboard.press('Enter');
    await rig.addressed(around('web-1-br0'));
    await page.getByText('Only what is around one thing is shown').waitFor();
    await page.getByRole('button', { name: '2 links away' }).press('Enter');
    await rig.addressed('hops=2');
    // Another thing from here, and back.
    await rig.open(`/?${around('web-1-br0')}&selected=node%3Aweb-1-veth1`);
    await page.locator('.stage').focus();
    await page.keyboard.press('Enter');
    await rig.addressed(around('web-1-veth1'));
    await rig.addressed('from=web-1-br0');
    await page.getByRole('button', { name: 'Step back' }).press('Enter');
    await rig.addressed(around('web-1-br0'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await rig.addressed(/^(?!.*focus=)/);
  });

  it('closes what is nothing but a speck when one goes further away', async () => {
    await opened('');
    const { x, y, width, height } = (await page.locator('.stage').boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, 400);
        return rig.search();
      }, WAIT)
      .not.toContain('open=');
  });

  it('opens the same view in the same way, and a change moves nothing else', async () => {
    await opened('');
    const before = await places();
    expect(before.size).toBe(9);
    await page.reload();
    await expect.poll(() => drawn('targets'), WAIT).toBeGreaterThanOrEqual(14);
    expect(await places()).toEqual(before);
    const targets = await drawn('targets');
    await rig.publish(
      [{ id: 'web-1-new', name: 'new0', type: 'veth', host: 'web-1', metadata: { State: 'UP' } }],
      [{ source: 'web-1', target: 'web-1-new', relationType: 'ownership' }],
    );
    await expect.poll(() => drawn('targets'), WAIT).toBe(targets + 1);
    expect(await places()).toEqual(before);
  });

  it('has no script errors', () => expect(rig.errors).toEqual([]));
});
