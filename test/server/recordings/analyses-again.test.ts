import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AudioFormat, bytesPerSampleFrame } from '../../../src/audio/index.ts';
import { loadModel, type WindowModel } from '../../../src/inference/index.ts';
import type { KeptAnalysis, ModelDescription, TimelineEvent, WindowEvent } from '../../../src/protocol/index.ts';
import { systemClock } from '../../../src/server/clock.ts';
import { encoded } from '../../../src/server/encoded-analyzer.ts';
import { DEFAULT_LIMITS } from '../../../src/server/limits.ts';
import type { LiveStream, Producer } from '../../../src/server/live-stream.ts';
import { openReanalysis, openRecordings, type Recordings } from '../../../src/server/recordings/index.ts';
import { Registry } from '../../../src/server/registry.ts';
import { AnalysisStats } from '../../../src/server/stats.ts';
import { storeTap } from '../../../src/server/store-tap.ts';
import { Taps } from '../../../src/server/taps.ts';
import { openStore, type Store, StoreWriter } from '../../../src/store/index.ts';
import { type AlertRule, createAnalyzer, readAlertRules } from '../../../src/streams/index.ts';
import { dense, LABELS, modelFolder, smallStack } from '../../inference/model-folder.ts';
import { babble } from '../../streams/babble.ts';
import { KEY, temporaryFolder } from './folder.ts';

const FORMAT: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8000, channels: 2 };
const CHANNELS = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;
const ANALYSIS = { windowMs: 1_000, stepMs: 200, descriptors: ['zcr'] };
const RULES = readAlertRules('rules: [{name: a while, when: {measure: duration, above: 1 s}}]');
const LATER_RULES = readAlertRules(`
rules:
  - {name: loud, when: {measure: level, of: customer, above: -60}, during: {from: 2 s}}
  - {name: long, when: {measure: duration, above: 4 s}}
`);
const producer = (): Producer => ({ congested: false, ack() {}, room() {}, failed() {}, replaced() {} });

const folder = modelFolder();
/** A network of the same shape with other weights, which prefers other labels. */
const [first, second] = smallStack();
const other = modelFolder(
  [first, second, dense(12, LABELS.length, 'linear', 77)].filter((layer) => layer !== undefined),
  (manifest) => ({ ...manifest, name: 'other' }),
);
let model: WindowModel;
beforeAll(async () => {
  model = await loadModel(folder, { runtime: 'tfjs-wasm' });
});
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Desk {
  readonly store: Store;
  readonly recordings: Recordings;
  /** A stream whose analysis is done as far as its audio goes. */
  open(streamId: string, callId?: string, rules?: readonly AlertRule[]): LiveStream;
  /** Everything that was said of it is in the store. */
  ended(stream: LiveStream): Promise<void>;
}

async function desk(): Promise<Desk> {
  const place = await temporaryFolder();
  const store = await openStore(join(place, 'calls.db'));
  const writer = new StoreWriter(store, { everyMs: 5 });
  const { name, version, labels } = model.manifest;
  const description: ModelDescription = { name, version, hash: model.hash, labels };
  const recordings = await openRecordings({
    folder: join(place, 'audio'),
    keys: [KEY],
    keep: (item) => writer.push(item),
  });
  closing.push(async () => {
    await writer.close();
    await store.close();
  });
  let rules: readonly AlertRule[] = [];
  const ends = new Map<string, () => void>();
  const registry = new Registry({
    analyzer: encoded(createAnalyzer({ model, clock: () => systemClock.now() }), new AnalysisStats()),
    limits: DEFAULT_LIMITS,
    clock: systemClock,
    rules: () => rules,
    taps: new Taps([storeTap(writer, description), recordings.tap], (error) => {
      throw error;
    }),
    onEnded: ({ runId }) => ends.get(runId)?.(),
  });
  return {
    store,
    recordings,
    open: (streamId, callId = streamId, given = RULES) => {
      rules = given;
      const start = { format: FORMAT, channels: CHANNELS, analysis: ANALYSIS, metadata: {} };
      return registry.open({ type: 'start', streamId, callId, ...start }, producer(), 'test');
    },
    ended: async (stream) => {
      if (!stream.hub.ended) await new Promise<void>((resolve) => ends.set(stream.runId, resolve));
      await recordings.close();
      await writer.flush(60_000);
    },
  };
}

