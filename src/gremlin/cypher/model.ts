/** How a declared key lies in the database: as a single text, a whole number, or a list of texts (also where there is one only). */
export type ColumnType = 'text' | 'integer' | 'texts';

/** A declared key, as the database knows it. Names are ours: what users write never becomes part of a statement. */
export interface Column {
  readonly property: string;
  readonly type: ColumnType;
  /** Whether the marker stands there for a value of another type or size. */
  readonly isMarked: boolean;
}

/** The names that printed statements use. Given by the home that runs them. */
export interface CypherModel {
  /** Label of what a node is through all its states. */
  readonly identity: string;
  /** Labels of a node's states, and of those that still stand. */
  readonly state: string;
  readonly current: string;
  /** Type of relationships: each is one state of an edge, from its parent to its child. */
  readonly edge: string;
  /** Text in the place of a value that has to be looked at in memory; in a list it is the only entry. */
  readonly marker: string;
  /** The column of a key as the dialect names it (`Name`, `@Host`); `undefined` for one that is not declared. */
  column(key: string): Column | undefined;
  /** Properties of a state or a relationship that make an element again. */
  readonly carried: readonly string[];
  /** The blocks of time in which what was so at an instant may be filed, and the one of what is still so. */
  slotsAt(instant: number): readonly string[];
  readonly open: string;
}

// Properties that every state and every relationship has.
export const ID = 'id';
export const FROM = 'from';
export const TO = 'to';
export const SLOT = 'slot';
/** Of relationships: the id of the parent, or of the child, and the slot. */
export const SLOT_KEYS = { parent: 'slotKey', child: 'dstSlotKey' } as const;
