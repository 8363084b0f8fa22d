import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

/** What the browser downloads when this is done. */
export async function readDownload(page: Page, act: () => Promise<void>): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
