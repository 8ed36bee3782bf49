import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { StoreWriterStatus } from '../../../store/index.ts';
import type { Counts, Tally } from '../../counts.ts';
import type { RecordingsStatus } from '../../recordings/index.ts';
import type { Distribution } from '../../stats.ts';
import type { EndpointStatus } from '../../webhooks/index.ts';
import type { MetricSources } from './exposition.ts';
import { MergedHistogram } from './merged-histogram.ts';

/** The metrics of the process are of all servers in it: what counts them is begun once. */
let ofProcess: Registry | undefined;

function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

const MS = 0.001;

/**
 * The metrics of a server in the text format of Prometheus. Every figure is added up when it is asked for, from numbers that
 * are there anyway; none is of one call, and no label holds anything that a client chose.
 */
export class Metrics {
  readonly #sources: MetricSources;
  readonly #register: Registry;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.#register = this.#build();
  }

  async text(): Promise<string> {
    return `${await this.#register.metrics()}\n${await processMetrics().metrics()}`;
  }

  #build(): Registry {
    const register = new Registry();
    const { counts, streams, connections, stats, store, recordings, webhooks } = this.#sources;
    const make = makers(register);
    this.#server(make);

    make.gauge('undertone_streams', 'Streams that have not ended.', () => streams.openStreams);
    make.gauge('undertone_legs', 'Channels of those streams.', () =>
      streams.live.reduce((sum, stream) => sum + stream.format.channels, 0),
    );
    make.tally('undertone_streams_opened_total', 'Streams by where they came from.', 'origin', () => counts.opened);
    make.tally('undertone_streams_ended_total', 'Streams by how they ended.', 'reason', () => counts.ended);
    make.tally('undertone_refused_total', 'What was refused, by its error.', 'code', () => counts.refused);
    make.tally('undertone_platform_connections_total', 'Connections of telephony.', 'dialect', () => counts.platforms);
    make.labelled('undertone_connections', 'Who is connected.', 'kind', () =>
      (['producer', 'subscriber', 'socket'] as const).map((kind) => [kind, connections.count(kind)]),
    );

    make.histogram('undertone_event_latency_seconds', 'From the last packet of a window to its event.', () => [
      { labels: {}, of: stats.map(({ latency }) => latency) },
    ]);
    const stages = (): readonly (readonly [string, readonly Distribution[]])[] => [
      ['inbox', [counts.inbox]],
      ['ring', stats.map(({ ring }) => ring)],
      ['model', stats.map(({ model }) => model)],
    ];
    new MergedHistogram({
      name: 'undertone_stage_seconds',
      help: 'Audio that waits for its turn (inbox), for its thread (ring); calls of the model.',
      register,
      labelNames: ['stage'],
      scale: MS,
      parts: () => stages().map(([stage, of]) => ({ labels: { stage }, of })),
    });
    new MergedHistogram({
      name: 'undertone_model_batch_windows',
      help: 'Windows of one call of the model.',
      register,
      scale: 1,
      parts: () => [{ labels: {}, of: stats.map(({ batch }) => batch) }],
    });

    make.labelled('undertone_queue_bytes', 'Bytes that wait, by where.', 'queue', () => this.#queues());
    make.labelledTotal('undertone_events_dropped_total', 'Events that were left out, by for whom.', 'where', () => [
      ['subscriber', counts.droppedEvents],
      ...(store === undefined ? [] : [['store', store().droppedEvents] as const]),
    ]);
    if (store !== undefined) storeMetrics(make, store, counts);
    if (recordings !== undefined) recordingMetrics(make, recordings);
    if (webhooks !== undefined) webhookMetrics(make, webhooks);
    return register;
  }

  #server(make: Makers): void {
    const { version, model, counts, workerDeaths, overloadLevel, ready } = this.#sources;
    new Gauge({
      name: 'undertone_info',
      help: 'What runs; always 1.',
      labelNames: ['version', 'model', 'model_version'],
      registers: [make.register],
      collect() {
        this.set({ version, model: model.name, model_version: model.version }, 1);
      },
    });
    make.gauge('undertone_ready', 'Whether new streams are taken: 1 as /readyz says.', () => (ready() ? 1 : 0));
    make.gauge('undertone_overload_level', '0 not at all; 3: no new streams are taken.', overloadLevel);
    make.total('undertone_worker_deaths_total', 'Threads that analyse and have died.', workerDeaths);
    new Counter({
      name: 'undertone_http_requests_total',
      help: 'Answers to plain HTTP.',
      labelNames: ['method', 'route', 'status'],
      registers: [make.register],
      collect() {
        this.reset();
        for (const [key, times] of counts.answered.entries) {
          const [method = '', route = '', status = ''] = key.split(' ');
          this.inc({ method, route, status }, times);
        }
      },
    });
  }

  #queues(): readonly (readonly [string, number])[] {
    const { streams, connections, store, recordings } = this.#sources;
    let inbox = 0;
    let ring = 0;
    for (const stream of streams.live) {
      inbox += stream.inboxBytes;
      ring += stream.ringBytes;
    }
    let outbox = 0;
    connections.each(({ bufferedBytes = 0 }) => {
      outbox += bufferedBytes;
    });
    return [
      ['inbox', inbox],
      ['ring', ring],
      ['outbox', outbox],
      ['history', streams.historyBytes],
      ...(store === undefined ? [] : [['store', store().waitingBytes] as const]),
      ...(recordings === undefined ? [] : [['recordings', recordings().waitingBytes] as const]),
    ];
  }
}

