import { differentPaths } from '../difference.js';
import type { Entry } from '../entry.js';
import { jsonEqual, jsonSize } from '../jsonCompare.js';
import type { Layers } from '../revision.js';
import { mergeTouched, rowBytes, rowChanges, type TouchedRows } from '../tables.js';
import type { Writing } from '../writing.js';

/** What writers have said about an element last, also when readers do not see it yet. */
export const saidOf = (entry: Entry): Layers => entry.hold?.layers ?? (entry.revision as Layers);

/**
 * Brings a change of what was said to the readers: at once, or later when the governor says so. Call it only when something did change. `growth` is
 * how much longer the base is, as `sizeChange` says it; `touched` names the rows that were written.
 */
export function settle(
  write: Writing,
  entry: Entry,
  layers: Layers,
  observedAt: number | undefined,
  growth: number,
  touched?: TouchedRows,
): void {
  const said = saidOf(entry);
  charge(write, entry, said, layers, growth, touched);
  const observed = write.observed(observedAt);
  const { governor, elapsed } = write;
  if (!write.isImmediate && (entry.hold !== undefined || !governor.admitQuiet(entry, elapsed))) {
    const paths = changedPaths(said, layers, touched);
    if (!governor.admit(entry, paths, elapsed) && !governor.hold(entry, { layers, observed, paths, touched, elapsed })) {
      if (entry.account) entry.account.merged++;
      write.held++;
      return;
    }
  }
  if (letOut(write, entry, layers, observed, touched)) write.updated++;
  else write.unchanged++;
}

/** A write that says what was said already: nothing to do, but its content may still be held. */
export function settleUnchanged(write: Writing, entry: Entry): void {
  if (entry.hold === undefined) write.unchanged++;
  else if (write.isImmediate) {
    flush(write, entry);
    write.updated++;
  } else write.held++;
}

/** Lets out what is held for the element. */
export function flush(write: Writing, entry: Entry): void {
  if (entry.hold) letOut(write, entry, entry.hold.layers, entry.hold.observedAt, undefined);
}

/** `false` when the element, after changing to and fro while it was held, is what readers see already. */
function letOut(write: Writing, entry: Entry, layers: Layers, observedAt: number, touched: TouchedRows | undefined): boolean {
  const { hold } = entry;
  if (!hold) {
    write.publish(entry, layers, observedAt, touched);
    return true;
  }
  if (touched) mergeTouched(hold.touched, touched);
  write.governor.release(entry);
  if (sameAs(entry.revision as Layers, layers, hold.touched)) return false;
  write.publish(entry, layers, observedAt, hold.touched);
  return true;
}

const sameAs = (a: Layers, b: Layers, touched: TouchedRows): boolean =>
  a.host === b.host && jsonEqual(a.base, b.base) && jsonEqual(a.overlays, b.overlays) && rowChanges(touched) === undefined;

/** The paths that the governor counts: those of metadata, and a table as a whole. */
function changedPaths(said: Layers, layers: Layers, touched: TouchedRows | undefined): readonly string[] {
  const paths = differentPaths(said.metadata, layers.metadata).map((change) => change.path);
  if (touched) paths.push(...touched.keys());
  // A base under an overlay that hides the difference, or the host.
  return paths.length === 0 ? [''] : paths;
}

/** Keeps the account of bytes that quotas look at. */
function charge(write: Writing, entry: Entry, said: Layers, layers: Layers, growth: number, touched: TouchedRows | undefined): void {
  const { account } = entry;
  if (account === undefined) return;
  account.metadataBytes += growth;
  entry.bytes += growth;
  if (touched) account.metadataBytes += rowBytes(touched);
  if (layers.overlays !== said.overlays) {
    chargeOverlays(write, said.overlays, -1);
    chargeOverlays(write, layers.overlays, 1);
  }
}

/** Overlays are charged to those who wrote them. */
export function chargeOverlays(write: Writing, overlays: Layers['overlays'], sign: 1 | -1): void {
  for (const [writer, overlay] of Object.entries(overlays ?? {})) {
    const account = write.present.origins.open(writer);
    account.metadataBytes += sign * jsonSize(overlay);
    if (sign < 0) write.discharged.push(account);
  }
}
