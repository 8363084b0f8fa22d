/** Sizes of the picture at scale 1, in CSS pixels. */

/** A node in a row: its glyph and its name beside it. */
export const CELL_WIDTH = 144;
export const CELL_HEIGHT = 26;
export const GLYPH_SIZE = 18;
/** Space around what an area holds, and between areas. */
export const PADDING = 12;
export const GAP = 12;
/** Height of an area's title, and of a group's. */
export const AREA_HEADER = 28;
export const GROUP_HEADER = 40;
/** A closed group. */
export const CARD_WIDTH = 224;
export const CARD_HEIGHT = 92;
/** Space between groups: links run there. */
export const GROUP_GAP_X = 72;
export const GROUP_GAP_Y = 56;
/** Width to height that an open group tends to: that of a screen. */
export const ASPECT = 1.6;
