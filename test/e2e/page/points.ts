/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { boundsOf, overlaps, placeGroups, type Rectangle } from '../../../web/map/layout/placeGroups.js';
import { cornerOf, fitTo } from '../../../web/map/render/camera.js';
import { buildSums, pointOn } from '../../../web/map/scene/lines.js';
import { data } from '../graphqlOverHttp.js';

const GROUPS = '{ topologyOverview { groups { id label x y } } }';

interface Groups {
  readonly topologyOverview: { readonly groups: readonly { id: string; label: string; x: number | null; y: number | null }[] };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Places of the groups while all are closed and the whole picture is fitted into the screen, and where that is on the screen. */
async function wholePicture(
  page: Page,
  url: string,
): Promise<{ readonly places: ReadonlyMap<string, Rectangle>; onScreen(at: Point): Point }> {
  await page.locator('.stage[data-at-rest]').waitFor();
  const { topologyOverview } = await data<Groups>(url, GROUPS);
  const places = placeGroups(topologyOverview.groups, () => undefined);
  const box = (await page.locator('.stage').boundingBox())!;
  const side = (await page.locator('.map-side').boundingBox())!;
  const camera = fitTo(boundsOf(places.values()), { ...box, corner: cornerOf(side.width, side.height, box.width) });
  return {
    places,
    onScreen: ({ x, y }) => ({
      x: box.x + box.width / 2 + (x - camera.x) * camera.scale,
      y: box.y + box.height / 2 + (y - camera.y) * camera.scale,
    }),
  };
}

/** Where on the screen the middle of a group is while all are closed and the whole picture is fitted into the screen. */
export async function pointOfGroup(page: Page, url: string, id: string): Promise<Point> {
  const { places, onScreen } = await wholePicture(page, url);
  const { x, y, width, height } = places.get(id)!;
  return onScreen({ x: x + width / 2, y: y + height / 2 });
}

/** Where on the screen the links between two closed groups are to be seen, beside all groups. */
export async function pointOfSum(page: Page, url: string, a: string, b: string): Promise<Point> {
  const { places, onScreen } = await wholePicture(page, url);
  const link = { a, b, count: 1, relationTypes: ['layer2'], abBitsPerSecond: null, baBitsPerSecond: null };
  const { sums } = buildSums({ links: [link], places, selected: undefined, showsLink: () => true }, () => true);
  const free = Array.from({ length: 99 }, (_, index) => pointOn(sums[0]!, (index + 1) / 100)).filter(({ x, y }) =>
    [...places.values()].every((place) => !overlaps({ x, y, width: 0, height: 0 }, place)),
  );
  return onScreen(free[Math.floor(free.length / 2)]!);
}
