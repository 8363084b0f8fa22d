import type { PutEdge, PutNode } from '../../src/graph/delta.js';
import { encode } from '../../src/protocol/codec.js';
import type { PictureElement } from '../../src/protocol/picture.js';
import type { PictureReason } from '../../src/protocol/session.js';
import { fit } from './fit.js';

/** Elements that are encoded together: some 150 KiB. */
const PAGE_ELEMENTS = 500;

export interface PictureStart {
  /** Number of the last delta that the picture contains. */
  readonly upTo: number;
  readonly reason: PictureReason;
  readonly dirtySince: number | undefined;
  /** The agent's clock, ms. */
  readonly stamp: number;
}

/** The messages of one whole picture, made as they are asked for. The picture itself is taken at once, so that no later delta is in it. */
export function* pictureMessages(
  picture: Iterable<PutNode | PutEdge>,
  { upTo, reason, dirtySince, stamp }: PictureStart,
  tooLarge: (element: PictureElement) => void,
): Generator<Uint8Array> {
  const elements: readonly PictureElement[] = [...picture];
  yield encode({ kind: 'pictureBegin', upTo, reason, dirtySince });
  let pages = 0;
  let sent = 0;
  for (let from = 0; from < elements.length; from += PAGE_ELEMENTS) {
    const part = elements.slice(from, from + PAGE_ELEMENTS);
    const done = pages;
    const fitted = fit(
      part,
      (items, before) => encode({ kind: 'picturePage', page: done + before.messages, stamp, elements: items }),
      tooLarge,
    );
    for (const { items, bytes } of fitted) {
      pages += 1;
      sent += items.length;
      yield bytes;
    }
  }
  yield encode({ kind: 'pictureEnd', pages, elements: sent });
}
