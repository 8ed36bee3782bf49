import { encodeSamples, HopFramer, readMono16k, SampleDecoder, StreamingResampler } from '../../audio/index.ts';
import { DescriptorExtractor, featureSet, WindowState } from '../../features/index.ts';
import { loadModel, type WindowModel } from '../../inference/index.ts';
import { encodeEvent, type TimelineEvent } from '../../protocol/index.ts';
import { createAnalyzer } from '../../streams/index.ts';
import { BATCH, modelCalls } from './model-calls.ts';
import type { Row } from './report.ts';
import { framesOf } from './speech.ts';
import { median, medianCosts } from './statistics.ts';

const FORMAT = { encoding: 'mulaw', sampleRateHz: 8_000, channels: 1 } as const;
const STEPS_MS = [100, 250, 500, 1_000];
const WINDOWS_MS = [1_000, 3_000, 10_000];
const SECONDS = 30;
const ROUNDS = 7;
const PACKET_BYTES = 160;

/** CPU of this process, ms: what else runs on the machine does not count, though it slows the caches. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** What a second of one leg's audio costs in process: by stage, by step and window; and how fast a recording goes. */
export async function benchPipeline(modelFolder: string, audio: string): Promise<readonly Row[]> {
  const model = await loadModel(modelFolder);
  try {
    const samples = repeated(await readMono16k(audio), SECONDS * 16_000);
    const narrow = new StreamingResampler(16_000, 8_000).push(samples).slice();
    const bytes = encodeSamples(FORMAT, [narrow]);
    const stages = stageCosts(model, samples, narrow, bytes);
    const cells = gridCosts(model, bytes);
    return [...stages, ...cells];
  } finally {
    model.dispose();
  }
}

function repeated(samples: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => samples[index % samples.length]!);
}

function stageCosts(
  model: WindowModel,
  samples: Float32Array,
  narrow: Float32Array,
  bytes: Uint8Array,
): readonly Row[] {
  const { stepMs, windowMs } = model.manifest.analysis;
  const windows = 1_000 / stepMs;
  const frames = framesOf(samples, SECONDS);
  const extractor = new DescriptorExtractor();
  const row = new Float32Array(extractor.rowLength);
  const rows = frames.map((frame) => {
    extractor.describe(frame, row);
    return row.slice();
  });
  const decoder = new SampleDecoder(FORMAT);
  const resampler = new StreamingResampler(8_000);
  const framer = new HopFramer();
  const state = new WindowState(windowMs / 10);
  const features = new Float32Array(featureSet.length);
  for (const each of rows.slice(0, windowMs / 10)) state.push(each);
  state.functionals(features);
  const event = aWindow(model, bytes);
  const packets = bytes.length / PACKET_BYTES;
  const packet = (index: number): Uint8Array => {
    const at = (index % packets) * PACKET_BYTES;
    return bytes.subarray(at, at + PACKET_BYTES);
  };
  const times = medianCosts({
    decode: (index) => void decoder.push(packet(index)),
    resample: (index) => void resampler.push(narrow.subarray((index % packets) * 160, (index % packets) * 160 + 160)),
    frame: (index) => framer.push(samples.subarray((index % packets) * 320, (index % packets) * 320 + 320), () => {}),
    hop: (index) => extractor.describe(frames[index % frames.length]!, row),
    push: (index) => state.push(rows[index % rows.length]!),
    functionals: () => state.functionals(features),
    encode: () => void encodeEvent(event),
  });
  const calls = modelCalls(model, features, rows);
  const model1 = medianCosts({ one: () => calls.one(), many: () => calls.many() }, { rounds: 101, calls: 5 });
  const stage = (key: string, name: string, us: number): Row => ({
    key,
    name: `  ${name}`,
    value: us / 1000,
    unit: 'ms',
  });
  return [
    {
      key: 'stages',
      name: `a second of 8 kHz μ-law, step ${stepMs} ms, window ${windowMs / 1000} s, by stage`,
      value: '',
      unit: '',
    },
    stage('decodeMs', 'decode', 50 * times.decode),
    stage('resampleMs', 'resample', 50 * times.resample),
    stage('frameMs', 'cut into frames', 50 * times.frame),
    stage('describeMs', 'describe 100 hops', 100 * times.hop),
    stage('pushMs', 'put them into the window', 100 * times.push),
    stage('functionalsMs', `functionals of ${windows} windows`, windows * times.functionals),
    stage('modelMs', `model, in batches of ${BATCH}`, (windows * model1.many) / BATCH),
    stage('modelAloneMs', '… one window at a time', windows * model1.one),
    stage('encodeMs', 'encode their events', windows * times.encode),
    { key: 'hopUs', name: 'a hop, all descriptors', value: times.hop, unit: 'µs' },
  ];
}

