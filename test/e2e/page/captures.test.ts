/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { readDownload } from './downloads.js';
import { openPageRig, type PageRig, PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

const PCAPNG_SECTION = 0x0a0d0d0a;

describeWith([root, program('ip'), program('chromium'), program('ping')], 'captures and flows on the page', () => {
  let rig: PageRig;
  let page: Page;
  beforeAll(async () => {
    // Packets of one conversation, all the time: whoever begins to listen hears some. Agents hand in once a minute what they counted, which is long to wait for.
    rig = await openPageRig({ env: { CANOPY_AGENT_FLOW_UPDATE: '1s' }, traffic: 'some' });
    page = rig.page;
    await page.emulateMedia({ colorScheme: 'light' });
  });
  afterAll(() => rig?.close());
  const name = (part: string): string => rig.lab.name(part);
  const open = (room: string): Promise<void> => page.getByRole('navigation').getByRole('button', { name: room }).click();
  const flow = () => page.getByRole('table', { name: 'Flows' }).locator('.table-row', { hasText: '10.77.9.1' }).first();

  /** Things with a ring in the accent's colour: what is lit or selected. */
  const ringed = async (): Promise<number> => {
    await page.locator('.stage').waitFor();
    const { bytes } = await readDownload(page, () => page.getByTitle('Save the picture as SVG').click());
    return [...bytes.toString().matchAll(/<(?:rect|circle|polygon) [^>]*stroke="rgb\(31 95 208 \/ 1\)"/g)].length;
  };

  /** The form of the packet generator, from the interface that sends. */
  const openGenerator = async (): Promise<void> => {
    const { nodes } = await rig.ask<{ nodes: { nodes: { id: string }[] } }>(
      `{ nodes(filter: {address: {eq: "10.77.9.1"}, within: {name: {eq: "${name('web')}"}}}) { nodes { id } } }`,
    );
    await rig.open(`/?room=captures&selected=${encodeURIComponent(`node:${nodes.nodes[0]!.id}`)}`);
    await page.getByRole('button', { name: 'Send packets' }).click();
  };

  it('says before which nodes match, and what stands in the way, of several selected things and of a filter', async () => {
    const { id } = await rig.node(name('v0'));
    const rack = name('rack');
    await rig.publish(
      Array.from({ length: 60 }, (_, index) => ({ id: `${rack}${index}`, name: `${rack}-${index}`, type: 'rack', host: rack })),
    );
    const preview = page.getByRole('region', { name: 'What would be captured' });
    await rig.open(`/?room=captures&selected=${encodeURIComponent(`node:${id}`)}&also=${encodeURIComponent(`${rack}1`)}`);
    await page.getByRole('button', { name: 'Start one' }).click();
    await expect.poll(() => page.getByRole('radio', { name: 'on the 2 selected things' }).isChecked(), WAIT).toBe(true);
    await preview.getByText('2 nodes match on 2 hosts; 1 of them not possible').waitFor();
    const nodes = preview.getByRole('table', { name: 'Nodes that match' });
    const row = (text: string) => nodes.locator('.table-row', { hasText: text });
    await expect.poll(() => row(name('v0')).textContent(), WAIT).toContain('afpacket');
    await expect.poll(() => row(`${rack}-1`).textContent(), WAIT).toContain('not possible');
    await page.getByRole('button', { name: 'Start on 2 nodes' }).waitFor();
    // Many of them are worth a second thought.
    await rig.open(`/?room=captures&find=host%3A${rack}`);
    await page.getByRole('button', { name: 'Start one' }).click();
    await preview.getByText('60 nodes match on 1 host; none of them possible').waitFor();
    await preview.getByRole('alert').getByText('These are many').waitFor();
    await page.getByRole('radio', { name: 'on what a Gremlin string finds' }).check();
    await page.getByRole('combobox', { name: 'Gremlin string' }).fill(`G.V().Has('Name', '${name('v1')}')`);
    await preview.getByText('1 node matches on 1 host').waitFor();
    await page.getByRole('combobox', { name: 'Gremlin string' }).fill('G.V(');
    await preview.getByRole('alert').waitFor();
  });

  it('says before how it would be done, and starts a capture on the selected node', async () => {
    const { id } = await rig.node(name('v0'));
    await rig.open(`/?room=captures&selected=${encodeURIComponent(`node:${id}`)}`);
    await page.getByRole('button', { name: 'Start one' }).click();
    const nodes = page.getByRole('table', { name: 'Nodes that match' });
    await nodes.getByText(rig.host, { exact: true }).waitFor();
    await expect.poll(() => nodes.textContent(), WAIT).toContain('afpacket');
    await page.getByLabel('Name', { exact: true }).fill(name('cap'));
    await page.getByLabel('Only packets that match').fill('icmp');
    await page.getByLabel('Packets kept of each flow').fill('4');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const card = page.getByRole('table', { name: `Nodes of ${name('cap')}` });
    await card.getByText('active').waitFor();
    // Its counters go on.
    await expect
      .poll(async () => Number((await card.locator('.table-row .is-number').first().textContent()) ?? 0), WAIT)
      .toBeGreaterThan(0);
  });

  it('says what is wrong with a capture that cannot be', async () => {
    await page.getByRole('button', { name: 'Start one' }).click();
    await page.getByLabel('Only packets that match').fill('no such filter');
    // Known before it is asked for.
    await page.getByRole('region', { name: 'What would be captured' }).getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('alert').first().waitFor();
    await page.getByRole('button', { name: 'Start one' }).click();
  });

  it('lists the flow of real traffic, and lights its way in the graph', async () => {
    await open('Flows');
    await page.getByRole('button', { name: `Only at ${name('v0')}` }).waitFor();
    await flow().click();
    await rig.addressed('flow=');
    const panel = page.getByRole('complementary', { name: 'Flow', exact: true });
    await panel.getByText('Way').waitFor();
    await panel
      .getByRole('button', { name: name('v0') })
      .first()
      .waitFor();
    const way = (): Promise<string[]> => panel.locator('ol').first().getByRole('button').allTextContents();
    // From the one end over the bridge to the other, wherever it was captured.
    await expect.poll(way, WAIT).toEqual(['eth0', name('v0'), name('br'), name('v1'), 'eth0']);
    await panel.getByRole('button', { name: 'Show in the picture' }).click();
    // The picture is a canvas; what it draws is handed out as SVG as well.
    await expect.poll(ringed, WAIT).toBeGreaterThanOrEqual(5);
    await page.goBack();
  });

  it('keeps the flow in the address, and hands out its packets as pcapng', async () => {
    await page.reload();
    const panel = page.getByRole('complementary', { name: 'Flow', exact: true });
    await panel.locator('.packets li').first().waitFor();
    const file = await readDownload(page, () => panel.getByRole('button', { name: 'pcapng' }).click());
    expect(file.name).toMatch(/^flow-[0-9a-f]+\.pcapng$/);
    expect(file.bytes.readUInt32LE(0)).toBe(PCAPNG_SECTION);
    await panel.getByRole('button', { name: 'Close the flow' }).click();
  });

  it('filters flows by typing, and says what is no address', async () => {
    await page.getByLabel('Address or network').fill('10.77.9.0/24');
    await flow().waitFor();
    await rig.addressed('ip=10.77.9.0');
    await page.getByLabel('Port').fill('4711');
    await expect.poll(() => page.locator('.table-row').count(), WAIT).toBe(0);
    await page.getByLabel('Port').fill('');
    await page.getByLabel('Address or network').fill('nowhere');
    await page.getByRole('alert').getByText('is no address').waitFor();
    await page.getByLabel('Address or network').fill('');
    await flow().waitFor();
  });

  it('pauses the list, and goes on', async () => {
    await page.getByRole('button', { name: 'Pause' }).first().click();
    const packets = (): Promise<string | null> => flow().locator('.is-number').nth(2).textContent();
    const shown = await packets();
    // What the analyzer knows goes on: a list that is not paused would have heard of it.
    const counted = async (): Promise<number> => {
      const { flows } = await rig.ask<{ flows: { nodes: { total: { abPackets: number } }[] } }>(
        '{ flows(filter: {address: {eq: "10.77.9.1"}}, first: 10) { nodes { total { abPackets } } } }',
      );
      return Math.max(...flows.nodes.map(({ total }) => total.abPackets));
    };
    const before = await counted();
    await expect.poll(counted, WAIT).toBeGreaterThan(before + 15);
    expect(await packets()).toBe(shown);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(packets, WAIT).not.toBe(shown);
  });

  it('shows the flows of a capture, and where it listens in the picture', async () => {
    await open('Captures');
    const card = page.locator('.capture', { hasText: name('cap') });
    await card.locator('header').getByRole('button', { name: 'Flows' }).click();
    await rig.addressed('capture=');
    await flow().waitFor();
    await page.getByRole('button', { name: 'Of one capture' }).click();
    await rig.addressed(/^(?!.*capture=)/);
    await open('Captures');
    await card.getByRole('button', { name: 'Show in the picture' }).click();
    await expect.poll(ringed, WAIT).toBeGreaterThanOrEqual(1);
    await open('Flows');
    await flow().waitFor();
  });

  it('shows the columns that somebody wants, and saves those', async () => {
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByLabel('From MAC').check();
    await page.getByLabel('Round trip').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'From MAC' }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Round trip' }).count()).toBe(0);
    const file = await readDownload(page, () =>
      page.getByRole('group', { name: 'Save flows' }).getByRole('button', { name: 'CSV' }).click(),
    );
    expect(file.name).toBe('flows.csv');
    expect(file.bytes.toString().split('\r\n')[0]).toBe('From,To,Protocol,Application,Sent,Received,Packets,Last packet,From MAC,State');
  });

  it('sorts by a column', async () => {
    await page.getByRole('columnheader', { name: 'Sent' }).getByRole('button').click();
    await page.locator('[role=columnheader][aria-sort=descending]', { hasText: 'Sent' }).waitFor();
  });

  it('sums up who talks most', async () => {
    const talkers = page.getByRole('region', { name: 'Top talkers' });
    await talkers.getByRole('button', { name: 'Applications' }).click();
    await talkers.getByText('ICMPv4').waitFor();
    const file = await readDownload(page, () => talkers.getByRole('button', { name: 'JSON' }).click());
    expect(JSON.parse(file.bytes.toString())).toContainEqual(expect.objectContaining({ what: 'ICMPv4' }));
  });

  it('shows flows and captures of a node in its details', async () => {
    const { id } = await rig.node(name('v0'));
    await rig.open(`/?form=table&selected=${encodeURIComponent(`node:${id}`)}`);
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByRole('button', { name: 'Captures', exact: true }).click();
    await details.getByText(`${name('cap')}: active`).waitFor();
    await details.getByRole('button', { name: 'Flows', exact: true }).first().click();
    await details.getByRole('table', { name: 'Latest flows' }).locator('.table-row').first().click();
    await rig.addressed('room=flows');
    await rig.addressed('flow=');
  });

  it('sends packets, says how far it is, and leads to the flow that they became', async () => {
    await openGenerator();
    const form = page.getByRole('form', { name: 'Send packets' });
    await expect.poll(() => form.getByLabel('From', { exact: true }).inputValue(), WAIT).toContain('10.77.9.1');
    // The other end is found by typing; what the list offers is taken as it is.
    await form.getByLabel('To', { exact: true }).fill(`${name('api')} 10.77.9.2`);
    const options = form.locator('label', { hasText: /^To$/ }).locator('option');
    await expect.poll(() => options.count(), WAIT).toBe(1);
    await form.getByLabel('To', { exact: true }).fill((await options.first().getAttribute('value'))!);
    await form.getByLabel('Identifier', { exact: true }).fill('4242');
    await form.getByLabel('How many').fill('20');
    await form.getByRole('button', { name: 'Send' }).click();
    await form.waitFor({ state: 'detached' });
    const row = page.locator('.injection', { hasText: '10.77.9.1 → 10.77.9.2' });
    await row.getByText('done').waitFor();
    await row.getByText('20 of 20 packets').waitFor();
    await expect
      .poll(async () => {
        // What was pressed before may have led there meanwhile: then there is no such button any more.
        await row
          .getByRole('button', { name: 'Its flow' })
          .click({ timeout: 1_000 })
          .catch(() => undefined);
        return rig.search();
      }, WAIT)
      .toContain('room=flows');
    await page.getByRole('complementary', { name: 'Flow', exact: true }).getByText('10.77.9.1 → 10.77.9.2').waitFor();
  });

  it('cancels packets that are on their way', async () => {
    await openGenerator();
    const form = page.getByRole('form', { name: 'Send packets' });
    await form.getByLabel('How many').fill('1000');
    await form.getByLabel('Time between two').fill('1s');
    await form.getByText('More').click();
    await form.getByLabel('To address').fill('10.77.9.3');
    await form.getByLabel('To MAC').fill('02:00:00:00:00:33');
    await form.getByRole('button', { name: 'Send' }).click();
    const row = page.locator('.injection', { hasText: '10.77.9.3' });
    await row.getByRole('button', { name: 'Cancel' }).click();
    await row.getByText('cancelled').waitFor();
  });

  it('hands out all packets of a capture as one file, and stops it', async () => {
    await rig.open('/?room=captures');
    const capture = page.locator('.capture', { hasText: name('cap') });
    const file = await readDownload(page, () => capture.getByRole('button', { name: 'pcapng' }).click());
    expect(file.name).toBe(`${name('cap')}.pcapng`);
    expect(file.bytes.readUInt32LE(0)).toBe(PCAPNG_SECTION);
    await capture.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('No capture runs').waitFor();
  });

  it('has no script errors', () => expect(rig.errors).toEqual([]));
});
