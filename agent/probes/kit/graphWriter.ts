import type { Json, JsonObject } from '../../../src/common/json.js';
import type { ElementId } from '../../../src/graph/element.js';

export interface NodeToWrite {
  readonly id: ElementId;
  /** The node that owns it; `undefined` for the host's. An ownership edge is kept to it. */
  readonly parent: ElementId | undefined;
  /** Everything that this probe knows of it: what is not in it any more goes. `Type` and `Name` are required; `TID` is added. */
  readonly metadata: JsonObject;
  /** Whole tables by name and row key; one that is left out stays as it is. */
  readonly tables?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  /** The name from which the topological id is made, where that is not `Name` (of a namespace `Path`): a renamed interface keeps its own. */
  readonly tidName?: string;
}

export interface EdgeToWrite {
  readonly parent: ElementId;
  readonly child: ElementId;
  /** `layer2`; ownership edges come with their node. */
  readonly relationType: string;
  /** Besides `RelationType`. */
  readonly metadata?: JsonObject;
}

/** How one probe writes into the agent's graph. */
export interface GraphWriter {
  /** Creates a node of this probe, or says what it is now. */
  putNode(node: NodeToWrite): void;
  /** Adds what this probe knows to a node of another one; an empty object takes it back. It goes with the node. */
  annotate(id: ElementId, metadata: JsonObject): void;
  /** Removes the node with all of its edges, and everything that it owns. */
  removeNode(id: ElementId): void;
  /** Creates an edge, or says what it is now. Answers its id. */
  putEdge(edge: EdgeToWrite): ElementId;
  removeEdge(id: ElementId): void;
  /** Changes rows of a table of a node of this probe. */
  changeRows(id: ElementId, table: string, put: readonly (readonly [key: string, row: JsonObject])[], remove: readonly string[]): void;
  /**
   * New values by dotted path, of keys that are declared as measurements. The name of a table stands for an object of row keys, laid over its rows.
   */
  measure(id: ElementId, values: readonly (readonly [path: string, value: Json])[]): void;
  /** Bytes that the analyzer has not worked in yet; 0 while there is none. What can wait, and gets less by waiting, waits while this is much. */
  onTheWay(): number;
  /** What is written inside belongs together: nobody sees half of it. */
  batch(write: () => void): void;
}
