import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { TopologyFilter } from '../data/follow.js';
import { type Choice, type Opened, OpenGroups } from './openGroups.js';

const NONE: ReadonlyMap<string, Opened> = new Map();
const never = (): (() => void) => () => undefined;

/** Keeps exactly these groups open, at this instant or live. */
export function useOpenGroups(
  wanted: ReadonlyMap<string, TopologyFilter>,
  at: string | undefined,
  choice: Choice,
): { readonly opened: ReadonlyMap<string, Opened>; readonly onTouched: OpenGroups['onTouched'] } {
  const [groups, setGroups] = useState<OpenGroups>();
  const latest = useRef(choice);
  latest.current = choice;
  useEffect(() => {
    const made = new OpenGroups(latest.current);
    setGroups(made);
    return () => made.close();
  }, []);
  useEffect(() => groups?.show(wanted, at, latest.current), [groups, wanted, at, choice.key]);
  const opened = useSyncExternalStore(groups?.subscribe ?? never, groups?.get ?? (() => NONE));
  return { opened, onTouched: groups?.onTouched ?? never };
}
