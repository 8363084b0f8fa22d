import { type JSX, useMemo, useState } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { useMeasurementsOf } from '../data/watchNode.js';
import { Chart } from '../ui/Chart.js';
import { bits, bytes, count, durationMs } from '../ui/format.js';
import { Problem } from '../ui/Problem.js';
import { Rates } from './documents.js';
import { Facts } from '../ui/Facts.js';
import { Section, type SectionProps } from './Section.js';

/** Ranges to choose from, with the step of each: some sixty points are enough for a small chart. */
const RANGES = { '5m': '5s', '1h': '1m', '6h': '6m', '24h': '20m', '7d': '3h' } as const;
type Range = keyof typeof RANGES;

interface RatesProps extends Omit<SectionProps, 'turn'> {
  /** Name of the interface, where several are shown. */
  readonly of?: string | undefined;
}

/** Traffic over a range that ends at the instant that is looked at. */
export function RatesSection({ id, at, of }: RatesProps): JSX.Element {
  return (
    <Section title={of === undefined ? 'Traffic' : `Traffic at ${of}`} isOpen>
      <Traffic id={id} at={at} />
    </Section>
  );
}

function Traffic({ id, at }: Pick<SectionProps, 'id' | 'at'>): JSX.Element {
  const [range, setRange] = useState<Range>('5m');
  const turn = useMeasurementsOf(at === undefined ? id : undefined);
  const [from, to] = useMemo(() => {
    const end = at === undefined ? Date.now() : Date.parse(at);
    return [end - durationMs(range), end];
  }, [at, range, turn]);
  const { data, failure } = useAnswer(
    Rates,
    { id, at: at ?? null, between: { from: new Date(from).toISOString(), to: at ?? 'now' }, step: RANGES[range] },
    { subject: `${id} ${range}` },
  );
  const link = data?.node?.__typename === undefined && data?.node && 'rates' in data.node ? data.node : undefined;
  const given = link?.rates;
  // A step that has not ended yet is not a low one.
  const rates = useMemo(
    () => given?.filter(({ start }) => at !== undefined || Date.parse(start) + durationMs(RANGES[range]) <= to),
    [given, at, range, to],
  );
  const times = useMemo(() => (rates ?? []).map(({ start }) => Date.parse(start)), [rates]);
  const series = useMemo(
    () => [
      { title: 'received', values: (rates ?? []).map((rate) => rate.rxBitsPerSecond), colour: '--accent' },
      { title: 'sent', values: (rates ?? []).map((rate) => rate.txBitsPerSecond), colour: '--other' },
    ],
    [rates],
  );
  const counters = link?.counters;
  return (
    <>
      <div className="ranges" role="group" aria-label="Range of the chart">
        {(Object.keys(RANGES) as Range[]).map((name) => (
          <button key={name} className="button is-plain small" aria-pressed={range === name} onClick={() => setRange(name)}>
            {name}
          </button>
        ))}
      </div>
      <Problem message={failure?.message} />
      <Chart title="Traffic" from={from} to={to} times={times} series={series} format={bits} />
      {counters && (
        <Facts
          facts={[
            ['Received', `${bytes(counters.rxBytes)}, ${count(counters.rxPackets)} packets`],
            ['Sent', `${bytes(counters.txBytes)}, ${count(counters.txPackets)} packets`],
            ['Errors', counters.rxErrors + counters.txErrors > 0 ? `${counters.rxErrors} received, ${counters.txErrors} sent` : null],
            ['Dropped', counters.rxDropped + counters.txDropped > 0 ? `${counters.rxDropped} received, ${counters.txDropped} sent` : null],
          ]}
        />
      )}
    </>
  );
}
