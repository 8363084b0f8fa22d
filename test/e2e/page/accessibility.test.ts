/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { openPageRig, type PageRig, PATIENCE } from './rig.js';

vi.setConfig(PATIENCE);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PHONE = 390;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

describeWith([root, program('ip'), program('chromium')], 'the page for everybody', () => {
  let rig: PageRig;
  let selected: string;
  beforeAll(async () => {
    rig = await openPageRig();
    selected = encodeURIComponent(`node:${(await rig.node(rig.lab.name('v0'))).id}`);
  });
  afterAll(() => rig?.close());

  /** What stands on the page when it is ready, and how wide it is. */
  const PAGES: readonly (readonly [string, () => string, string, number?])[] = [
    ['the picture', () => '/', '.stage'],
    ['colours of what is measured', () => '/?colour=rate', '.scale'],
    ['several selected things', () => `/?selected=${selected}&also=nowhere`, '.many li'],
    ['the table', () => '/?form=table', '.tree-row'],
    ['details', () => `/?form=table&selected=${selected}`, '.details-name'],
    ['flows', () => '/?room=flows', '.empty'],
    ['captures', () => '/?room=captures', '.empty'],
    ['changes', () => '/?room=changes', '.change'],
    ['a comparison', () => `/?room=changes&since=${new Date(Date.now() - 3_600_000).toISOString()}`, '.changes'],
    ['the past', () => `/?form=table&at=${new Date().toISOString()}`, '.band.is-past'],
    ['ask', () => '/?room=ask', '.cm-content'],
    ['status', () => '/?room=status', '.figures'],
    ['the picture on a phone', () => '/', '.stage', PHONE],
    ['flows on a phone', () => `/?room=flows&at=${new Date().toISOString()}`, '.flows-split', PHONE],
  ];
  it.each(
    PAGES.flatMap(([what, path, ready, width]) => (['light', 'dark'] as const).map((theme) => [what, theme, path, ready, width] as const)),
  )('can use %s, %s', async (_what, colorScheme, path, ready, width) => {
    await rig.page.emulateMedia({ colorScheme });
    await rig.open(path());
    if (width !== undefined) await rig.page.setViewportSize({ width, height: 844 });
    await rig.page.locator(ready).first().waitFor();
    await rig.page.addScriptTag({ content: AXE });
    const violations = await rig.page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run();
      return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    });
    expect(
      violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`).join('; ')}`,
      ),
    ).toEqual([]);
  });
});
