import { declaredKey, EDGE, FIELD_PROPERTIES, LABEL, MARKER, OPEN, slotsAt } from './model.js';

/** A key of the dialect, as a property of states. */
interface Column {
  readonly property: string;
  readonly type: 'text' | 'integer' | 'texts';
  /** Whether the marker may stand in its place. */
  readonly isMarked: boolean;
}

const FIELDS: Readonly<Record<string, { readonly property: string; readonly type: 'text' | 'integer' }>> = FIELD_PROPERTIES;

/** MODEL.md in the words of printed Cypher. */
export const CYPHER_MODEL = {
  identity: LABEL.element,
  state: LABEL.state,
  current: LABEL.current,
  edge: EDGE,
  marker: MARKER,
  open: OPEN,
  /** What `revisionsOf` makes an element of, and by what it is told from others. */
  carried: ['seq', 'json', 'tables'],
  slotsAt,
  column(key: string): Column | undefined {
    if (Object.hasOwn(FIELDS, key)) return { ...FIELDS[key]!, isMarked: false };
    const declared = declaredKey(key);
    return declared && { property: declared.property, type: declared.type, isMarked: true };
  },
} as const;
