import type { PatchRows, PutEdge, PutNode } from '../graph/delta.js';
import { integer, list, name, optional, stamp } from './check.js';
import { packDelta } from './delta.js';
import { readDeltaList, readStamp } from './deltas.js';
import { MAX_ELEMENTS_PER_PAGE } from './limits.js';
import { MessageType } from './messageTypes.js';
import { readPictureReason, type PictureReason } from './session.js';
import { Violation } from './violation.js';

/** Analyzer to agent: the numbering cannot go on; send the whole graph. */
export interface PictureRequest {
  readonly kind: 'pictureRequest';
  readonly reason: PictureReason;
}

/** The whole graph of the agent follows, as it was after delta `upTo`. */
export interface PictureBegin {
  readonly kind: 'pictureBegin';
  readonly upTo: number;
  readonly reason: PictureReason;
  /** Since when (agent's clock, ms) deltas were dropped; `undefined` when none were. */
  readonly dirtySince: number | undefined;
}

/** An element, or more rows for a table of the node before it when they would not fit into one message. */
export type PictureElement = PutNode | PutEdge | PatchRows;

export interface PicturePage {
  readonly kind: 'picturePage';
  /** Counts from 0 within the picture. */
  readonly page: number;
  /** As in DELTAS. */
  readonly stamp: number;
  readonly elements: readonly PictureElement[];
}

/** The picture is whole: what was not in it is gone. */
export interface PictureEnd {
  readonly kind: 'pictureEnd';
  /** What must have arrived: a check against loss. */
  readonly pages: number;
  readonly elements: number;
}

export const packPictureRequest = (message: PictureRequest): unknown[] => [MessageType.PICTURE_REQUEST, message.reason];

export const readPictureRequest = ([, reason]: readonly unknown[]): PictureRequest => ({
  kind: 'pictureRequest',
  reason: readPictureReason(reason, 'reason'),
});

export const packPictureBegin = (message: PictureBegin): unknown[] => [
  MessageType.PICTURE_BEGIN,
  message.upTo,
  message.reason,
  message.dirtySince ?? null,
];

export const readPictureBegin = ([, upTo, reason, dirtySince]: readonly unknown[]): PictureBegin => ({
  kind: 'pictureBegin',
  upTo: integer(upTo, 'upTo'),
  reason: readPictureReason(reason, 'reason'),
  dirtySince: optional(dirtySince, (value) => stamp(value, 'dirtySince')),
});

export const packPicturePage = ({ page, stamp, elements }: PicturePage): unknown[] => [
  MessageType.PICTURE_PAGE,
  page,
  stamp,
  elements.map((element) => packDelta(element, stamp)),
];

export function readPicturePage([, page, stampField, elements]: readonly unknown[], clockOffset: number): PicturePage {
  const corrected = readStamp(stampField, clockOffset);
  const read = readDeltaList(list(elements, 'elements', MAX_ELEMENTS_PER_PAGE), 'elements', corrected);
  for (const [index, element] of read.entries()) {
    if (element.op === 'putNode' || element.op === 'putEdge' || element.op === 'rows') continue;
    throw new Violation(`elements[${index}]`, `a picture has no ${name(element.op, 'op')}, only putNode, putEdge and rows`);
  }
  return { kind: 'picturePage', page: integer(page, 'page'), stamp: corrected, elements: read as readonly PictureElement[] };
}

export const packPictureEnd = (message: PictureEnd): unknown[] => [MessageType.PICTURE_END, message.pages, message.elements];

export const readPictureEnd = ([, pages, elements]: readonly unknown[]): PictureEnd => ({
  kind: 'pictureEnd',
  pages: integer(pages, 'pages'),
  elements: integer(elements, 'elements'),
});
