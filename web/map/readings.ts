import { useEffect, useRef, useState } from 'react';
import { ask } from '../data/ask.js';
import type { TopologyFilter } from '../data/follow.js';
import { graphql } from '../data/graphql.js';
import { listen } from '../data/listen.js';
import { countsUntil } from '../data/traffic.js';
import { type Reading, type Readings } from './scene/measures.js';

type NodeFilter = NonNullable<TopologyFilter['nodes']>;

/** What was counted: the nodes of a change know no rates. */
const CountedNow = graphql(`
  subscription CountedNow($nodes: NodeFilter!) {
    metrics(nodes: $nodes, every: "2s") {
      at
      samples {
        node {
          id
        }
        values
      }
    }
  }
`);

const RatesAt = graphql(`
  query RatesAt($filter: TopologyFilter, $at: DateTime) {
    topology(filter: $filter, at: $at) {
      at
      nodes {
        id
        ... on NetworkInterface {
          rates {
            start
            end
            rxBitsPerSecond
            txBitsPerSecond
            dropsPerSecond
          }
        }
      }
    }
  }
`);

const NumbersAt = graphql(`
  query NumbersAt($filter: TopologyFilter, $at: DateTime, $path: String) {
    topology(filter: $filter, at: $at) {
      nodes {
        id
        metadata(path: $path)
      }
    }
  }
`);

/** Milliseconds between two readings of numbers of metadata, and two looks for what has fallen silent. */
const NUMBERS_EVERY_MS = 5_000;
const SILENCE_EVERY_MS = 5_000;

interface Rate extends Pick<Reading, 'rx' | 'tx' | 'drops'> {
  /** On the analyzer's axis, milliseconds. */
  readonly until: number;
}

const SILENT = { rx: 0, tx: 0, drops: 0, until: Infinity } as const;

/** Reads what moves through some nodes, and a number of their metadata if there is a path, live or at an instant, until it is stopped. */
function follow(nodes: NodeFilter, at: string | undefined, path: string | undefined, told: (readings: Readings) => void): () => void {
  const rates = new Map<string, Rate>();
  let numbers: ReadonlyMap<string, number> = new Map();
  let heardAt = performance.now();
  let analyzerTime = 0;
  const ending = new AbortController();
  const tell = (): void => told(joined(rates, numbers));
  /** What was read last long ago says that nothing moves. */
  const silence = (now: number): boolean => {
    let isAny = false;
    for (const [id, { until }] of rates) {
      if (until >= now) continue;
      rates.set(id, SILENT);
      isAny = true;
    }
    return isAny;
  };
  const askNumbers = async (): Promise<void> => {
    const { data } = await ask(NumbersAt, { filter: { nodes }, at: at ?? null, path: path! }, ending.signal);
    const read = new Map<string, number>();
    for (const { id, metadata } of data.topology.nodes) if (typeof metadata === 'number') read.set(id, metadata);
    if (isEqual(read, numbers)) return;
    numbers = read;
    tell();
  };
  // What fails here is told where the nodes themselves are asked for; the picture does without.
  const numbersAgain = (): void => void askNumbers().catch(() => undefined);
  const stops: (() => void)[] = [() => ending.abort()];
  if (path !== undefined) {
    numbersAgain();
    if (at === undefined) stops.push(every(NUMBERS_EVERY_MS, numbersAgain));
  }
  if (at !== undefined) {
    ask(RatesAt, { filter: { nodes }, at }, ending.signal)
      .then(({ data: { topology } }) => {
        for (const node of topology.nodes) {
          const [rate] = ('rates' in node && node.rates) || [];
          if (rate === undefined) continue;
          const [start, end] = [Date.parse(rate.start), Date.parse(rate.end)];
          rates.set(node.id, rateOf(start, end, rate.rxBitsPerSecond, rate.txBitsPerSecond, rate.dropsPerSecond));
        }
        silence(Date.parse(topology.at));
        if (rates.size > 0) tell();
      })
      .catch(() => undefined);
  } else {
    stops.push(
      listen(CountedNow, () => ({ nodes }), {
        next({ metrics }) {
          [heardAt, analyzerTime] = [performance.now(), Date.parse(metrics.at)];
          for (const { node, values } of metrics.samples) {
            const rate = countedRate(values as Readonly<Record<string, number>>);
            if (rate !== undefined) rates.set(node.id, rate);
          }
          silence(analyzerTime);
          if (metrics.samples.length > 0) tell();
        },
        refused: () => undefined,
      }),
      every(SILENCE_EVERY_MS, () => analyzerTime > 0 && silence(analyzerTime + performance.now() - heardAt) && tell()),
    );
  }
  return () => stops.forEach((stop) => stop());
}

function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
}

/** Rates of an interval, until the reading is over. */
const rateOf = (start: number, end: number, rx: number, tx: number, drops: number): Rate => ({
  rx,
  tx,
  drops,
  until: countsUntil(start, end),
});

const BITS_PER_BYTE = 8;
const MS_PER_SECOND = 1_000;

/** Rates of the last interval between two readings of counters; what did not count is left out of the values. */
function countedRate(values: Readonly<Record<string, number>>): Rate | undefined {
  const added = (name: string): number => values[`LastUpdateMetric.${name}`] ?? 0;
  const [start, end] = [added('Start'), added('Last')];
  if (end <= start || start === 0) return undefined;
  const perSecond = MS_PER_SECOND / (end - start);
  const [rx, tx] = [added('RxBytes') * BITS_PER_BYTE, added('TxBytes') * BITS_PER_BYTE];
  return rateOf(start, end, rx * perSecond, tx * perSecond, (added('RxDropped') + added('TxDropped')) * perSecond);
}

function joined(rates: ReadonlyMap<string, Rate>, numbers: ReadonlyMap<string, number>): Readings {
  const readings = new Map<string, Reading>();
  for (const [id, { rx, tx, drops }] of rates) readings.set(id, { rx, tx, drops, value: numbers.get(id) });
  for (const [id, value] of numbers) if (!rates.has(id)) readings.set(id, { rx: undefined, tx: undefined, drops: 0, value });
  return readings;
}

const isEqual = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([id, value]) => b.get(id) === value);

const NONE: ReadonlyMap<string, Readings> = new Map();

/** What is measured in each of these groups, live or at an instant; `path` names a number of metadata that is wanted too. */
export function useReadings(
  groups: ReadonlyMap<string, NodeFilter>,
  at: string | undefined,
  path: string | undefined,
): ReadonlyMap<string, Readings> {
  const [readings, setReadings] = useState(NONE);
  const followed = useRef(new Map<string, { readonly subject: string; stop(): void }>());
  useEffect(() => {
    const known = followed.current;
    const forget = (id: string): void => {
      known.get(id)?.stop();
      known.delete(id);
      setReadings((before) => (before.has(id) ? new Map([...before].filter(([other]) => other !== id)) : before));
    };
    for (const id of known.keys()) if (!groups.has(id)) forget(id);
    for (const [id, nodes] of groups) {
      const subject = JSON.stringify([nodes, at, path]);
      if (known.get(id)?.subject === subject) continue;
      // What was read of another moment must not stand there until something else is.
      if (known.has(id)) forget(id);
      const stop = follow(nodes, at, path, (read) => setReadings((before) => new Map(before).set(id, read)));
      known.set(id, { subject, stop });
    }
  }, [groups, at, path]);
  useEffect(() => {
    const known = followed.current;
    return () => {
      for (const { stop } of known.values()) stop();
      known.clear();
    };
  }, []);
  return readings;
}
