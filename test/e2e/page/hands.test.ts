/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { readDownload } from './downloads.js';
import { publishHosts } from './hosts.js';
import { pointOfGroup, pointOfSum } from './points.js';
import { openPageRig, type PageRig, PATIENCE, WAIT } from './rig.js';

vi.setConfig(PATIENCE);

/** Namespaces of a published host: twice as many links, more than may move. */
const PER_HOST = 128;
const PNG_SIGNATURE = '89504e470d0a1a0a';

interface Box {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

describeWith([root, program('ip'), program('ping'), program('chromium')], 'hands on the picture', () => {
  let rig: PageRig;
  let page: Page;
  beforeAll(async () => {
    rig = await openPageRig({ env: { CANOPY_AGENT_NETLINK_METRICS_INTERVAL: '1s' }, traffic: 'much' });
    page = rig.page;
    await page.emulateMedia({ colorScheme: 'light' });
    await page.addInitScript(keepWords);
    await publishHosts(rig.url, 2, PER_HOST);
  });
  afterAll(() => rig?.close());

  const opened = async (search: string): Promise<void> => {
    await rig.open(`/${search}`);
    await expect.poll(async () => Number(await rig.drawn('targets')), WAIT).toBeGreaterThan(3);
  };
  /** The words that are seen, once all are written. */
  const readWords = async (): Promise<readonly Box[]> => {
    await rig.atRest();
    return page.evaluate(() =>
      [...(window as unknown as Kept).words].flatMap(([{ isConnected, style }, words]) =>
        isConnected && style.visibility !== 'hidden' ? words : [],
      ),
    );
  };
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? '');

  it('walks, opens, goes back, plays and fits by the keys alone', async () => {
    await opened('');
    await page.keyboard.press('/');
    expect(await focused()).toBe('find');
    await page.keyboard.type('type:veth');
    await rig.addressed('find=');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await rig.addressed(/^(?!.*find=)/);
    await page.keyboard.press('Escape');
    expect(await focused()).not.toBe('find');
    await page.locator('.stage').focus();
    await page.keyboard.press('ArrowRight');
    await rig.addressed('selected=group');
    const selection = (): string | null => new URLSearchParams(rig.search()).get('selected');
    const first = selection();
    let turn = 0;
    await expect
      .poll(async () => {
        await page.keyboard.press(['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'][turn++ % 4]!);
        return selection();
      }, WAIT)
      .not.toBe(first);
    await page.keyboard.press('Enter');
    await rig.addressed('open=');
    await page.keyboard.press('Escape');
    await rig.addressed(/^(?!.*selected=)/);
    await page.keyboard.press('[');
    await rig.addressed('at=');
    await page.getByText('This is the past').waitFor();
    await page.keyboard.press(']');
    await page.keyboard.press('l');
    await rig.addressed(/^(?!.*at=)/);
    await page.keyboard.press('Space');
    await rig.addressed('at=');
    await page.keyboard.press('l');
    await rig.addressed(/^(?!.*at=)/);
    await page.keyboard.press('t');
    await page.getByRole('treegrid').waitFor();
    await page.keyboard.press('t');
    await page.locator('.stage').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' });
  });

  it('shows in the minimap which part is seen, and goes where it is pressed and dragged', async () => {
    await opened('');
    await rig.atRest();
    const whole = await frameIn(page);
    await page.locator('.stage').focus();
    for (let step = 0; step < 6; step++) await page.keyboard.press('+');
    const small = async (): Promise<Awaited<ReturnType<typeof frameIn>>> => frameIn(page);
    await expect.poll(async () => (await small()).right - (await small()).left, WAIT).toBeLessThan((whole.right - whole.left) * 0.7);
    const box = (await page.locator('.minimap').boundingBox())!;
    await page.mouse.move(box.x + 30, box.y + 30);
    await page.mouse.down();
    const middle = async (): Promise<number> => ((await small()).left + (await small()).right) / 2;
    await expect.poll(middle, WAIT).toBeLessThan(50);
    await page.mouse.move(box.x + 130, box.y + 70, { steps: 4 });
    await page.mouse.up();
    await expect.poll(middle, WAIT).toBeGreaterThan(110);
    await page.keyboard.press('f');
    await expect.poll(small, WAIT).toEqual(whole);
  });

  it('opens every group and closes them again', async () => {
    await opened('');
    await page.getByRole('button', { name: 'Open every group' }).click();
    await expect.poll(async () => Number(await rig.drawn('targets')), WAIT).toBeGreaterThan(PER_HOST * 6);
    await page.getByRole('button', { name: 'Close every group' }).click();
    // Three hosts that were published, and this one.
    await expect.poll(() => rig.drawn('targets'), WAIT).toBe('4');
    await rig.addressed(/^(?!.*open=)/);
  });

  it('keeps what was opened when the page is loaded again at once', async () => {
    await opened('');
    const { x, y } = await pointOfGroup(page, rig.url, 'host:web-1');
    await page.mouse.click(x, y);
    await page.reload();
    await rig.addressed(/open=host%3Aweb-1/);
    await expect.poll(async () => Number(await rig.drawn('targets')), WAIT).toBeGreaterThan(PER_HOST * 3);
  });

  it('says what the links between two groups are, in the picture and by keyboard in the table', async () => {
    await opened('');
    const details = page.getByRole('complementary', { name: 'Details' });
    const heading = details.getByRole('heading', { name: /^(web-1 – tor-1|tor-1 – web-1)$/ });
    const { x, y } = await pointOfSum(page, rig.url, 'host:web-1', 'host:tor-1');
    await page.mouse.click(x, y);
    await rig.addressed(/selected=links%3Aany/);
    await heading.waitFor();
    await details.getByText('port1').waitFor();
    await rig.open(`/${rig.search()}&form=table`);
    await heading.waitFor();
    await page.getByRole('treegrid').focus();
    const chosen = page.locator('.tree-row.is-chosen');
    await expect.poll(() => chosen.textContent(), WAIT).toContain('1 link');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => heading.count(), WAIT).toBe(0);
    await page.keyboard.press('ArrowDown');
    await heading.waitFor();
  });

