/**
 * Measures the speech detector as the extractor runs it: (1) windows of recordings without speech that are called so,
 * and (2) windows wholly inside speech that are not, on the speakers left out of its training.
 *
 *   npx esbuild scripts/measure-speech.ts --bundle --platform=node --format=esm --packages=external --outfile=dist/measure-speech.mjs
 *   node dist/measure-speech.mjs --corpus ravdess=DIR … --noise PATH … --office FILE [--call FILE …] [--ratio 0.2 --ratio 0.3 …]
 *
 * Windows are 3 s, one every 0.5 s, the first ones shorter, as in a stream. A window counts as speech when at least
 * `--ratio` of its hops do; several ratios give several columns. `--office` is the noise of the noisy conditions of (2),
 * at 10 dB below the speech. `--model` adds what the whole pipeline says of the same windows: how many are `unknown` for
 * silence or noise, and the coverage, the share that has a label. `--call` adds recorded calls, for the share of their windows that count as speech.
 */
import { parseArgs } from 'node:util';
import { encodeSamples, HOP_SAMPLES, HopFramer, ANALYSIS_RATE_HZ as RATE_HZ } from '../src/audio/index.ts';
import { DescriptorExtractor, descriptorIndex, SPEECH_THRESHOLD, WindowState } from '../src/features/index.ts';
import { loadModel } from '../src/inference/index.ts';
import type { WindowEvent } from '../src/protocol/index.ts';
import { createAnalyzer } from '../src/streams/index.ts';
import { corpusSource } from '../src/training/clips.ts';
import { Random } from '../src/training/random.ts';
import { speechActivity } from '../src/training/speech-activity.ts';
import { type Recording, recordingsAt, speechBySpeaker, speechClips } from '../src/training/speech-recordings.ts';
import { overTelephone } from '../src/training/speech-scenes.ts';
import { SYNTHETIC_KINDS, synthesize } from '../src/training/speech-synthesis.ts';

const WINDOW_HOPS = 300;
const STEP_HOPS = 50;
const SPEECH = descriptorIndex('speech');
/** Clips follow each other without a pause until a run is this long; the pauses between runs. */
const RUN_S = 8;
const PAUSE_S = 4;

const { values } = parseArgs({
  options: {
    corpus: { type: 'string', multiple: true, default: [] },
    noise: { type: 'string', multiple: true, default: [] },
    call: { type: 'string', multiple: true, default: [] },
    office: { type: 'string' },
    model: { type: 'string' },
    ratio: { type: 'string', multiple: true, default: ['0.2'] },
    'clips-per-speaker': { type: 'string', default: '40' },
  },
});
const ratios = values.ratio.map(Number);
const model = values.model === undefined ? undefined : await loadModel(values.model);

interface Window {
  readonly startHop: number;
  readonly endHop: number;
  readonly speechRatio: number;
}

interface Analysis {
  readonly windows: readonly Window[];
  /** Per hop, 1 or 0. */
  readonly speech: Uint8Array;
}

function analyse(samples: Float32Array): Analysis {
  const extractor = new DescriptorExtractor();
  const state = new WindowState(WINDOW_HOPS);
  const row = new Float32Array(extractor.rowLength);
  const windows: Window[] = [];
  const speech: number[] = [];
  new HopFramer().push(samples, (frame) => {
    extractor.describe(frame, row);
    state.push(row);
    speech.push(row[SPEECH]! >= SPEECH_THRESHOLD ? 1 : 0);
    const endHop = speech.length;
    if (endHop % STEP_HOPS === 0) {
      windows.push({ startHop: endHop - state.hops, endHop, speechRatio: state.speechRatio });
    }
  });
  return { windows, speech: Uint8Array.from(speech) };
}

/** The windows of the whole pipeline, or none where no model was given. */
function hear(samples: Float32Array): WindowEvent[] {
  if (model === undefined) return [];
  const format = { encoding: 'pcm_f32le', sampleRateHz: RATE_HZ, channels: 1 } as const;
  const stream = createAnalyzer({ model, schedule: () => {} }).open({
    streamId: 'measured',
    callId: 'measured',
    format,
    channels: [{ name: 'mixed', role: 'unknown' }],
    analysis: { windowMs: WINDOW_HOPS * 10, stepMs: STEP_HOPS * 10, descriptors: [] },
  });
  const windows: WindowEvent[] = [];
  stream.events.subscribe((event) => event.type === 'window' && windows.push(event));
  stream.push(encodeSamples(format, [samples]));
  stream.stop('stop');
  return windows;
}

