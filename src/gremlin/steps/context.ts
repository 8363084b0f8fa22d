import type { Argument } from '../argument.js';
import { noRows } from '../execute/rows.js';
import { defineStep, type StepCall } from '../step.js';
import { goDuration, rfc1123 } from './time/instants.js';

/** Numbers up to here are seconds, larger ones milliseconds: the last second that fits 32 bits. */
const LAST_SECOND = 2_147_483_647;

/** An instant, given when the plan runs: `NOW` and durations count from then. */
type InstantOf = (now: number) => number;

/** `Context(t[, duration])`, also called `At`: the graph as it was, or all revisions of a stretch of time. */
export const context = defineStep({
  name: 'Context',
  aliases: ['At'],
  usage: [
    'Context(time)',
    'Context(time, duration)',
    "At('-1m')",
    "At('Mon, 02 Jan 2006 15:04:05 GMT')",
    "At(NOW, '5m')",
    'At(NOW, FOREVER)',
  ],
  doc: 'reads the past: at an instant (seconds or milliseconds since 1970, RFC 1123, a duration from now, `NOW`), or with a duration every revision that there was in the time before it',
  on: { graph: 'graph' },
  notes: [
    { kind: 'kept', text: 'With a duration the same element is there once for each of its revisions: `Dedup` makes it one.' },
    {
      kind: 'mended',
      text: "A parsed string can run any number of times; there the second run failed with `Key 'Context' must be either an integer or a string`.",
    },
    { kind: 'mended', text: 'All of a past is answered; there at most 10,000 elements.' },
    {
      kind: 'kept',
      text: "Measurements are in no revision of the past: nodes are shown without them. A step that names one at an instant (`Values('Metric.RxBytes')`, `Has('LastUpdateMetric.RxBytes', Gt(0))`) finds the latest reading before it, not older than an hour; of a stretch of time `Metrics()` has them.",
    },
  ],
  read: (call) => call.args,
  plan(args, _from, call) {
    if (args.length === 0) throw call.refuse("At least one parameter must be provided to 'Context'");
    if (args.length > 2) throw call.refuse("At most two parameters must be provided to 'Context'", args[2]);
    const instantOf = readInstant(args[0]!, call);
    const lengthOf = args[1] === undefined ? undefined : readLength(args[1], call);
    return async (_input, run) => {
      const to = instantOf(run.now);
      if (!Number.isFinite(to)) throw call.refuse('Time must be in RFC1123 or in Go Duration format', args[0]);
      if (lengthOf === undefined) return { graph: await run.source.at(to), slice: { from: to, to }, marks: new Map(), rows: noRows };
      const slice = { from: Math.max(0, lengthOf(to)), to };
      return { graph: await run.source.between(slice, (changes) => run.spend(changes)), slice, marks: new Map(), rows: noRows };
    };
  },
});

/** The instant of a call with one parameter, milliseconds. */
export const instantOf = (call: StepCall, now: number): number => readInstant(call.args[0]!, call)(now);

function readInstant(argument: Argument, call: StepCall): InstantOf {
  if (argument.kind === 'constant' && argument.value === 'NOW') return (now) => now;
  if (argument.kind === 'integer') {
    const instant = argument.value <= LAST_SECOND ? argument.value * 1_000 : argument.value;
    return () => instant;
  }
  if (argument.kind !== 'string') throw call.refuse("Key 'Context' must be either an integer or a string", argument);
  const absolute = rfc1123(argument.value);
  if (absolute !== undefined) return () => absolute;
  const offset = goDuration(argument.value);
  if (offset === undefined) throw call.refuse('Time must be in RFC1123 or in Go Duration format', argument);
  return (now) => Math.trunc(now + offset);
}

/** Where the stretch of time begins, from where it ends. */
function readLength(argument: Argument, call: StepCall): (to: number) => number {
  if (argument.kind === 'constant' && argument.value === 'FOREVER') return () => 0;
  if (argument.kind === 'integer') return (to) => to - argument.value * 1_000;
  const length = argument.kind === 'string' ? goDuration(argument.value) : undefined;
  if (length === undefined) throw call.refuse("Key 'Context' must be either an integer or a string", argument);
  return (to) => Math.trunc(to - length);
}
