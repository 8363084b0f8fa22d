/// <reference lib="dom" />
import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program } from '../../needs.js';
import { folderWith } from '../../server/auth/people.js';
import { openRig, publish, type Rig } from '../../server/rig.js';
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
    page = await browser.newPage();
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

  it('says who is signed in, and signs out', async () => {
    await page.getByRole('button', { name: 'Sign out' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'token:' }).click();
    await page.getByText('(writer)').waitFor(WAIT);
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
});
