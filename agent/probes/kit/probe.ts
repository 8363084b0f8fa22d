import type { Clock } from '../../../src/common/clock.js';
import type { AgentConfig } from '../../../src/common/config/config.js';
import type { Log } from '../../../src/common/log.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { CapabilityNeed } from '../../linux/capabilities.js';
import type { SocketWatcher } from '../../linux/socketWatcher.js';
import type { GraphWriter } from './graphWriter.js';
import type { MetadataKey } from './metadataKeys.js';
import type { Namespaces } from './namespaces.js';
import type { WrittenNodes } from './nodes.js';
import type { RelationDeclaration } from './relationDeclaration.js';

/** A source of topology. One run of it: after a failure a new one is created. */
export interface Probe {
  /**
   * Begins to watch. When it returns (or resolves) everything that is there now has been written: what an earlier run wrote and this one
   * did not is removed then. Throwing means failed: the others go on and this one is tried again.
   */
  start(): void | Promise<void>;
  /** Lets go of sockets, timers and files. What was written stays: an agent that stops has not made its host disappear. */
  stop(): void | Promise<void>;
}

/** How a probe fares, as it says itself, in one line. What is said again is not repeated to anybody. */
export interface Health {
  /** All is well. What it says of that is shown beside the state: `listening on eth0, 0 frames in 60 s`. */
  ok(says?: string): void;
  /** It runs, but not all of it: `cannot enter the namespace blue: EPERM`. */
  degraded(reason: string): void;
  /** It does not watch any more: it is stopped, and started again a little later. */
  failed(error: unknown): void;
  /** Counts what was heard from the source. */
  heard(events: number): void;
}

/** What Linux gives; `undefined` on another system, or where the native library cannot be loaded. */
export interface LinuxAccess {
  /** The thread that waits for all sockets. */
  readonly sockets: SocketWatcher;
  /** Names this boot: ids that hang on the kernel's numbers contain it. */
  readonly bootId: string;
}

/** Everything a probe may use. */
export interface ProbeContext {
  readonly hostId: string;
  /** The id of a thing of this host: the same for the same names, after a restart too, and another one on every other host. */
  id(...names: readonly string[]): ElementId;
  /** The host's node, below which a probe hangs what it finds. It exists before any probe starts. */
  readonly root: ElementId;
  /** The probe's own pen: elements that it writes are its own. */
  readonly graph: GraphWriter;
  /** What other probes wrote: nodes to which this one may have something to add. */
  readonly nodes: WrittenNodes;
  /** Network namespaces that are watched; a probe may add some and hear of others. Only where `needsLinux` is declared. */
  readonly namespaces: Namespaces;
  /** Only where `needsLinux` is declared. */
  readonly linux: LinuxAccess;
  /** A timer that throws is a failure of the probe. */
  readonly clock: Clock;
  readonly log: Log;
  readonly config: AgentConfig;
  readonly health: Health;
}

/** The description of a probe: what `agent.probes` names, or what the module that it names exports. */
export interface ProbeDefinition {
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  /** Whether it reaches the kernel through `context.linux`; without that it is not started. */
  readonly needsLinux: boolean;
  /** What it can do only with a capability. */
  readonly needs: readonly CapabilityNeed[];
  /** Every key that it writes. */
  readonly keys: readonly MetadataKey[];
  /** Types of edges that it writes, besides `ownership`. */
  readonly relations?: readonly RelationDeclaration[];
  create(context: ProbeContext): Probe;
}

/** A probe with the folder of the module or package that it came from; a built-in one has none. */
export type LoadedProbe = ProbeDefinition & { readonly folder?: string };
