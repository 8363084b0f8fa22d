/** What status asks of captures. */
export const CAPTURES_FIELDS =
  'nodes { id name activities { state error packetsReceived packetsDropped packetsIfDropped drops { reason count } facts node { name host } } }';

export interface CaptureStatusRow {
  readonly id: string;
  readonly name: string;
  readonly activities: readonly {
    readonly state: string;
    readonly error: string | null;
    readonly packetsReceived: number;
    readonly packetsDropped: number;
    readonly packetsIfDropped: number;
    readonly drops: readonly { readonly reason: string; readonly count: number }[];
    readonly facts: { readonly crowded?: string } | null;
    readonly node: { readonly name: string; readonly host: string } | null;
  }[];
}

/** Lines about captures that are shown; `canopy capture list` knows the others. */
const MOST_NOTICES = 20;

/** `2 on 5 nodes, 1234 packets received, 12 dropped`. */
export function describeCaptures(captures: readonly CaptureStatusRow[]): string {
  const all = captures.flatMap(({ activities }) => activities);
  const sum = (read: (one: (typeof all)[number]) => number): number => all.reduce((total, one) => total + read(one), 0);
  const ours = sum(({ drops }) => drops.reduce((total, { count }) => total + count, 0));
  const active = all.filter(({ state }) => state === 'ACTIVE').length;
  const dropped = `${sum(({ packetsDropped }) => packetsDropped)} dropped by the kernel, ${sum(({ packetsIfDropped }) => packetsIfDropped)} at the interface, ${ours} by agents`;
  return `${captures.length}, active on ${active} of ${all.length} nodes, ${sum(({ packetsReceived }) => packetsReceived)} packets; ${dropped}`;
}

/** Where captures do not run, lose something or lack threads, one line each. */
export function captureNotices(captures: readonly CaptureStatusRow[]): string[] {
  const notices = captures.flatMap(({ id, name, activities }) =>
    activities.flatMap(({ state, error, packetsDropped, packetsIfDropped, drops, facts, node }) => {
      const where = `capture ${name === '' ? id : name} on ${node === null ? 'a node that is gone' : `${node.name} of ${node.host}`}`;
      const lost = [{ reason: 'the kernel', count: packetsDropped }, { reason: 'the interface', count: packetsIfDropped }, ...drops].filter(
        ({ count }) => count > 0,
      );
      return [
        ...(state === 'ERROR' ? [`${where} does not run: ${error ?? 'no reason given'}`] : []),
        ...(lost.length === 0 ? [] : [`${where} dropped ${lost.map(({ reason, count }) => `${count} (${reason})`).join(', ')}`]),
        ...(facts?.crowded === undefined ? [] : [`${where} is crowded: ${facts.crowded}`]),
      ];
    }),
  );
  const more = notices.length - MOST_NOTICES;
  return more > 0 ? [...notices.slice(0, MOST_NOTICES), `${more} more of captures: \`canopy capture list\``] : notices;
}
