import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** One figure of `/metrics`, read when it is asked for. */
export interface Figure {
  /** Without the prefix `canopy_`. */
  readonly name: string;
  readonly help: string;
  /** Counters only rise. */
  readonly kind: 'gauge' | 'counter';
  /** Name of the label, for a figure with several values. */
  readonly label?: string;
  read(): number | undefined | Iterable<readonly [label: string | number, value: number]>;
}

/** Prometheus text (exposition format 0.0.4) of the figures and of the process. */
export function createMetrics(figures: readonly Figure[]): { readonly contentType: string; text(): Promise<string>; close(): void } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const figure of figures) register(registry, figure);
  return { contentType: registry.contentType, text: () => registry.metrics(), close: () => registry.clear() };
}

function register(registry: Registry, { name, help, kind, label, read }: Figure): void {
  const options = { name: `canopy_${name}`, help, registers: [registry], labelNames: label === undefined ? [] : [label] };
  const collect = (set: (labels: Record<string, string | number>, value: number) => void) => {
    const value = read();
    if (value === undefined) return;
    if (typeof value === 'number') set({}, value);
    else for (const [of, each] of value) set({ [label!]: of }, each);
  };
  if (kind === 'gauge') {
    new Gauge({
      ...options,
      collect() {
        this.reset();
        collect((labels, value) => this.set(labels, value));
      },
    });
    return;
  }
  new Counter({
    ...options,
    collect() {
      this.reset();
      collect((labels, value) => this.inc(labels, value));
    },
  });
}
