/// <reference lib="dom" />
import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program } from '../../needs.js';
import { eventually } from '../../compat/asking.js';
import { CLIENT, startOidcPeer } from '../../server/auth/oidcPeer.js';
import { folderWith } from '../../server/auth/people.js';
import { openRig, publish, type Rig } from '../../server/rig.js';
import { seriousFindings } from './axe.js';
import { openBrowser } from './browser.js';
import { PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

describeWith([program('chromium')], 'signing in on the page', () => {
  let analyzer: Rig;
  let browser: Browser;
  let page: Page;
  let dataDir: string;
  let token: string;
  beforeAll(async () => {
    const made = await folderWith({ users: { anna: ['reader'] }, tokens: [{ roles: ['writer'] }] });
    ({ dataDir } = made);
    token = made.tokens[0]!;
    analyzer = await openRig({ dataDir });
    await publish(analyzer.url, { nodes: [{ id: 'h', name: 'seen-by-anna', type: 'host', host: 'seen-by-anna' }] }, token);
    browser = await openBrowser();
    // The checker of accessibility is a script from elsewhere.
    page = await browser.newPage({ bypassCSP: true });
  });
  afterAll(async () => {
    await browser?.close();
    await analyzer?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const enter = async (name: string, secret: string): Promise<void> => {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password or token').fill(secret);
    await page.getByRole('button', { name: 'Enter' }).click();
  };
  const isIn = () => page.getByText('seen-by-anna').first().waitFor(WAIT);

  it('says when the password is wrong, and shows the network when it is right', async () => {
    await page.goto(`${analyzer.url}/?form=table`);
    await enter('anna', 'wrong');
    await page.getByText('Wrong credentials').waitFor(WAIT);
    await enter('anna', 'anna-secret');
    await isIn();
    expect(await page.evaluate(() => document.cookie)).toBe('');
  });

  it('goes on with the next session when one has ended', async () => {
    const context = page.context();
    await context.clearCookies({ name: 'canopy_session' });
    await page.reload();
    await isIn();
    expect((await context.cookies()).map(({ name }) => name)).toContain('canopy_session');
    await context.clearCookies();
    await page.reload();
    await page.getByLabel('Name').waitFor(WAIT);
  });

  it('takes a token without a name', async () => {
    await enter('', 'wrong');
    await page.getByText('does not know this token').waitFor(WAIT);
    await enter('', token);
    await isIn();
  });

  it('offers only what somebody may do', async () => {
    await page.goto(`${analyzer.url}/?room=captures`);
    await page.getByRole('button', { name: 'Start one' }).waitFor(WAIT);
    await page.goto(`${analyzer.url}/?room=rules`);
    await page.getByRole('button', { name: 'For nodes' }).waitFor(WAIT);
    await page.getByRole('button', { name: 'token:' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Name').waitFor(WAIT);
    await enter('anna', 'anna-secret');
    await page.getByRole('table', { name: 'Rules for nodes' }).waitFor(WAIT);
    expect(await page.getByRole('button', { name: 'For nodes' }).count()).toBe(0);
    await page.goto(`${analyzer.url}/?room=captures`);
    await page.getByText('No capture runs').waitFor(WAIT);
    expect(await page.getByRole('button', { name: 'Start one' }).count()).toBe(0);
    await page.goto(`${analyzer.url}/?room=status`);
    await page.getByRole('table', { name: 'Probes' }).waitFor(WAIT);
    expect(await page.getByRole('region', { name: 'Who changed what' }).count()).toBe(0);
    await page.getByRole('button', { name: 'anna', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Name').waitFor(WAIT);
    await page.goto(`${analyzer.url}/?form=table`);
    await enter('', token);
    await isIn();
  });

  it('says who is signed in, and signs out', async () => {
    await page.getByRole('button', { name: 'Sign out' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'token:' }).click();
    await page.getByText('(writer)').waitFor(WAIT);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFindings(page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Name').waitFor(WAIT);
    await enter('anna', 'anna-secret');
    await isIn();
    await page.getByRole('button', { name: 'anna', exact: true }).click();
    await page.getByText('(reader)').waitFor(WAIT);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Name').waitFor(WAIT);
    const kept = (await page.context().cookies()).map(({ name }) => name).filter((name) => name.startsWith('canopy'));
    expect(kept).toEqual([]);
    await page.reload();
    await page.getByLabel('Name').waitFor(WAIT);
  });

  it('leads from the explorer to the sign-in and back, with the keyboard alone', async () => {
    const context = await browser.newContext();
    try {
      const explorer = await context.newPage();
      await explorer.goto(`${analyzer.url}/explorer`);
      await explorer.getByLabel('Name').waitFor(WAIT);
      expect(await explorer.evaluate(() => document.activeElement?.getAttribute('autocomplete'))).toBe('username');
      await explorer.keyboard.type('anna');
      await explorer.keyboard.press('Tab');
      await explorer.keyboard.type('anna-secret');
      await explorer.keyboard.press('Enter');
      await explorer.waitForURL(`${analyzer.url}/explorer`, WAIT);
      await explorer.locator('.graphiql-container').waitFor(WAIT);
      // A session that has ended is refreshed, and only when that has ended too the sign-in is shown again.
      await context.clearCookies({ name: 'canopy_session' });
      await explorer.reload();
      await eventually(async () => (await context.cookies()).some(({ name }) => name === 'canopy_session'));
      expect(new URL(explorer.url()).pathname).toBe('/explorer');
      await context.clearCookies();
      await explorer.reload();
      await explorer.getByLabel('Name').waitFor(WAIT);
    } finally {
      await context.close();
    }
  });

  it('slows down who tries passwords, and says for how long', async () => {
    const context = await browser.newContext();
    try {
      const guessing = await context.newPage();
      await guessing.goto(analyzer.url);
      await guessing.getByLabel('Name').fill('bob');
      await eventually(async () => {
        await guessing.getByLabel('Password or token').fill('wrong');
        await guessing.getByRole('button', { name: 'Enter' }).click();
        return guessing.getByText(/too many wrong passwords; try again in \d+ s/).isVisible();
      });
    } finally {
      await context.close();
    }
  });
});

describeWith([program('chromium')], 'signing in on the page with a provider', () => {
  it('leads to the provider and back to where one was, and out of both', async () => {
    vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const peer = await startOidcPeer();
    const analyzer = await openRig({
      config: {
        'auth.oidc.issuer': peer.issuer,
        'auth.oidc.clientId': CLIENT.id,
        'auth.oidc.clientSecret': CLIENT.secret,
        'auth.oidc.name': 'Example Login',
      },
    });
    const browser = await openBrowser();
    try {
      peer.people.set('bob', []);
      peer.serve(analyzer.url);
      const page = await browser.newPage();
      await page.goto(`${analyzer.url}/?form=table`);
      await page.getByRole('link', { name: 'Sign in with Example Login' }).click(WAIT);
      await page.locator('[name=login]').fill('bob');
      await page.locator('[name=password]').fill('any');
      await page.locator('[type=submit]').first().click();
      await page.getByText('Authorize').first().waitFor(WAIT);
      await page.locator('[type=submit]').first().click();
      await page.waitForURL(`${analyzer.url}/?form=table`, WAIT);
      await page.getByRole('button', { name: 'bob' }).click(WAIT);
      await page.getByRole('button', { name: 'Sign out' }).click(WAIT);
      await page.waitForURL(`${peer.issuer}/session/end**`, WAIT);
      await page.getByRole('button').first().click();
      await page.waitForURL(`${analyzer.url}/`, WAIT);
      await page.getByRole('link', { name: 'Sign in with Example Login' }).waitFor(WAIT);
    } finally {
      await browser.close();
      await analyzer.close();
      await peer.close();
      vi.restoreAllMocks();
    }
  });
});
