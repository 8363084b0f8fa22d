/// <reference lib="dom" />
import type { Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { type Line, openLine } from '../../server/line.js';
import { openPageRig, type PageRig, PATIENCE, TABLE_WINDOW, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

interface Message {
  readonly id: string;
  readonly type: string;
  readonly payload?: {
    readonly query?: string;
    readonly variables?: { readonly after?: string | null };
    readonly data?: { readonly topologyChanges?: { readonly __typename: string } };
  };
}

describeWith([root, program('ip'), program('chromium')], 'the page and its line to the analyzer', () => {
  let rig: PageRig;
  let page: Page;
  let line: Line;
  beforeAll(async () => {
    rig = await openPageRig();
    page = rig.page;
    line = await openLine(rig.url);
  });
  afterAll(async () => {
    line?.close();
    await rig?.close();
  });
  const name = (part: string): string => rig.lab.name(part);

  /** What the page asked to follow, and what came first in answer, since the last `openTable`. */
  let followed: { readonly after: string | null | undefined; first?: string }[] = [];
  beforeEach(() => {
    followed = [];
  });
  const openTable = async (url: string): Promise<void> => {
    page.removeAllListeners('websocket');
    page.on('websocket', (socket) => {
      const byId = new Map<string, (typeof followed)[number]>();
      socket.on('framesent', ({ payload }) => {
        const { id, type, payload: asked } = JSON.parse(String(payload)) as Message;
        if (type !== 'subscribe' || !asked?.query?.includes('topologyChanges(')) return;
        const one = { after: asked.variables?.after };
        byId.set(id, one);
        followed.push(one);
      });
      socket.on('framereceived', ({ payload }) => {
        const { id, payload: answer } = JSON.parse(String(payload)) as Message;
        const one = byId.get(id);
        if (one) one.first ??= answer?.data?.topologyChanges?.__typename;
      });
    });
    await page.setViewportSize(TABLE_WINDOW);
    await page.goto(`${url}/?form=table`);
    await rig.row(name('v0')).waitFor();
    // A page that was loaded again has no mark.
    await page.evaluate(() => ((window as unknown as { mark: number }).mark = 1));
    followed.length = 0;
  };
  const isKnown = async (link: string): Promise<boolean> => {
    const query = 'query ($name: String!) { nodes(filter: {name: {eq: $name}}) { totalCount } }';
    return (await rig.ask<{ nodes: { totalCount: number } }>(query, { name: link })).nodes.totalCount > 0;
  };
  const isSamePage = (): Promise<boolean> => page.evaluate(() => (window as unknown as { mark?: number }).mark === 1);

  it('says when the line is cut, keeps the picture, and goes on from its cursor', async () => {
    await openTable(line.url);
    line.cut();
    await page.getByText('no connection').waitFor();
    await rig.row(name('v0')).waitFor();
    rig.lab.network.addLink(name('cut'), 'type', 'veth', 'peer', 'name', name('tuc'));
    await rig.node(name('cut'));
    line.mend();
    await rig.row(name('cut')).waitFor();
    await page.locator('.sign.is-live').waitFor();
    expect(await isSamePage()).toBe(true);
    expect(followed.map(({ after }) => typeof after)).toContain('string');
    expect(followed.map(({ first }) => first)).not.toContain('TopologySnapshot');
  });

  it('asks again by itself for details that could not be had', async () => {
    const { id } = await rig.node(name('v0'));
    let isRefusing = true;
    await page.route('**/graphql', (route) =>
      isRefusing && route.request().postData()?.includes('query NodeDetails') ? route.abort() : route.fallback(),
    );
    await page.goto(`${line.url}/?form=table&selected=${encodeURIComponent(`node:${id}`)}`);
    const details = page.getByRole('complementary', { name: 'Details', exact: true });
    await details.getByRole('alert').waitFor();
    isRefusing = false;
    await details.getByRole('heading', { name: name('v0') }).waitFor();
    await page.unroute('**/graphql');
  });

  it('keeps the frame when a room cannot be had, and shows the room when it can', async () => {
    await openTable(line.url);
    line.cut();
    await page.getByText('no connection').waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Flows' }).click();
    await page.getByText('This part of the page could not be shown').waitFor();
    line.mend();
    await page.locator('.sign.is-live').waitFor();
    await page.getByRole('button', { name: 'Load the page again' }).click();
    await page.getByRole('region', { name: 'Flows' }).waitFor();
  });

  it('goes on with the flows from their cursor as well', async () => {
    const asked: unknown[] = [];
    let heard = 0;
    page.removeAllListeners('websocket');
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        const { payload: sent } = JSON.parse(String(payload)) as Message;
        if (sent?.query?.includes('flowChanges(')) asked.push(sent.variables?.after);
      });
      socket.on('framereceived', ({ payload }) => void (heard += String(payload).includes('"FlowChanges"') ? 1 : 0));
    });
    await page.goto(`${line.url}/?room=flows`);
    await expect.poll(() => heard, WAIT).toBeGreaterThan(0);
    line.cut();
    await page.getByText('no connection').waitFor();
    line.mend();
    await expect.poll(() => asked.at(-1), WAIT).toEqual(expect.any(String));
  });

  it('notices a line that went silent', async () => {
    await openTable(line.url);
    line.freeze();
    await page.getByText('no connection').waitFor();
    rig.lab.network.addLink(name('mute'), 'type', 'veth', 'peer', 'name', name('etum'));
    line.mend();
    await rig.row(name('mute')).waitFor();
    await page.locator('.sign.is-live').waitFor();
    expect(await isSamePage()).toBe(true);
  });

  let tries = 0;
  it('reads the picture again when it was too slow, and only the status line says so', async () => {
    const [gone, lost] = [name(`gone${++tries}`), name(`lost${tries}`)];
    rig.lab.network.addLink(gone, 'type', 'veth', 'peer', 'name', name(`enog${tries}`));
    await rig.node(gone);
    const hearing = { isDeaf: false, lose: (): number => 0 };
    await page.routeWebSocket(/\/graphql$/, (near: WebSocketRoute) => {
      const far = near.connectToServer();
      const asked = new Map<string, Message>();
      near.onMessage((text) => {
        const message = JSON.parse(String(text)) as Message;
        if (message.type === 'subscribe' && message.payload?.query?.includes('topologyChanges(')) asked.set(message.id, message);
        if (message.type === 'complete') asked.delete(message.id);
        far.send(text);
      });
      far.onMessage((text) => {
        if (!hearing.isDeaf || !asked.has((JSON.parse(String(text)) as Message).id)) near.send(text);
      });
      // The page closes a line that stays silent for some seconds, and opens the next: who has closed is told nothing any more.
      near.onClose((code, reason) => {
        asked.clear();
        void far.close({ ...(code && { code }), ...(reason && { reason }) });
      });
      // As the analyzer does it for who cannot follow: a word about the loss, then a fresh picture in the same subscription.
      hearing.lose = () => {
        if (asked.size > 0) hearing.isDeaf = false;
        for (const [id, { payload }] of asked) {
          const lost = { __typename: 'EventsLost', count: 7, after: 'lost' };
          near.send(JSON.stringify({ id, type: 'next', payload: { data: { topologyChanges: lost } } }));
          far.send(JSON.stringify({ id, type: 'complete' }));
          far.send(JSON.stringify({ id, type: 'subscribe', payload: { ...payload, variables: { ...payload!.variables, after: null } } }));
        }
        return asked.size;
      };
    });
    try {
      await openTable(rig.url);
      hearing.isDeaf = true;
      rig.lab.network.removeLink(gone);
      rig.lab.network.addLink(lost, 'type', 'veth', 'peer', 'name', name(`tsol${tries}`));
      await rig.node(lost);
      await expect.poll(() => isKnown(gone), WAIT).toBe(false);
      await expect.poll(() => hearing.lose(), WAIT).toBeGreaterThan(0);
      await rig.row(lost).waitFor();
      await expect.poll(() => rig.rows(), WAIT).not.toContain(gone);
      await expect.poll(() => page.locator('.sign.is-live').getAttribute('title'), WAIT).toContain('7 changes were skipped');
      expect(await isSamePage()).toBe(true);
    } finally {
      // The route of a line stays with the page.
      hearing.isDeaf = false;
      await page.unrouteAll();
    }
  });

  it('catches up after the analyzer was started again', async () => {
    await openTable(rig.url);
    await rig.stop();
    await page.getByText('no connection').waitFor();
    rig.lab.network.addLink(name('late'), 'type', 'veth', 'peer', 'name', name('etal'));
    await rig.start();
    await rig.row(name('late')).waitFor();
    await page.locator('.sign.is-live').waitFor();
    expect(await isSamePage()).toBe(true);
    expect(followed.map(({ after }) => typeof after)).toContain('string');
  });

  it('begins anew when its cursor leads nowhere any more', async () => {
    await rig.publish([{ id: name('old'), name: name('old'), type: 'rack', host: rig.host }]);
    await openTable(line.url);
    await rig.row(name('old')).waitFor();
    line.cut();
    await page.getByText('no connection').waitFor();
    await rig.stop();
    await rig.start({ isForgetful: true });
    // The page comes back to a picture that is whole, so that what it followed is still there to be followed.
    await rig.node(name('v0'));
    line.mend();
    await expect.poll(() => rig.rows(), WAIT).not.toContain(name('old'));
    await rig.row(name('v0')).waitFor();
    await expect.poll(() => page.locator('.sign.is-live').getAttribute('title'), WAIT).toContain('read again');
    expect(followed.map(({ first }) => first)).toContain('ResyncRequired');
    expect(await isSamePage()).toBe(true);
  });

  it('has no script errors', () => expect(rig.errors).toEqual([]));
});