const isQuiet = ({ reason }: WindowEvent): boolean => reason === 'silence' || reason === 'noise';

function printHeard(windows: readonly WindowEvent[]): void {
  if (model === undefined) return;
  const share = (count: number): string => `${((100 * count) / windows.length).toFixed(1)} %`;
  const quiet = windows.filter(isQuiet).length;
  const labelled = windows.filter(({ label }) => label !== 'unknown').length;
  console.log(
    `  pipeline: silence or noise ${share(quiet)}, neither ${share(windows.length - quiet)}, coverage ${share(labelled)}`,
  );
}

const NAME_WIDTH = 52;

function printHeader(what: string): void {
  console.log(`\n${what.padEnd(NAME_WIDTH)} windows ${ratios.map((ratio) => ratio.toFixed(2).padStart(7)).join('')}`);
}

/** Percent of the windows that are speech, or are not, at each ratio. */
function printLine(name: string, windows: readonly Window[], wanted: 'speech' | 'quiet'): void {
  const shares = ratios.map((ratio) => {
    const speech = windows.filter(({ speechRatio }) => speechRatio >= ratio).length / windows.length;
    return (100 * (wanted === 'speech' ? speech : 1 - speech)).toFixed(1).padStart(7);
  });
  console.log(`${name.slice(-NAME_WIDTH).padEnd(NAME_WIDTH)} ${String(windows.length).padStart(7)} ${shares.join('')}`);
}

function sine(hz: number): Float32Array {
  return Float32Array.from({ length: 10 * RATE_HZ }, (_, i) => 0.14 * Math.sin((2 * Math.PI * hz * i) / RATE_HZ));
}

function synthetics(): Recording[] {
  const random = new Random('measure speech');
  const counts = { music: 12, tones: 12, hiss: 4, hum: 4, clicks: 4 };
  return [
    { path: 'digital silence', samples: new Float32Array(10 * RATE_HZ) },
    { path: '1 kHz', samples: sine(1000) },
    { path: '200 Hz', samples: sine(200) },
    ...SYNTHETIC_KINDS.flatMap((kind) =>
      Array.from({ length: counts[kind] }, (_, index) => ({
        path: `synthetic ${kind} ${index + 1}`,
        samples: synthesize(kind, 15, random),
      })),
    ),
  ];
}

async function measureQuiet(): Promise<void> {
  printHeader('(1) without speech: % silence or noise, ratio below');
  const recordings = await recordingsAt(values.noise);
  const all: Window[] = [];
  for (const { path, samples } of recordings) {
    const { windows } = analyse(samples);
    printLine(path, windows, 'quiet');
    all.push(...windows);
  }
  printLine('RECORDED', all, 'quiet');
  printHeard(recordings.flatMap(({ samples }) => hear(samples)));
  for (const [name, gain] of [['20 dB softer', 0.1] as const, ['10 dB louder', 3.16] as const]) {
    const changed = recordings.map(({ samples }) => samples.map((x) => Math.max(-1, Math.min(1, gain * x))));
    printLine(
      `RECORDED, ${name}`,
      changed.flatMap((samples) => analyse(samples).windows),
      'quiet',
    );
  }
  const narrow = recordings.flatMap(({ samples }) => analyse(overTelephone(samples)).windows);
  printLine('RECORDED, 8 kHz μ-law', narrow, 'quiet');
  const made: Window[] = [];
  for (const { path, samples } of synthetics()) {
    const { windows } = analyse(samples);
    printLine(path, windows, 'quiet');
    made.push(...windows);
  }
  printLine('SYNTHETIC', made, 'quiet');
}

/** Clips joined: which hops lie inside a run of clips, and which of those hold speech. */
interface Joined {
  readonly corpus: string;
  readonly samples: Float32Array;
  readonly inside: Uint8Array;
  readonly activity: Uint8Array;
}