  it('tells beside a group what it is, to who points at it or comes to it by keys, until Escape', async () => {
    await opened('');
    const tip = page.getByRole('tooltip');
    const words = async (): Promise<string> => (await tip.allTextContents()).join();
    const { x, y } = await pointOfGroup(page, rig.url, 'host:web-1');
    let turn = 0;
    await expect
      .poll(async () => {
        await page.mouse.move(x + (turn++ % 2), y);
        return words();
      }, WAIT)
      .toMatch(/web-1.*namespaces/);
    await page.keyboard.press('Escape');
    await tip.waitFor({ state: 'detached' });
    await page.locator('.stage').focus();
    await expect
      .poll(async () => {
        await page.keyboard.press(['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp'][turn++ % 4]!);
        return words();
      }, WAIT)
      .toMatch(/State.*Holds/);
    await page.keyboard.press('Escape');
    await tip.waitFor({ state: 'detached' });
  });

  it('says addresses below the names to who comes close', async () => {
    await opened('?open=host%3Aweb-1');
    const isSaid = (): Promise<boolean> => readWords().then((words) => words.some(({ text }) => /^10\.1\.0\.\d+\/24$/.test(text)));
    await expect.poll(async () => Number(await rig.drawn('targets')), WAIT).toBeGreaterThan(PER_HOST * 3);
    expect(await isSaid()).toBe(false);
    await page.locator('.stage').focus();
    await expect
      .poll(async () => {
        await page.keyboard.press('+');
        return isSaid();
      }, WAIT)
      .toBe(true);
  });

  it('completes the values of any key of the metadata', async () => {
    await opened('');
    await page.keyboard.press('/');
    await page.keyboard.type('Path:/run/netns/app-12');
    await page.getByRole('option', { name: 'Path:/run/netns/app-120' }).click();
    await page.getByText('2 found').waitFor();
  });

  it('hides what a Gremlin string does not find, whatever groups', async () => {
    const gremlin = encodeURIComponent("G.V().Has('@Origin', 'inventory').Has('Name', 'br0')");
    await rig.open(`/?group=METADATA&by=Speed&find=${gremlin}&mode=hide`);
    await page.getByText('2 found').waitFor();
    // Bridges have no speed: of the groups only that of what has none stays.
    await expect.poll(() => rig.drawn('targets'), WAIT).toBe('1');
  });

  it('fills the screen, and gives it back', async () => {
    await opened('');
    const button = page.getByRole('button', { name: 'Full screen' });
    const full = (): Promise<string> => page.evaluate(() => document.fullscreenElement?.className ?? '');
    await button.click();
    await expect.poll(full, WAIT).toBe('map');
    await button.click();
    await expect.poll(full, WAIT).toBe('');
  });

  it('writes no words over others, from afar and from near', async () => {
    await opened('?open=host%3Aweb-1&open=host%3Aweb-2');
    await expect.poll(async () => Number(await rig.drawn('targets')), WAIT).toBeGreaterThan(PER_HOST * 4);
    await page.locator('.stage').focus();
    const seen = new Set<number>();
    for (const key of ['f', '-', '-', 'f', '+', '+', '+', '+', '+', '+', '+', '+']) {
      await page.keyboard.press(key);
      const words = await readWords();
      seen.add(words.length);
      expect(overlapping(words)).toEqual([]);
    }
    // There was something to compare, and not always the same.
    expect(Math.max(...seen)).toBeGreaterThan(50);
    expect(seen.size).toBeGreaterThan(2);
  });

