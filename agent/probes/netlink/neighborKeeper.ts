import type { Json, JsonObject } from '../../../src/common/json.js';
import { jsonEqual } from '../../../src/graph/jsonCompare.js';
import { LINUX } from '../../linux/abi.js';
import type { NeighborMessage } from '../../linux/netlink/neighbor.js';
import type { LinkTable } from './linkTable.js';
import { neighborFlagNames, neighborStateNames } from './names.js';

/** Turns among these come and go with traffic: they are measured, and change no row. */
const LIVELY = LINUX.NUD_REACHABLE | LINUX.NUD_STALE | LINUX.NUD_DELAY | LINUX.NUD_PROBE;

/**
 * Neighbours, or forwarding entries, of one namespace. A row says what an entry was when something about it changed: address, flags, or a state
 * that means something. The state that it has meanwhile is a measurement, laid over the row by its key.
 */
export class NeighborKeeper {
  /** States that differ from those in the rows, by link and row. */
  private readonly states = new Map<number, Map<string, readonly string[]>>();
  private readonly statesChanged = new Set<number>();

  constructor(readonly table: LinkTable) {}

  add(message: NeighborMessage): string | undefined {
    if (!isKept(message)) return undefined;
    const key = keyOf(message);
    const row = rowOf(message);
    const before = this.table.get(message.ifIndex, key);
    if (before === undefined || !this.isOnlyLively(message, before, row)) {
      this.setState(message.ifIndex, key, undefined);
      if (before === undefined || !jsonEqual(before, row)) this.table.put(message.ifIndex, key, row);
    } else {
      const isAsInRow = jsonEqual(before.State, row.State);
      this.setState(message.ifIndex, key, isAsInRow ? undefined : (row.State as readonly string[]));
    }
    return key;
  }

  remove(message: NeighborMessage): void {
    const key = keyOf(message);
    this.setState(message.ifIndex, key, undefined);
    this.table.remove(message.ifIndex, key);
  }

  linkGone(ifIndex: number): void {
    this.table.drop(ifIndex);
    this.states.delete(ifIndex);
    this.statesChanged.delete(ifIndex);
  }

  /** Makes ours agree with what a dump said. */
  read(messages: readonly NeighborMessage[]): void {
    const there = new Map<number, Set<string>>();
    for (const message of messages) {
      const key = this.add(message);
      if (key === undefined) continue;
      const keys = there.get(message.ifIndex);
      if (keys === undefined) there.set(message.ifIndex, new Set([key]));
      else keys.add(key);
    }
    const gone = [...this.table.all()].filter(([ifIndex, key]) => there.get(ifIndex)?.has(key) !== true);
    for (const [ifIndex, key] of gone) {
      this.setState(ifIndex, key, undefined);
      this.table.remove(ifIndex, key);
    }
  }

  /** States that changed since the last call, by link: what to lay over its rows, whole. */
  takeStates(): { readonly ifIndex: number; readonly states: JsonObject }[] {
    const taken = [...this.statesChanged].map((ifIndex) => ({
      ifIndex,
      states: Object.fromEntries(Array.from(this.states.get(ifIndex) ?? [], ([key, State]) => [key, { State }])),
    }));
    this.statesChanged.clear();
    return taken;
  }

  /** Both states are lively, and nothing but the state is different. */
  private isOnlyLively({ state }: NeighborMessage, before: JsonObject, row: JsonObject): boolean {
    if ((state & ~LIVELY) !== 0 || state === 0) return false;
    const names = before.State as readonly string[];
    return names.every((name) => LIVELY_NAMES.includes(name)) && jsonEqual({ ...before, State: null }, { ...row, State: null });
  }

  private setState(ifIndex: number, key: string, state: readonly string[] | undefined): void {
    const states = this.states.get(ifIndex);
    if (state === undefined) {
      if (states?.delete(key) === true) this.statesChanged.add(ifIndex);
      return;
    }
    if (states !== undefined && jsonEqual(states.get(key), state)) return;
    if (states === undefined) this.states.set(ifIndex, new Map([[key, state]]));
    else states.set(key, state);
    this.statesChanged.add(ifIndex);
  }
}

const LIVELY_NAMES = neighborStateNames(LIVELY);

/**
 * Addresses that need no resolving (multicast, loopback) have entries too, of which the kernel tells only when they go; `ip neigh` leaves them
 * out as well. In a forwarding table the same state says "does not age".
 */
const isKept = ({ family, state }: NeighborMessage): boolean =>
  family === LINUX.AF_BRIDGE || (state !== 0 && (state & LINUX.NUD_NOARP) === 0);

/** What the kernel tells entries of one link apart by. */
function keyOf({ family, address, hardwareAddress, vlan, vni, port, flags }: NeighborMessage): string {
  if (family !== LINUX.AF_BRIDGE) return address!;
  const owner = (flags & LINUX.NTF_SELF) !== 0 ? 'self' : 'master';
  return [hardwareAddress, owner, vlan ?? '', address ?? '', port ?? '', vni ?? ''].join(' ').trimEnd();
}

function rowOf({ ifIndex, state, flags, address, hardwareAddress, vlan, vni, port }: NeighborMessage): JsonObject {
  const row: Record<string, Json> = {};
  if (hardwareAddress !== undefined) row.MAC = hardwareAddress;
  if (address !== undefined) row.IP = address;
  if (vlan) row.Vlan = vlan;
  if (vni) row.VNI = vni;
  if (port) row.Port = port;
  row.State = neighborStateNames(state);
  row.Flags = neighborFlagNames(flags);
  row.IfIndex = ifIndex;
  return row;
}