function aWindow(model: WindowModel, bytes: Uint8Array): TimelineEvent {
  let found: TimelineEvent | undefined;
  const stream = open(model, model.manifest.analysis);
  stream.events.subscribe((event) => {
    if (event.type === 'window') found = event;
  });
  stream.push(bytes);
  stream.stop('stop');
  if (found === undefined) throw new Error('The recording is too short for a window.');
  return found;
}

function open(model: WindowModel, { windowMs, stepMs }: { readonly windowMs: number; readonly stepMs: number }) {
  // Windows are classified in batches across time.
  return createAnalyzer({ model, schedule: () => {} }).open({
    streamId: 'bench',
    callId: 'bench',
    format: FORMAT,
    channels: [{ name: 'mixed', role: 'unknown' }],
    analysis: { windowMs, stepMs, descriptors: [] },
  });
}

/** CPU of a second of audio in packets of 20 ms, its events not encoded, ms. */
function analyse(model: WindowModel, bytes: Uint8Array, windowMs: number, stepMs: number): number {
  const began = cpuMs();
  const stream = open(model, { windowMs, stepMs });
  stream.events.subscribe();
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) stream.push(bytes.subarray(at, at + PACKET_BYTES));
  stream.stop('stop');
  return (cpuMs() - began) / SECONDS;
}

function gridCosts(model: WindowModel, bytes: Uint8Array): readonly Row[] {
  const { analysis } = model.manifest;
  const cells = WINDOWS_MS.flatMap((windowMs) =>
    STEPS_MS.map((stepMs) => ({ windowMs, stepMs, times: [] as number[] })),
  );
  const usual = { ...analysis, times: [] as number[] };
  const all = [...cells, usual];
  for (const cell of all) analyse(model, bytes, cell.windowMs, cell.stepMs);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const cell of all) cell.times.push(analyse(model, bytes, cell.windowMs, cell.stepMs));
  }
  const costs = cells.map(({ windowMs, stepMs, times }) => ({ windowMs, stepMs, ms: median(times) }));
  const ofWindow = (windowMs: number) => costs.filter((cost) => cost.windowMs === windowMs).map(({ ms }) => ms);
  const total = (values: readonly number[]): number => values.reduce((sum, ms) => sum + ms, 0);
  const oneMore = WINDOWS_MS.map((windowMs) => {
    const [shortest = 0] = ofWindow(windowMs);
    const longest = ofWindow(windowMs).at(-1) ?? 0;
    return ((shortest - longest) / (1_000 / STEPS_MS[0]! - 1_000 / STEPS_MS.at(-1)!)) * 1_000;
  });
  const secondMs = median(usual.times);
  const moreUs = median(oneMore);
  const longOverShort = total(ofWindow(10_000)) / total(ofWindow(1_000));
  return [
    {
      key: 'secondMs',
      name: `a second of audio, step ${analysis.stepMs} ms, window ${analysis.windowMs / 1000} s, in process`,
      value: secondMs,
      unit: 'ms CPU',
    },
    ...costs.map(({ windowMs, stepMs, ms }) => ({
      key: `window${windowMs}Step${stepMs}Ms`,
      name: `  window ${windowMs / 1000} s, step ${stepMs} ms`,
      value: ms,
      unit: 'ms CPU',
    })),
    { key: 'oneMoreWindowUs', name: 'one more window (steps of 100 against 1000 ms)', value: moreUs, unit: 'µs CPU' },
    {
      key: 'realTimeFactor',
      name: 'one leg, as fast as it goes, one core',
      value: 1_000 / secondMs,
      unit: '× real time',
    },
    {
      key: 'longOverShort',
      name: 'ratio: window of 10 s / window of 1 s, all steps',
      value: longOverShort,
      unit: '',
      ratio: true,
    },
    {
      key: 'moreOverSecond',
      name: 'ratio: one more window / a second of audio',
      value: moreUs / 1_000 / secondMs,
      unit: '',
      ratio: true,
    },
  ];
}