  it('hands out the whole picture as PNG', async () => {
    await opened('?open=host%3Aweb-1');
    const { name, bytes } = await readDownload(page, () => page.getByTitle('Save the picture as PNG').click());
    expect(name).toBe('canopy-map.png');
    expect(bytes.subarray(0, 8).toString('hex')).toBe(PNG_SIGNATURE);
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(1_000);
    expect(bytes.readUInt32BE(20)).toBeGreaterThan(1_000);
    // A picture of nothing would be smaller.
    expect(bytes.length).toBeGreaterThan(50_000);
  });

  it('colours closed groups by the most in them, and says so', async () => {
    await opened('?colour=rate');
    const scale = page.getByRole('region', { name: 'Colours: Bit rate' });
    await scale.getByText('A closed group has the colour of the most in it.').waitFor();
    // What the lab sends is known of this host; of what was published nothing is measured.
    const counts = async (): Promise<string[]> => scale.locator('li > :last-child').allTextContents();
    await expect.poll(async () => (await counts()).slice(0, -1).reduce((sum, count) => sum + Number(count), 0), WAIT).toBe(1);
    expect((await counts()).at(-1)).toBe('3');
  });

  it('lets traffic move where there is a graphics card, few links and no wish for less motion', async () => {
    // Other tests make links on this machine.
    const here = `open=${encodeURIComponent(`host:${rig.host}`)}&find=${rig.lab.name('')}&mode=hide`;
    const other = await rig.context.newPage();
    try {
      // The processor draws here; the page is told otherwise.
      await other.addInitScript(() => {
        const ask = WebGL2RenderingContext.prototype.getParameter;
        WebGL2RenderingContext.prototype.getParameter = function (name: number) {
          return name === 0x9246 ? 'A card' : (ask.call(this, name) as unknown);
        };
      });
      await other.goto(`${rig.url}/?${here}`);
      await expect.poll(() => rig.drawn('motion', other), WAIT).toBe('on');
      await other.goto(`${rig.url}/?open=${encodeURIComponent(`host:${rig.host}`)}&open=host%3Aweb-1`);
      await expect.poll(async () => Number(await rig.drawn('lines', other)), WAIT).toBeGreaterThan(200);
      await expect.poll(async () => Number(await rig.drawn('moving', other)), WAIT).toBeGreaterThan(0);
      await expect.poll(() => rig.drawn('motion', other), WAIT).toBe('off');
      await other.emulateMedia({ reducedMotion: 'reduce' });
      await other.goto(`${rig.url}/?${here}`);
      await expect.poll(async () => Number(await rig.drawn('moving', other)), WAIT).toBeGreaterThan(0);
      expect(await rig.drawn('motion', other)).toBe('off');
    } finally {
      await other.close();
    }
  });

  it('has no script errors', () => expect(rig.errors).toEqual([]));
});

interface Kept {
  readonly words: Map<HTMLCanvasElement, Box[]>;
}

/** Keeps where the words of the picture stand, on each sheet that they are written on. */
function keepWords(): void {
  const words: Kept['words'] = new Map();
  Object.assign(window, { words });
  const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
  const isPicture = ({ canvas }: CanvasRenderingContext2D): boolean => canvas.className === 'stage-layer';
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    if (isPicture(this)) words.set(this.canvas, []);
    clearRect.apply(this, box);
  };
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    fillText.call(this, text, x, y);
    if (!isPicture(this)) return;
    const { width, fontBoundingBoxAscent } = this.measureText(text);
    const left = this.textAlign === 'left' ? x : this.textAlign === 'right' ? x - width : x - width / 2;
    // The letters themselves, without the room for accents.
    const height = fontBoundingBoxAscent * 0.6;
    words.get(this.canvas)?.push({ text, x: left, y: y - height / 2, width, height });
  };
}

/** Words that stand over one another. */
const overlapping = (words: readonly Box[]): readonly string[] =>
  words.flatMap((a, index) =>
    words
      .slice(index + 1)
      .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${a.text} | ${b.text}`),
  );

/** Where the frame of what is seen stands in the minimap, in its pixels. */
const frameIn = (page: Page): Promise<{ readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }> =>
  page.locator('.minimap').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const frame = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue, alpha] = data.slice(at, at + 4);
      // The accent: blue, where everything else is grey.
      if (alpha! < 100 || blue! - red! < 80 || blue! < green! + 40) continue;
      const [x, y] = [(at / 4) % canvas.width, Math.floor(at / 4 / canvas.width)];
      Object.assign(frame, {
        left: Math.min(frame.left, x),
        top: Math.min(frame.top, y),
        right: Math.max(frame.right, x),
        bottom: Math.max(frame.bottom, y),
      });
    }
    return frame;
  });