function joinClips(speaker: string, clips: readonly Recording[]): Joined {
  const parts: { samples: Float32Array; inside: 0 | 1 }[] = [];
  const pause = (): void => void parts.push({ samples: new Float32Array(PAUSE_S * RATE_HZ), inside: 0 });
  pause();
  let runS = 0;
  for (const { samples } of clips) {
    const active = speechActivity(samples);
    const spoken = samples.subarray(active.indexOf(1) * HOP_SAMPLES, (active.lastIndexOf(1) + 1) * HOP_SAMPLES);
    parts.push({ samples: spoken, inside: 1 });
    runS += spoken.length / RATE_HZ;
    if (runS < RUN_S) continue;
    pause();
    runS = 0;
  }
  const hops = (samples: Float32Array): number => samples.length / HOP_SAMPLES;
  return {
    corpus: speaker.split('/')[0]!,
    samples: Float32Array.from(parts.flatMap(({ samples }) => [...samples])),
    inside: Uint8Array.from(parts.flatMap(({ samples, inside }) => new Array<number>(hops(samples)).fill(inside))),
    activity: Uint8Array.from(
      parts.flatMap(({ samples, inside }) => [...(inside ? speechActivity(samples) : new Uint8Array(hops(samples)))]),
    ),
  };
}

function inNoise({ samples, inside }: Joined, noise: Float32Array, ratioDb: number): Float32Array {
  const spoken = samples.filter((_, i) => inside[Math.floor(i / HOP_SAMPLES)] === 1);
  const power = (signal: Float32Array): number => signal.reduce((sum, x) => sum + x * x, 0) / signal.length;
  const gain = Math.sqrt(power(spoken) / power(noise) / 10 ** (ratioDb / 10));
  return samples.map((x, i) => Math.max(-1, Math.min(1, x + gain * noise[i % noise.length]!)));
}

type Change = readonly [name: string, change: (joined: Joined) => Float32Array];

async function conditions(): Promise<Change[]> {
  const clean: Change[] = [
    ['clean', ({ samples }) => samples],
    ['clean, 30 dB softer', ({ samples }) => samples.map((x) => Math.round(32_768 * 0.0316 * x) / 32_768)],
    ['8 kHz μ-law', ({ samples }) => overTelephone(samples)],
  ];
  const [office] = values.office === undefined ? [] : await recordingsAt([values.office]);
  if (office === undefined) return clean;
  return [
    ...clean,
    ['office 10 dB', (joined) => inNoise(joined, office.samples, 10)],
    ['office 10 dB, 8 kHz μ-law', (joined) => overTelephone(inNoise(joined, office.samples, 10))],
  ];
}

async function measureSpeech(): Promise<void> {
  printHeader('(2) wholly inside speech: % with neither, ratio from');
  const clips = speechClips(values.corpus.map(corpusSource), true);
  const speakers = await speechBySpeaker(clips, Number(values['clips-per-speaker']));
  const all = speakers.map(({ speaker, clips }) => joinClips(speaker, clips));
  for (const [name, change] of await conditions()) {
    const analysed = all.map((joined) => ({ joined, ...analyse(change(joined)) }));
    const windowsWhere = (corpus: string | undefined, value: 0 | 1): Window[] =>
      analysed
        .filter(({ joined }) => corpus === undefined || joined.corpus === corpus)
        .flatMap(({ joined, windows }) =>
          windows.filter(({ startHop, endHop }) =>
            joined.inside.subarray(startHop, endHop).every((at) => at === value),
          ),
        );
    for (const corpus of new Set(all.map((joined) => joined.corpus))) {
      printLine(`${name}: ${corpus}`, windowsWhere(corpus, 1), 'speech');
    }
    printLine(name.toUpperCase(), windowsWhere(undefined, 1), 'speech');
    printLine('  wholly inside pauses, silence or noise', windowsWhere(undefined, 0), 'quiet');
    printHeard(
      all.flatMap((joined) =>
        hear(change(joined)).filter(({ startMs, endMs }) =>
          joined.inside.subarray(startMs / 10, endMs / 10).every((at) => at === 1),
        ),
      ),
    );
    printHops(analysed);
  }
}

function printHops(analysed: readonly { readonly joined: Joined; readonly speech: Uint8Array }[]): void {
  const count = (truth: number, heard: number): number =>
    analysed.reduce(
      (sum, { joined, speech }) =>
        sum + speech.filter((value, hop) => joined.activity[hop] === truth && value === heard).length,
      0,
    );
  const share = (truth: number, wrong: number): string =>
    ((100 * count(truth, wrong)) / (count(truth, 0) + count(truth, 1))).toFixed(1);
  console.log(`  hops: ${share(1, 0)} % of speech missed, ${share(0, 1)} % of the rest taken for speech`);
}

if (values.noise.length > 0) await measureQuiet();
if (values.corpus.length > 0) await measureSpeech();
if (values.call.length > 0) {
  printHeader('recorded calls: % of windows that are speech, from');
  for (const { path, samples } of await recordingsAt(values.call)) printLine(path, analyse(samples).windows, 'speech');
}
