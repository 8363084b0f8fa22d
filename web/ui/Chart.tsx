import { type JSX, type KeyboardEvent, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { axisTime, wholeTime } from './format.js';
import { Tip, tipLine, type TipWords } from './Tip.js';
import { type Near, useTip } from './useTip.js';

export interface Series {
  readonly title: string;
  readonly values: readonly (number | null)[];
  /** CSS variable of the colour. */
  readonly colour: string;
}

interface ChartProps {
  readonly title: string;
  /** Stretch of time that is shown, and the points of it, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  format(value: number): string;
  readonly height?: number;
  /** Changes when the colours do. */
  readonly theme?: string;
}

/** Lines over time; the value under the pointer stands in the legend. */
export function Chart({ title, from, to, times, series, format, height = 132 }: ChartProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const titles = series.map((line) => line.title).join('|');
  const chart = useRef<uPlot>(undefined);
  const latest = useRef(format);
  latest.current = format;
  const stretch = useRef<[number, number]>([0, 1]);
  stretch.current = [from / 1_000, to / 1_000];
  const tip = useTip<number>();
  const pointed = useRef<(plot: uPlot) => void>(() => undefined);
  pointed.current = (plot) => {
    const { idx } = plot.cursor;
    if (typeof idx === 'number') return tip.tell({ what: idx, near: nearPoint(plot, idx) });
    showNewest(plot);
    tip.tell(undefined);
  };
  /** Arrow keys put the cursor on the point before or after. */
  const walk = (event: KeyboardEvent): void => {
    const plot = chart.current;
    const step = STEPS[event.key];
    if (!plot || step === undefined || times.length === 0) return;
    const next = Math.min(times.length - 1, Math.max(0, (plot.cursor.idx ?? times.length) + step));
    plot.setCursor({ left: plot.valToPos(plot.data[0][next]!, 'x'), top: 0 });
    event.preventDefault();
  };
  useEffect(() => {
    const element = host.current!;
    const style = getComputedStyle(element);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: () => getComputedStyle(element).getPropertyValue('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
    };
    const made = new uPlot(
      {
        width: element.clientWidth || 300,
        height,
        cursor: { y: false, points: { size: 6 } },
        // While nobody points at it, the legend says the newest.
        hooks: { setCursor: [(plot) => pointed.current(plot)] },
        legend: { live: true },
        scales: { x: { range: () => stretch.current }, y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
        axes: [
          {
            ...axis,
            size: 24,
            space: 40,
            values: (_plot, values) => values.map((value) => axisTime(value * 1_000, stretch.current[1] - stretch.current[0])),
          },
          { ...axis, size: 64, space: 32, incrs: WHOLE_STEPS, values: (_plot, values) => values.map((value) => latest.current(value)) },
        ],
        series: [
          { value: (_plot, value) => (typeof value === 'number' ? wholeTime(value * 1_000) : '–') },
          ...series.map((line) => ({
            label: line.title,
            stroke: () => getComputedStyle(element).getPropertyValue(line.colour),
            width: 1.5,
            points: { show: false },
            value: (_plot: uPlot, value: number | null) => (typeof value === 'number' ? latest.current(value) : '–'),
          })),
        ],
      },
      [[], ...series.map(() => [])],
      element,
    );
    chart.current = made;
    const resize = new ResizeObserver(() => element.clientWidth > 0 && made.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
    };
    // The lines are named by `titles`; their values follow below.
  }, [titles, height]);
  useEffect(() => {
    chart.current?.setData([times.map((time) => time / 1_000), ...series.map(({ values }) => [...values])]);
    if (chart.current && (chart.current.cursor.idx ?? null) === null) showNewest(chart.current);
  }, [from, to, times, series, titles]);
  const last = series.map(({ title: name, values }) => `${name} ${values.length ? format(values.at(-1) ?? 0) : 'unknown'}`).join(', ');
  const words = tip.told && wordsAt(tip.told.what, times, series, format);
  return (
    <>
      <div
        ref={host}
        className="chart"
        role="img"
        tabIndex={0}
        aria-label={`${title}: ${last}. Arrow keys walk along the points`}
        onKeyDown={walk}
        onBlur={() => chart.current?.setCursor({ left: -10, top: -10 })}
      />
      {words && <Tip words={words} near={tip.told!.near} />}
      <p className="hidden-visually" aria-live="polite">
        {words && tipLine(words)}
      </p>
    </>
  );
}

/** What is shown comes in whole numbers: steps of less would say one value twice. */
const WHOLE_STEPS = Array.from({ length: 45 }, (_, index) => [1, 2, 5][index % 3]! * 10 ** Math.floor(index / 3));

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

const wordsAt = (at: number, times: readonly number[], series: readonly Series[], format: ChartProps['format']): TipWords | undefined =>
  times[at] === undefined
    ? undefined
    : {
        title: wholeTime(times[at]),
        facts: series.map(({ title, values }) => [title, typeof values[at] === 'number' ? format(values[at]) : 'unknown'] as const),
      };

/** The column of a point, from the top of the chart to its axis: the pointer is in it. */
function nearPoint(plot: uPlot, at: number): Near {
  const { left, top, bottom } = plot.over.getBoundingClientRect();
  const x = left + plot.valToPos(plot.data[0][at]!, 'x');
  return { left: x, right: x, top, bottom };
}

function showNewest(plot: uPlot): void {
  const last = plot.data[0].length - 1;
  if (last >= 0) plot.setLegend({ idx: last }, false);
}
