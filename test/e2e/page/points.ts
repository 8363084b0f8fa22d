/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { boundsOf, placeGroups } from '../../../web/map/layout/placeGroups.js';
import { cornerOf, fitTo } from '../../../web/map/render/camera.js';
import { data } from '../graphqlOverHttp.js';

const GROUPS = '{ topologyOverview { groups { id label x y } } }';

interface Groups {
  readonly topologyOverview: { readonly groups: readonly { id: string; label: string; x: number | null; y: number | null }[] };
}

/** Where on the screen the middle of a group is while all are closed and the whole picture is fitted into the screen. */
export async function pointOfGroup(page: Page, url: string, id: string): Promise<{ readonly x: number; readonly y: number }> {
  const { topologyOverview } = await data<Groups>(url, GROUPS);
  const places = placeGroups(topologyOverview.groups, () => undefined);
  const box = (await page.locator('.stage').boundingBox())!;
  const side = (await page.locator('.map-side').boundingBox())!;
  const camera = fitTo(boundsOf(places.values()), { ...box, corner: cornerOf(side.width, side.height, box.width) });
  const place = places.get(id)!;
  return {
    x: box.x + box.width / 2 + (place.x + place.width / 2 - camera.x) * camera.scale,
    y: box.y + box.height / 2 + (place.y + place.height / 2 - camera.y) * camera.scale,
  };
}
