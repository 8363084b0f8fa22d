import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, program } from '../needs.js';
import { type CanopyProcess, launch } from './canopyProcess.js';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describeWith([program('chromium')], 'the explorer in a real browser', () => {
  let dataDir: string;
  let canopy: CanopyProcess;
  let browser: Browser;
  let page: Page;
  const outside: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'canopy-explorer-'));
    canopy = await launch(['allinone', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('request', (request) => {
      if (!request.url().startsWith(canopy.url) && !/^(data|blob):/.test(request.url())) outside.push(request.url());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${canopy.url}/explorer`);
  });
  afterAll(async () => {
    await browser?.close();
    await canopy?.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('opens with example queries ready to run', async () => {
    await page.waitForSelector('.graphiql-execute-button');
    expect(await page.locator('.graphiql-tab').count()).toBeGreaterThan(1);
  });

  it('runs the query of the first tab', async () => {
    await page.locator('.graphiql-tab').first().click();
    // Editors are loaded after the buttons; until both are there a click does nothing.
    for (const place of ['.graphiql-query-editor', '.result-window']) await page.locator(`${place} .CodeMirror`).waitFor();
    await page.locator('.graphiql-execute-button').click();
    // Polling with a text to evaluate would fall foul of the page's policy as soon as the answer takes a moment.
    await page.locator('.result-window', { hasText: '"data"' }).waitFor();
    expect(await page.locator('.result-window').textContent()).not.toContain('"errors"');
  });

  it('asks nobody but the analyzer and has no script errors', () => {
    expect(outside).toEqual([]);
    expect(errors).toEqual([]);
  });
});