type Figures = () => readonly (readonly [string, number])[];

interface Makers {
  readonly register: Registry;
  gauge(name: string, help: string, value: () => number): void;
  total(name: string, help: string, value: () => number): void;
  labelled(name: string, help: string, label: string, values: Figures): void;
  labelledTotal(name: string, help: string, label: string, values: Figures): void;
  tally(name: string, help: string, label: string, of: () => Tally): void;
  histogram(name: string, help: string, parts: () => ReturnType<MergedHistogramParts>): void;
}
type MergedHistogramParts = ConstructorParameters<typeof MergedHistogram>[0]['parts'];

function makers(register: Registry): Makers {
  const labelledTotal: Makers['labelledTotal'] = (name, help, label, values) => {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [register],
      collect() {
        this.reset();
        for (const [key, value] of values()) this.inc({ [label]: key }, value);
      },
    });
  };
  return {
    register,
    gauge: (name, help, value) => {
      new Gauge({
        name,
        help,
        registers: [register],
        collect() {
          this.set(value());
        },
      });
    },
    total: (name, help, value) => {
      new Counter({
        name,
        help,
        registers: [register],
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    },
    labelled: (name, help, label, values) => {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers: [register],
        collect() {
          this.reset();
          for (const [key, value] of values()) this.set({ [label]: key }, value);
        },
      });
    },
    labelledTotal,
    tally: (name, help, label, of) => labelledTotal(name, help, label, () => of().entries),
    histogram: (name, help, parts) => {
      new MergedHistogram({ name, help, register, scale: MS, parts });
    },
  };
}

function storeMetrics(make: Makers, status: () => StoreWriterStatus, counts: Counts): void {
  make.gauge('undertone_store_failing', '1 while the store does not take what is kept.', () =>
    status().failing === null ? 0 : 1,
  );
  make.gauge(
    'undertone_store_lag_seconds',
    'How long the oldest of what is not written has waited.',
    () => status().lagMs * MS,
  );
  make.gauge('undertone_store_waiting_items', 'Items that are not written.', () => status().waitingItems);
  make.total('undertone_store_written_items_total', 'Items that were written.', () => status().writtenItems);
  make.total('undertone_calls_expired_total', 'Calls that were erased because of their age.', () => counts.erasedCalls);
}

function recordingMetrics(make: Makers, status: () => RecordingsStatus): void {
  make.gauge('undertone_recordings_active', 'Streams that are recorded now.', () => status().active);
  make.total('undertone_recordings_written_bytes_total', 'Bytes of recordings on disk.', () => status().writtenBytes);
  make.total('undertone_recordings_failed_total', 'Recordings that were given up.', () => status().failed);
  make.gauge(
    'undertone_recordings_not_removed',
    'Files of erased calls that could not be removed.',
    () => status().notRemoved.length,
  );
}

function webhookMetrics(make: Makers, endpoints: () => readonly EndpointStatus[]): void {
  const each =
    (value: (of: EndpointStatus) => number): Figures =>
    () =>
      endpoints().map((of) => [of.name, value(of)]);
  const label = 'endpoint';
  make.labelled(
    'undertone_webhook_waiting',
    'Messages that wait.',
    label,
    each(({ waiting }) => waiting),
  );
  make.labelled(
    'undertone_webhook_in_flight',
    'Attempts under way.',
    label,
    each(({ inFlight }) => inFlight),
  );
  make.labelled(
    'undertone_webhook_gone',
    '1: it answered 410 and gets nothing.',
    label,
    each(({ state }) => (state === 'gone' ? 1 : 0)),
  );
  make.labelled(
    'undertone_webhook_dead',
    'Messages that nobody took.',
    label,
    each(({ dead }) => dead),
  );
  make.labelledTotal(
    'undertone_webhook_delivered_total',
    'Messages that were taken.',
    label,
    each(({ delivered }) => delivered),
  );
  make.labelledTotal(
    'undertone_webhook_failures_total',
    'Attempts that failed.',
    label,
    each(({ failures }) => failures),
  );
  make.labelledTotal(
    'undertone_webhook_dropped_total',
    'Messages for which there was no room.',
    label,
    each(({ dropped }) => dropped),
  );
}
