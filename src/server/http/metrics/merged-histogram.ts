import { Histogram, type Registry } from 'prom-client';
import type { Distribution } from '../../stats.ts';

/** Distributions of one label value, of as many threads as there are. */
export interface HistogramPart {
  readonly labels: Readonly<Record<string, string>>;
  readonly of: readonly Distribution[];
}

export interface MergedHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly register: Registry;
  readonly labelNames?: readonly string[];
  /** What one unit of a distribution is in that of the metric: 0.001 for ms in seconds. */
  readonly scale: number;
  readonly parts: () => readonly HistogramPart[];
}

type Exposed = Awaited<ReturnType<Histogram['get']>>;
type Value = Exposed['values'][number];

/** A histogram of what was counted elsewhere, in memory that threads share; it is added up when it is asked for. */
export class MergedHistogram extends Histogram {
  readonly #options: MergedHistogramOptions;

  constructor(options: MergedHistogramOptions) {
    const { name, help, register, labelNames = [] } = options;
    super({ name, help, labelNames: [...labelNames], registers: [register] });
    this.#options = options;
  }

  override async get(): Promise<Exposed> {
    const { name, help, parts } = this.#options;
    const values = parts().flatMap((part) => this.#values(part));
    // The enumeration of its types is of names at run time.
    return { name, help, type: 'histogram', aggregator: 'sum', values } as unknown as Exposed;
  }

  /** What prom-client asks for where it is there. */
  getForPromString(): Promise<Exposed> {
    return this.get();
  }

  #values({ labels, of }: HistogramPart): Value[] {
    const { name, scale } = this.#options;
    const values: Value[] = [];
    let total = 0;
    const add = (metricName: string, value: number, more: Readonly<Record<string, string | number>> = {}): void => {
      values.push({ metricName, value, labels: { ...labels, ...more } });
    };
    // All have the same bounds; the last bucket has none.
    const bounds = of[0]?.bounds ?? [];
    const counts = of.map((each) => each.counts);
    for (let bucket = 0; bucket <= bounds.length; bucket += 1) {
      total += counts.reduce((sum, each) => sum + (each[bucket] ?? 0), 0);
      const bound = bounds[bucket];
      add(`${name}_bucket`, total, { le: bound === undefined ? '+Inf' : Number((bound * scale).toPrecision(6)) });
    }
    add(`${name}_sum`, scale * of.reduce((sum, each) => sum + each.sum, 0));
    add(`${name}_count`, total);
    return values;
  }
}
