/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { readDownload } from './downloads.js';
import { openPageRig, type PageRig, PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

const HTML = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
const RIGHT_TO_LEFT = 'שלום \u202Eabc';
/** Just below what a publisher may give at once. */
const LONG = `${'x'.repeat(1_000_000)}END`;

interface Download {
  readonly name: string;
  readonly bytes: Buffer;
}

describeWith([root, program('ip'), program('chromium')], 'what the page makes of content, and what it hands out', () => {
  let rig: PageRig;
  let page: Page;
  let evil: string;
  beforeAll(async () => {
    rig = await openPageRig();
    page = rig.page;
    evil = rig.lab.name('evil');
    const metadata = { Html: HTML, Bidi: RIGHT_TO_LEFT, Long: LONG, Deep: { List: [{ Key: 'needle' }] }, Site: 'north' };
    await rig.publish(
      [
        { id: evil, name: `${HTML}${RIGHT_TO_LEFT}`, type: 'rack', host: rig.host, metadata },
        {
          id: `${evil}2`,
          name: '=1+1',
          type: 'rack',
          host: rig.host,
          metadata: { Sockets: [{ Protocol: 'TCP', State: 'LISTEN', LocalAddress: '::1', LocalPort: 4711, Name: 'server', Pid: 12 }] },
        },
      ],
      [{ source: evil, target: `${evil}2`, relationType: 'layer2' }],
    );
  });
  afterAll(() => rig?.close());

  const selected = (id: string): string => `selected=${encodeURIComponent(`node:${id}`)}`;
  const metadata = async (): Promise<void> => {
    await rig.open(`/?form=table&${selected(evil)}`);
    await page.getByRole('button', { name: 'Metadata' }).click();
  };
  const leaf = (key: string) => page.locator('.json-leaf', { has: page.locator('.json-key', { hasText: new RegExp(`^${key}$`) }) });

  it('shows HTML and right-to-left text as text', async () => {
    await metadata();
    expect(await page.locator('.details-name').textContent()).toBe(`${HTML}${RIGHT_TO_LEFT}`);
    expect(await leaf('Html').locator('.json-value').textContent()).toBe(HTML);
    expect(await leaf('Bidi').locator('.json-value').textContent()).toBe(RIGHT_TO_LEFT);
    expect(await leaf('Bidi').locator('.json-value').getAttribute('dir')).toBe('auto');
    await rig.row('onerror').waitFor();
    for (const room of ['changes', 'flows', 'map']) {
      await rig.open(`/?room=${room}&find=${encodeURIComponent(`name:"${HTML.slice(0, 9)}"`)}`);
      await page.locator('.main-room > *').first().waitFor();
    }
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  it('cuts a value of a megabyte, and shows all of it when asked', async () => {
    await metadata();
    const value = leaf('Long').locator('.json-value');
    await value.waitFor();
    expect((await value.textContent())!.length).toBeLessThan(1_000);
    await value.getByRole('button', { name: 'show all (1000003 characters)' }).click();
    await expect.poll(async () => (await value.textContent())!.endsWith('END'), WAIT).toBe(true);
  });

  it('cuts long values of the history too, and copies a whole branch', async () => {
    const note = `${evil}3`;
    for (const letter of ['a', 'b']) {
      await rig.publish([
        { id: note, name: note, type: 'rack', host: rig.host, metadata: { Note: letter.repeat(500), Deep: { Key: 'leaf' } } },
      ]);
    }
    await rig.open(`/?form=table&${selected(note)}`);
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByRole('button', { name: 'History' }).click();
    const after = details.locator('.history ins').first();
    await after.getByRole('button', { name: 'show all (500 characters)' }).click();
    await expect.poll(() => after.textContent(), WAIT).toBe('b'.repeat(500));
    await details.getByRole('button', { name: 'Metadata' }).click();
    await details.getByRole('button', { name: 'Copy all of Deep' }).click();
    await expect.poll(async () => JSON.parse((await rig.copied()) || 'null') as unknown, WAIT).toEqual({ Key: 'leaf' });
  });

  it('searches metadata, copies values and paths, and takes a value as a filter', async () => {
    await metadata();
    await page.getByLabel('Search in metadata').fill('needle');
    await leaf('Key').waitFor();
    await expect.poll(() => page.locator('.json-leaf').count(), WAIT).toBe(1);
    await leaf('Key').getByRole('button', { name: 'path' }).click();
    await expect.poll(() => rig.copied(), WAIT).toBe('Deep.List.Key');
    await leaf('Key').getByRole('button', { name: 'Copy the value' }).click();
    await expect.poll(() => rig.copied(), WAIT).toBe('needle');
    await page.getByLabel('Search in metadata').fill('Site');
    await leaf('Site').getByRole('button', { name: 'Find everything' }).click();
    await rig.addressed('find=Site%3Anorth');
    await page.getByText('1 found').waitFor();
  });

  it('shows sockets of a node that has some, and no empty section otherwise', async () => {
    await rig.open(`/?form=table&${selected(`${evil}2`)}`);
    await page.getByRole('button', { name: 'Sockets' }).click();
    await page.getByRole('table', { name: 'Sockets' }).getByText('[::1]:4711').waitFor();
    await metadata();
    expect(await page.getByRole('button', { name: 'Sockets' }).count()).toBe(0);
  });

  it('shows routes, neighbours, forwarding table, features and history with differences of an interface', async () => {
    const { id } = await rig.node(rig.lab.name('br'));
    await rig.open(`/?form=table&${selected(id)}`);
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByRole('button', { name: /^Forwarding table \d/ }).click();
    await details.getByRole('table', { name: 'Forwarding table' }).waitFor();
    await details.getByRole('button', { name: /^Routes \d/ }).click();
    await details.getByRole('table', { name: 'Routes' }).waitFor();
    await details.getByRole('button', { name: /^Neighbours \d/ }).click();
    await details.getByRole('table', { name: 'Neighbours' }).waitFor();
    await details.getByRole('button', { name: 'Features' }).click();
    await details.locator('.json').first().waitFor();
    await details.getByRole('button', { name: 'History' }).click();
    await details.locator('.history li', { hasText: 'appeared' }).waitFor();
    await details.getByRole('img', { name: /^Traffic/ }).waitFor();
    await details.getByRole('button', { name: '1h' }).click();
    await details.locator('.ranges [aria-pressed=true]', { hasText: '1h' }).waitFor();
    // Its charts and tables follow the moment that is looked at.
    await details.locator('.history li button').last().click();
    await rig.addressed('at=');
    await page.getByText('This is the past').waitFor();
    await expect.poll(() => page.locator('.details-name').textContent(), WAIT).toBe(rig.lab.name('br'));
  });

  it('shows the ends of a link and how they are, its traffic, its history, and all that is known of it', async () => {
    const { id } = await rig.node(rig.lab.name('v1'));
    const { edges } = await rig.ask<{ edges: { nodes: { id: string; sourceId: string; targetId: string }[] } }>(
      'query ($id: ID!) { edges(filter: {or: [{source: $id}, {target: $id}], relationType: {eq: "layer2"}}) { nodes { id sourceId targetId } } }',
      { id },
    );
    const bridge = (await rig.node(rig.lab.name('br'))).id;
    const pair = edges.nodes.find(({ sourceId, targetId }) => sourceId !== bridge && targetId !== bridge)!;
    await rig.open(`/?form=table&selected=${encodeURIComponent(`edge:${pair.id}`)}`);
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByText('10.77.9.2/24').waitFor();
    await details.getByText(rig.lab.name('api'), { exact: false }).first().waitFor();
    for (const end of ['eth0', rig.lab.name('v1')]) await details.getByRole('button', { name: `Traffic at ${end}` }).waitFor();
    await details.getByRole('button', { name: 'History' }).click();
    await details.locator('.history li', { hasText: 'appeared' }).first().waitFor();
    await details.getByLabel('Search in metadata').fill('RelationType');
    await details.locator('.json-leaf', { hasText: 'layer2' }).waitFor();
    // It goes with its ends, and was there before.
    const before = new Date().toISOString();
    rig.lab.network.removeLink(rig.lab.name('v1'));
    await details.getByText('There is no such link any more').waitFor();
    await rig.open(`/?form=table&selected=${encodeURIComponent(`edge:${pair.id}`)}&at=${before}`);
    await details.getByText('10.77.9.2/24').waitFor();
    await details.getByRole('button', { name: 'Flows at it' }).click();
    await rig.addressed('room=flows');
    await page.getByRole('button', { name: /^Only at .*eth0/ }).waitFor();
  });

  it('saves the picture as PNG and as SVG', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await rig.open('/');
    await page.waitForFunction(() => Number(document.querySelector<HTMLElement>('.stage')?.dataset.targets ?? 0) > 10, undefined, WAIT);
    const png = await readDownload(page, () => page.getByTitle('Save the picture as PNG').click());
    expect(png.name).toBe('canopy-map.png');
    expect([...png.bytes.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    const svg = await readDownload(page, () => page.getByTitle('Save the picture as SVG').click());
    expect(svg.name).toBe('canopy-map.svg');
    const faults = await page.evaluate(
      (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('parsererror, script, img').length,
      svg.bytes.toString(),
    );
    expect(faults).toBe(0);
    expect(svg.bytes.toString()).toContain(rig.lab.name('br'));
  });

  const save = (within: string, kind: 'CSV' | 'JSON'): Promise<Download> =>
    readDownload(page, () => page.locator(within).getByRole('button', { name: kind }).first().click());

  it('saves tables and lists as CSV and as JSON', async () => {
    await rig.open('/?room=status');
    await page.getByRole('table', { name: 'Agents' }).getByText(rig.host).waitFor();
    const agents = await save('.table:has([aria-label=Agents])', 'JSON');
    expect(agents.name).toBe('agents.json');
    expect(JSON.parse(agents.bytes.toString())).toMatchObject([{ Host: rig.host, State: 'connected' }]);
    const probes = await save('.table:has([aria-label=Probes])', 'CSV');
    expect(probes.name).toBe('probes.csv');
    expect(probes.bytes.toString().split('\r\n')[0]).toBe('Host,Probe,State,Busy,Events,Restarts,Lacks,Why');
    await rig.open(`/?room=changes&find=id%3A${evil}2`);
    await page.locator('.change').first().waitFor();
    const changes = await save('.room-head', 'JSON');
    expect(JSON.parse(changes.bytes.toString())).toMatchObject([{ op: 'ADDED', id: `${evil}2`, name: '=1+1' }]);
    // What a spreadsheet would run is text.
    expect((await save('.room-head', 'CSV')).bytes.toString()).toContain(",'=1+1,");
  });

  it('saves the tree table with what is in it, level by level', async () => {
    await rig.open(`/?form=table&find=id%3A${evil}2&mode=hide`);
    await rig.row('=1+1').waitFor();
    const tree = await save('.tree-frame', 'JSON');
    expect(tree.name).toBe('network.json');
    const rows = JSON.parse(tree.bytes.toString()) as { level: number; id: string; parent: string | null; type: string }[];
    expect(rows.find(({ id }) => id === `${evil}2`)).toMatchObject({ name: '=1+1', type: 'rack', level: 2, parent: `host:${rig.host}` });
    const csv = (await save('.tree-frame', 'CSV')).bytes.toString();
    expect(csv.split('\r\n')[0]).toBe('level,name,type,state,addresses,links,mark,found,id,parent');
    expect(csv).toContain(`2,'=1+1,rack,`);
  });

  it('saves what is in the details: history and links; and asks about a thing in Gremlin', async () => {
    await rig.open(`/?form=table&${selected(evil)}`);
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByRole('button', { name: 'Links 1' }).click();
    const links = await readDownload(page, () =>
      details.getByRole('group', { name: 'Save links' }).getByRole('button', { name: 'JSON' }).click(),
    );
    expect(JSON.parse(links.bytes.toString())).toMatchObject([{ relation: 'layer2', fromId: evil, toId: `${evil}2` }]);
    await details.getByRole('button', { name: 'History' }).click();
    await details.locator('.history li', { hasText: 'appeared' }).waitFor();
    const history = await readDownload(page, () =>
      details.getByRole('group', { name: 'Save history' }).getByRole('button', { name: 'JSON' }).click(),
    );
    expect(JSON.parse(history.bytes.toString())).toMatchObject([{ op: 'ADDED' }]);
    await details.getByRole('button', { name: 'Ask about it in Gremlin' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('table', { name: 'Nodes' }).getByText('onerror').waitFor();
  });

  it('has no script errors and asked nobody else', () => {
    expect(rig.errors).toEqual([]);
    expect(rig.outside).toEqual([]);
  });
});
