import { type JSX, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { axisTime, wholeTime } from './format.js';

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
        hooks: { setCursor: [(plot) => void ((plot.cursor.idx ?? null) === null && showNewest(plot))] },
        legend: { live: true },
        scales: { x: { range: () => stretch.current }, y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
        axes: [
          {
            ...axis,
            size: 24,
            space: 64,
            values: (_plot, values) => values.map((value) => axisTime(value * 1_000, stretch.current[1] - stretch.current[0])),
          },
          { ...axis, size: 64, space: 32, values: (_plot, values) => values.map((value) => latest.current(value)) },
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
  return <div ref={host} className="chart" role="img" aria-label={`${title}: ${last}`} />;
}

function showNewest(plot: uPlot): void {
  const last = plot.data[0].length - 1;
  if (last >= 0) plot.setLegend({ idx: last }, false);
}
