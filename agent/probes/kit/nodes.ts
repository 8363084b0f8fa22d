import type { Cancel } from '../../../src/common/clock.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { NodeToWrite } from './graphWriter.js';

/** Hears of nodes of all probes, at once. */
export interface NodeListener {
  /** It is there: as its own probe, of this name, wrote it last, without what others added, and without tables. */
  put(node: NodeToWrite, probe: string): void;
  removed(id: ElementId): void;
}

/** What all probes of the agent have written: for a probe whose things belong to those of others. */
export interface WrittenNodes {
  /** Tells the listener of all that are there, and from then on of every change. */
  watch(listener: NodeListener): Cancel;
}
