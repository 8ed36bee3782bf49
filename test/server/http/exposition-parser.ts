export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric of a page in the text format of Prometheus. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"/;
/** What the names of samples may add to that of their family. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads the text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format),
 * strictly: every line is what it may be, every sample belongs to the family above it, nothing comes twice, counters end in
 * `_total`, and buckets of histograms rise to their count.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const page = new Page();
  for (const line of text.slice(0, -1).split('\n')) page.line(line);
  for (const family of page.families.values()) {
    if (family.type === 'counter') checkCounter(family);
    if (family.type === 'histogram') checkHistogram(family);
  }
  return page.families;
}

class Page {
  readonly families = new Map<string, Family>();
  readonly #helped = new Set<string>();
  readonly #seen = new Set<string>();
  #current: Family | undefined;

  line(line: string): void {
    if (line === '') return;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind !== undefined && !NAME.test(name)) throw new Error(`no name: ${line}`);
    if (kind === 'HELP') this.#help(name);
    else if (kind === 'TYPE') this.#type(name, rest);
    else this.#sample(line);
  }

  #help(name: string): void {
    if (this.#helped.has(name)) throw new Error(`help comes twice: ${name}`);
    this.#helped.add(name);
    this.#current = undefined;
  }

  #type(name: string, type: string): void {
    if (!TYPES.includes(type)) throw new Error(`no type: ${name} ${type}`);
    if (this.families.has(name)) throw new Error(`type comes twice: ${name}`);
    this.#current = { name, type, samples: [] };
    this.families.set(name, this.#current);
  }

  #sample(line: string): void {
    const [, name, labelText = '', value = ''] = SAMPLE.exec(line) ?? [];
    const family = this.#current;
    if (name === undefined || family === undefined) throw new Error(`no sample: ${line}`);
    const endings = ENDINGS[family.type] ?? [''];
    if (!endings.some((ending) => name === family.name + ending)) throw new Error(`not of ${family.name}: ${line}`);
    const labels = parseLabels(labelText, line);
    const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    if (this.#seen.has(key)) throw new Error(`comes twice: ${line}`);
    this.#seen.add(key);
    family.samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) });
  }
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const [whole, name = '', value = ''] = LABEL.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`no label: ${line}`);
    if (name in labels) throw new Error(`label comes twice: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one));
    rest = rest.slice(whole.length);
    if (rest !== '' && !rest.startsWith(',')) throw new Error(`no comma: ${line}`);
    rest = rest.replace(/^,/, '');
  }
  return labels;
}

function checkCounter({ name, samples }: Family): void {
  if (!name.endsWith('_total')) throw new Error(`a counter without _total: ${name}`);
  if (samples.some(({ value }) => !(value >= 0))) throw new Error(`a counter below zero: ${name}`);
}

/** Each series of a histogram has buckets that rise, the last of which has no bound and is its count. */
function checkHistogram({ name, samples }: Family): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const own of series.values()) {
    const of = (ending: string): Sample[] => own.filter((sample) => sample.name === name + ending);
    const buckets = of('_bucket').map(({ labels: { le }, value }) => ({
      bound: Number(le?.replace('+Inf', 'Infinity')),
      value,
    }));
    buckets.forEach(({ bound, value }, index) => {
      const before = buckets[index - 1];
      if (before !== undefined && !(bound > before.bound && value >= before.value))
        throw new Error(`buckets do not rise: ${name}`);
    });
    const last = buckets.at(-1);
    const whole = last?.bound === Number.POSITIVE_INFINITY && last.value === of('_count')[0]?.value;
    if (!whole || of('_sum').length !== 1) throw new Error(`buckets without an end: ${name}`);
  }
}