/** A call with everything that can be in one. */
async function eventful(stream: LiveStream): Promise<void> {
  const bytes = babble(FORMAT, 8);
  const frame = bytesPerSampleFrame(FORMAT);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const second = 8_000 * frame;
  const send = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += 1_234) {
      stream.accept(bytes.subarray(at, Math.min(to, at + 1_234)));
      await turn();
    }
  };
  await send(0, 2 * second + 1);
  stream.mark('offer');
  await send(2 * second + 1, 3 * second);
  stream.gap(345.6);
  stream.announce('gap', 'The line was bad.');
  await send(3 * second, 4 * second);
  stream.replaceRules(LATER_RULES);
  stream.stretch(2);
  await send(4 * second, 6 * second);
  stream.stretch(1);
  // Another connection goes on, in the middle of a sample.
  stream.accept(bytes.subarray(6 * second, 6 * second + 1));
  stream.attach(producer());
  await send(6 * second, 8 * second);
  stream.accept(Uint8Array.of(1));
  stream.finish('stop');
}

const timeless = (events: readonly string[]): string[] =>
  events.map((event) => event.replace(/"latencyMs":[\d.]+/, '"latencyMs":0'));

async function done(store: Store, callId: string, analysisId: string): Promise<KeptAnalysis> {
  for (;;) {
    const kept = (await store.call(callId))?.analyses.find((one) => one.analysisId === analysisId);
    if (kept !== undefined && kept.state !== 'running') return kept;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const liveEvents = async (store: Store, callId: string, analysisId?: string): Promise<string[][]> =>
  (await store.timeline(callId, analysisId)).map(({ events }) => [...events]);
const windowsOf = (events: readonly string[]): WindowEvent[] =>
  events.map((text) => JSON.parse(text) as TimelineEvent).filter((event) => event.type === 'window');

describe('a recording analysed again', () => {
  it('with the same model says what was said live, to the byte but for the latency', async () => {
    const { store, recordings, open, ended } = await desk();
    const stream = open('s');
    await eventful(stream);
    await ended(stream);
    const reanalysis = openReanalysis({ recordings, store });
    closing.push(() => reanalysis.close());
    const begun = await reanalysis.analyseAgain('s', folder);
    expect(begun).toEqual({
      analysisId: expect.any(String),
      model: { name: 'test', version: '0.0.1', hash: model.hash, labels: model.manifest.labels },
      at: expect.any(String),
      state: 'running',
      agreement: null,
    });
    const kept = await done(store, 's', begun.analysisId);
    const [live = []] = await liveEvents(store, 's');
    const [again] = await liveEvents(store, 's', begun.analysisId);
    expect(again).toEqual(timeless(live));
    // It had everything in it.
    const types = new Set(live.map((text) => (JSON.parse(text) as TimelineEvent).type));
    expect([...types].sort()).toEqual(['alert', 'ended', 'mark', 'segment', 'status', 'turn', 'window']);
    for (const said of ['half-sample', 'overload', '"name":"offer"', 'rule-removed', '"rule":"long"']) {
      expect(live.some((text) => text.includes(said))).toBe(true);
    }
    const labelled = windowsOf(live).filter(({ label }) => label !== 'unknown').length;
    expect(labelled).toBeGreaterThan(0);
    expect(kept).toMatchObject({ state: 'done', agreement: 1 });
  });

  it('with another model says how often they agree, window by window', async () => {
    const { store, recordings, open, ended } = await desk();
    const [a, b] = [open('a', 'both'), open('b', 'both')];
    await Promise.all([eventful(a), eventful(b)]);
    await ended(a);
    await ended(b);
    const reanalysis = openReanalysis({ recordings, store });
    closing.push(() => reanalysis.close());
    const { analysisId, model: by } = await reanalysis.analyseAgain('both', other);
    expect(by.name).toBe('other');
    expect(by.hash).not.toBe(model.hash);
    const { agreement, state } = await done(store, 'both', analysisId);
    const live = await liveEvents(store, 'both');
    const again = await liveEvents(store, 'both', analysisId);
    expect([state, again.length]).toEqual(['done', 2]);
    let compared = 0;
    let agreed = 0;
    live.forEach((events, index) => {
      const windows = windowsOf(events);
      const others = windowsOf(again[index] ?? []);
      expect(others.map(({ channel, seq, endMs }) => [channel, seq, endMs])).toEqual(
        windows.map(({ channel, seq, endMs }) => [channel, seq, endMs]),
      );
      windows.forEach(({ label }, at) => {
        const second = others[at]?.label;
        if (label === 'unknown' || second === 'unknown') return;
        compared += 1;
        if (label === second) agreed += 1;
      });
    });
    expect(compared).toBeGreaterThan(10);
    expect(agreed).toBeLessThan(compared);
    expect(agreement).toBeCloseTo(agreed / compared, 10);
    expect((await store.timeline('both', analysisId))[0]?.stream.model).toEqual(by);
  });

  it('is one at a time', async () => {
    const { store, recordings, open, ended } = await desk();
    const stream = open('s');
    await eventful(stream);
    await ended(stream);
    const reanalysis = openReanalysis({ recordings, store });
    closing.push(() => reanalysis.close());
    const [first, second] = await Promise.allSettled([
      reanalysis.analyseAgain('s', folder),
      reanalysis.analyseAgain('s', folder),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'analysis-busy', retryable: true } });
    if (first.status === 'fulfilled') await done(store, 's', first.value.analysisId);
    const third = await reanalysis.analyseAgain('s', folder).catch((error: unknown) => error);
    // The store knows that it is done a moment before the next may begin.
    if (third instanceof Error) expect(third).toMatchObject({ code: 'analysis-busy' });
  });

  it('needs a recording and a model, and is free again where there is none', async () => {
    const { store, recordings, open, ended } = await desk();
    const stream = open('s');
    stream.accept(babble(FORMAT, 2));
    stream.finish('stop');
    await ended(stream);
    const reanalysis = openReanalysis({ recordings, store });
    closing.push(() => reanalysis.close());
    await expect(reanalysis.analyseAgain('none', folder)).rejects.toMatchObject({ code: 'recording-missing' });
    await expect(reanalysis.analyseAgain('s', `${folder}-not`)).rejects.toMatchObject({ code: 'model-missing' });
    expect((await store.call('s'))?.analyses).toEqual([]);
    const { analysisId } = await reanalysis.analyseAgain('s', folder);
    expect(await done(store, 's', analysisId)).toMatchObject({ state: 'done' });
    const [{ file } = { file: '' }] = await store.recordings('s');
    await recordings.erase([file]);
    await until(async () => {
      const error = await reanalysis.analyseAgain('s', folder).catch((thrown: unknown) => thrown);
      return (error as { code?: string }).code === 'recording-missing';
    });
  });

  it('that is damaged fails, and the call knows', async () => {
    const { store, recordings, open, ended } = await desk();
    const stream = open('s');
    stream.accept(babble(FORMAT, 4));
    stream.finish('stop');
    await ended(stream);
    const [{ file } = { file: '' }] = await store.recordings('s');
    const { path } = await recordings.index(file);
    const bytes = await readFile(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const logged: object[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (fields: object) => logged.push(fields) };
    const reanalysis = openReanalysis({ recordings, store, logger });
    closing.push(() => reanalysis.close());
    const { analysisId } = await reanalysis.analyseAgain('s', folder);
    expect(await done(store, 's', analysisId)).toMatchObject({ state: 'failed', agreement: null });
    expect(logged).toMatchObject([{ code: 'file-damaged' }]);
  });

  it('is given up at the end of the server, and where its call is erased', async () => {
    const { store, recordings, open, ended } = await desk();
    const stream = open('s');
    for (let second = 0; second < 60; second += 1) stream.accept(babble(FORMAT, 1));
    stream.finish('stop');
    await ended(stream);
    const first = openReanalysis({ recordings, store });
    const begun = await first.analyseAgain('s', folder);
    await first.close();
    expect(await done(store, 's', begun.analysisId)).toMatchObject({ state: 'failed' });
    await expect(first.analyseAgain('s', folder)).rejects.toMatchObject({ code: 'shutting-down' });
    const logged: object[] = [];
    const logger = {
      debug() {},
      info() {},
      warn: (fields: object) => logged.push(fields),
      error: (fields: object) => logged.push(fields),
    };
    const second = openReanalysis({ recordings, store, logger });
    await second.analyseAgain('s', folder);
    second.forget(['another']);
    second.forget(['s']);
    await store.eraseCall('s', 'Ada');
    await second.close();
    expect(await store.call('s')).toBeUndefined();
    expect(logged).toEqual([]);
  });

  it('of a stream that goes on is what there is of it so far', async () => {
    const { store, recordings, open } = await desk();
    const stream = open('s');
    stream.accept(babble(FORMAT, 8));
    await until(async () => (await store.recordings('s')).length === 1);
    const reanalysis = openReanalysis({ recordings, store });
    closing.push(() => reanalysis.close());
    await until(() =>
      recordings.index(`${stream.runId}.utr`).then(
        ({ index }) => index.samples > 0,
        () => false,
      ),
    );
    const { analysisId } = await reanalysis.analyseAgain('s', folder);
    expect(await done(store, 's', analysisId)).toMatchObject({ state: 'done', agreement: 1 });
    const [again = []] = await liveEvents(store, 's', analysisId);
    expect(again.at(-1)).toContain('"reason":"disconnect"');
    stream.finish('stop');
    await recordings.close();
  });
});

describe('a recording analysed again in a thread', () => {
  // Threads run JavaScript: this is the built package, which `npm test` builds first.
  const built = (path: string): string => new URL(`../../../dist/${path}`, import.meta.url).href;

  it('says the same, and its thread is gone afterwards', async () => {
    const { store, recordings, open, ended } = await desk();
    const stream = open('s');
    await eventful(stream);
    await ended(stream);
    const rooms = (await import(
      built('server/recordings/index.js')
    )) as typeof import('../../../src/server/recordings/index.ts');
    const workers: { readonly threadId: number }[] = [];
    const onWorker = (worker: { readonly threadId: number }): void => void workers.push(worker);
    process.on('worker', onWorker);
    const reanalysis = rooms.openReanalysis({ recordings, store });
    const { analysisId } = await reanalysis.analyseAgain('s', folder);
    expect(await done(store, 's', analysisId)).toMatchObject({ state: 'done', agreement: 1 });
    const [live = []] = await liveEvents(store, 's');
    expect((await liveEvents(store, 's', analysisId))[0]).toEqual(timeless(live));
    await until(async () => workers.every(({ threadId }) => threadId === -1));
    expect(workers).toHaveLength(1);
    await expect(reanalysis.analyseAgain('s', `${folder}-not`)).rejects.toMatchObject({ code: 'model-missing' });
    const begun = await reanalysis.analyseAgain('s', folder);
    await reanalysis.close();
    expect((await done(store, 's', begun.analysisId)).state).not.toBe('running');
    process.off('worker', onWorker);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
