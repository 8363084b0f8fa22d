import { readFileSync, renameSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Cancel, Clock } from '../../../src/common/clock.js';
import { namedId } from '../../../src/common/ids.js';
import type { Log } from '../../../src/common/log.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { LinkMessage } from '../../linux/netlink/link.js';

/** Milliseconds. Changes of identity are written together. */
const SAVE_AFTER = 100;

export interface Identity {
  readonly id: ElementId;
  /** Name from which the topological id is made. */
  readonly tidName: string;
}

/** What cannot be derived from the link as it is now. */
interface Exception {
  /** Set when the index had another link before. */
  readonly generation?: number;
  /** Set when it came from another namespace. */
  readonly id?: ElementId;
  /** Set when it was renamed. */
  readonly tidName?: string;
}

interface NamespaceState {
  /** Highest index of a link that went: the kernel counts upwards, so only an index up to here can be one that comes back. */
  highestGone: number;
  lastGeneration: number;
  exceptions: Record<string, Exception>;
}

interface State {
  readonly boot: string;
  readonly namespaces: Record<string, NamespaceState>;
}

/**
 * Ids of interfaces that are the same after a restart of the agent: made from host, boot, namespace, index, kind and generation. What does
 * not follow from these (moved, renamed, index used again) is kept in a small file, of links that are there only.
 */
export class InterfaceIdentities {
  private readonly state: State;
  private cancelSave: Cancel | undefined;

  constructor(
    private readonly options: {
      readonly hostId: string;
      readonly bootId: string;
      /** `undefined`: nothing is kept. */
      readonly file: string | undefined;
      readonly clock: Clock;
      readonly log: Log;
    },
  ) {
    this.state = this.load();
  }

  /** Identity of a link that was not known. `isNew`: an event told of it, so it is not the one that had the index before. */
  of(namespace: string, link: LinkMessage, isNew: boolean): Identity {
    const state = this.namespace(namespace);
    const known = state.exceptions[link.ifIndex];
    if (known !== undefined && !isNew)
      return { id: known.id ?? this.derive(namespace, link, known.generation), tidName: known.tidName ?? link.name };
    const generation = isNew && link.ifIndex <= state.highestGone ? ++state.lastGeneration : undefined;
    this.keep(state, link.ifIndex, generation === undefined ? undefined : { generation });
    return { id: this.derive(namespace, link, generation), tidName: link.name };
  }

  /** The link is gone from this index. */
  gone(namespace: string, ifIndex: number): void {
    const state = this.namespace(namespace);
    if (ifIndex > state.highestGone) {
      state.highestGone = ifIndex;
      this.saveSoon();
    }
    this.keep(state, ifIndex, undefined);
  }

  /** A link that came from elsewhere keeps its id; it has a topological id of the new place. */
  arrived(namespace: string, link: LinkMessage, id: ElementId): Identity {
    this.keep(this.namespace(namespace), link.ifIndex, { id });
    return { id, tidName: link.name };
  }

  renamed(namespace: string, ifIndex: number, tidName: string): void {
    const state = this.namespace(namespace);
    if (state.exceptions[ifIndex]?.tidName !== tidName) this.keep(state, ifIndex, { ...state.exceptions[ifIndex], tidName });
  }

  forgetNamespace(namespace: string): void {
    if (this.state.namespaces[namespace] === undefined) return;
    delete this.state.namespaces[namespace];
    this.saveSoon();
  }

  /** Forgets namespaces that went while nobody watched. */
  keepOnly(namespaces: ReadonlySet<string>): void {
    for (const key of Object.keys(this.state.namespaces)) if (!namespaces.has(key)) this.forgetNamespace(key);
  }

  /** Writes what is not yet written. */
  close(): void {
    if (this.cancelSave === undefined) return;
    this.cancelSave();
    this.save();
  }

  private derive(namespace: string, link: LinkMessage, generation = 0): ElementId {
    const { hostId, bootId } = this.options;
    const { info, permanentAddress, ifIndex } = link;
    return namedId(hostId, bootId, namespace, String(ifIndex), info.kind ?? 'device', permanentAddress ?? '', String(generation));
  }

  private namespace(key: string): NamespaceState {
    return (this.state.namespaces[key] ??= { highestGone: 0, lastGeneration: 0, exceptions: {} });
  }

  private keep(state: NamespaceState, ifIndex: number, exception: Exception | undefined): void {
    if (exception === undefined && state.exceptions[ifIndex] === undefined) return;
    if (exception === undefined) delete state.exceptions[ifIndex];
    else state.exceptions[ifIndex] = exception;
    this.saveSoon();
  }

  private saveSoon(): void {
    if (this.options.file === undefined) return;
    this.cancelSave ??= this.options.clock.after(SAVE_AFTER, () => this.save());
  }

  private save(): void {
    this.cancelSave = undefined;
    const { file, log } = this.options;
    if (file === undefined) return;
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(this.state));
      renameSync(`${file}.new`, file);
    } catch (error) {
      log.warn({ file, error }, 'identities of interfaces cannot be kept; after a restart of the agent some will look new');
    }
  }

  /** Of this boot; anything else, and anything that cannot be read, is begun anew. */
  private load(): State {
    const fresh: State = { boot: this.options.bootId, namespaces: {} };
    if (this.options.file === undefined) return fresh;
    try {
      const state = JSON.parse(readFileSync(this.options.file, 'utf8')) as State;
      return state.boot === fresh.boot && isState(state) ? state : fresh;
    } catch {
      return fresh;
    }
  }
}

const isState = ({ namespaces }: State): boolean =>
  typeof namespaces === 'object' &&
  namespaces !== null &&
  Object.values(namespaces).every(
    (state) =>
      Number.isInteger(state?.highestGone) &&
      Number.isInteger(state.lastGeneration) &&
      typeof state.exceptions === 'object' &&
      state.exceptions !== null,
  );
