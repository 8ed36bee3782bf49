/**
 * Measures the speech detector: (1) windows of recordings without speech that are called so, and (2) windows wholly
 * inside speech that are not, on the speakers left out of its training.
 *
 *   npx esbuild scripts/measure-speech.ts --bundle --platform=node --format=esm --packages=external --outfile=dist/measure-speech.mjs
 *   node dist/measure-speech.mjs --corpus ravdess=DIR … --noise PATH … --office FILE [--min-ratio 0.15] [--sweep]
 *
 * Windows are 3 s, one every 0.5 s, the first ones shorter, as in a stream. A window is speech when at least
 * `--min-ratio` of its hops are. `--office` is the noise of the noisy conditions of (2), at 10 dB. `--call` adds recorded
 * calls, all of their windows, for the share that counts as speech.
 */
import { parseArgs } from 'node:util';
import { HopFramer } from '../src/audio/index.ts';
import { DescriptorExtractor, descriptorIndex, SpeechDetector, WindowState } from '../src/features/index.ts';
import { corpusSource } from '../src/training/clips.ts';
import { Random } from '../src/training/random.ts';
import { speechActivity } from '../src/training/speech-activity.ts';
import { recordingsAt, speechBySpeaker, speechClips } from '../src/training/speech-recordings.ts';
import { overTelephone } from '../src/training/speech-scenes.ts';
import { SYNTHETIC_KINDS, synthesize } from '../src/training/speech-synthesis.ts';

const RATE_HZ = 16_000;
const WINDOW_HOPS = 300;
const STEP_HOPS = 50;
const SILENCE_DB = -60;
const SPEECH = descriptorIndex('speech');

const { values } = parseArgs({
  options: {
    corpus: { type: 'string', multiple: true, default: [] },
    noise: { type: 'string', multiple: true, default: [] },
    call: { type: 'string', multiple: true, default: [] },
    office: { type: 'string' },
    'min-ratio': { type: 'string', default: '0.15' },
    'clips-per-speaker': { type: 'string', default: '40' },
    sweep: { type: 'boolean', default: false },
  },
});
const RATIOS = values.sweep ? [0.05, 0.1, 0.15, 0.2, 0.25, 0.3] : [Number(values['min-ratio'])];

interface Window {
  readonly endHop: number;
  readonly hops: number;
  readonly speechRatio: number;
  readonly levelDb: number;
}

/** The windows of a stream, and the detector's decision for each hop. */
function analyse(samples: Float32Array): { readonly windows: readonly Window[]; readonly speech: Uint8Array } {
  const extractor = new DescriptorExtractor();
  const detector = new SpeechDetector();
  const state = new WindowState(WINDOW_HOPS);
  const row = new Float32Array(extractor.rowLength);
  const windows: Window[] = [];
  const speech: number[] = [];
  new HopFramer().push(samples, (frame) => {
    extractor.describe(frame, row);
    row[SPEECH] = detector.update(row);
    state.push(row);
    speech.push(row[SPEECH] >= 0.5 ? 1 : 0);
    if (speech.length % STEP_HOPS !== 0) return;
    windows.push({
      endHop: speech.length,
      hops: state.hops,
      speechRatio: state.speechRatio,
      levelDb: state.meanLevelDb,
    });
  });
  return { windows, speech: Uint8Array.from(speech) };
}

const percent = (share: number): string => (Number.isNaN(share) ? '    –' : (100 * share).toFixed(1).padStart(5));
const share = (windows: readonly Window[], keep: (window: Window) => boolean): number =>
  windows.filter(keep).length / windows.length;
const header = (what: string): void =>
  console.log(`\n${what.padEnd(52)} windows ${RATIOS.map((ratio) => `≥${ratio.toFixed(2)}`.padStart(7)).join('')}`);
const line = (name: string, windows: readonly Window[], wanted: (window: Window, ratio: number) => boolean): void =>
  console.log(
    `${name.slice(-52).padEnd(52)} ${String(windows.length).padStart(7)} ${RATIOS.map((ratio) =>
      percent(share(windows, (window) => wanted(window, ratio))).padStart(7),
    ).join('')}`,
  );

const isQuiet = (window: Window, ratio: number): boolean => window.speechRatio < ratio;
const isSpeech = (window: Window, ratio: number): boolean => window.speechRatio >= ratio;

function measureNoise(name: string, samples: Float32Array, all: Window[]): void {
  const { windows } = analyse(samples);
  line(name, windows, isQuiet);
  all.push(...windows);
}

const random = new Random('measure speech');
const madeSounds: readonly (readonly [string, Float32Array])[] = [
  ['digital silence, 10 s', new Float32Array(10 * RATE_HZ)],
  [
    '1 kHz, −20 dB',
    Float32Array.from({ length: 10 * RATE_HZ }, (_, i) => 0.14 * Math.sin((2 * Math.PI * 1000 * i) / RATE_HZ)),
  ],
  [
    '200 Hz, −20 dB',
    Float32Array.from({ length: 10 * RATE_HZ }, (_, i) => 0.14 * Math.sin((2 * Math.PI * 200 * i) / RATE_HZ)),
  ],
  ...SYNTHETIC_KINDS.flatMap((kind) =>
    Array.from(
      { length: kind === 'music' || kind === 'tones' ? 12 : 4 },
      (_, index) => [`${kind} ${index + 1}, synthetic`, synthesize(kind, 15, random)] as const,
    ),
  ),
];

if (values.noise.length > 0) {
  header('(1) without speech: % called silence or noise, below a ratio of');
  const recorded: Window[] = [];
  for (const { path, samples } of await recordingsAt(values.noise)) measureNoise(path, samples, recorded);
  line('RECORDED', recorded, isQuiet);
  const telephone: Window[] = [];
  for (const { samples } of await recordingsAt(values.noise))
    telephone.push(...analyse(overTelephone(samples)).windows);
  line('RECORDED, 8 kHz μ-law', telephone, isQuiet);
  line(
    '  of the recorded, called silence',
    recorded,
    (window, ratio) => isQuiet(window, ratio) && window.levelDb < SILENCE_DB,
  );
  const made: Window[] = [];
  for (const [name, samples] of madeSounds) measureNoise(name, samples, made);
  line('MADE', made, isQuiet);
}

interface Joined {
  readonly samples: Float32Array;
  /** 1: inside a clip, between its first and last active hop. */
  readonly inside: Uint8Array;
  readonly activity: Uint8Array;
}

/** Clips one after another without pauses until 8 s, then 4 s of pause, and again. */
function joinClips(clips: readonly Float32Array[]): Joined {
  const parts: { samples: Float32Array; inside: number }[] = [{ samples: new Float32Array(2 * RATE_HZ), inside: 0 }];
  let run = 0;
  for (const clip of clips) {
    const active = speechActivity(clip);
    const trimmed = clip.subarray(active.indexOf(1) * 160, (active.lastIndexOf(1) + 1) * 160);
    parts.push({ samples: trimmed, inside: 1 });
    run += trimmed.length / RATE_HZ;
    if (run < 8) continue;
    parts.push({ samples: new Float32Array(4 * RATE_HZ), inside: 0 });
    run = 0;
  }
  const length = parts.reduce((sum, part) => sum + part.samples.length, 0);
  const samples = new Float32Array(length);
  const inside = new Uint8Array(length / 160);
  let at = 0;
  const activity: number[] = [];
  for (const part of parts) {
    samples.set(part.samples, at);
    inside.fill(part.inside, at / 160, (at + part.samples.length) / 160);
    activity.push(...(part.inside ? speechActivity(part.samples) : new Uint8Array(part.samples.length / 160)));
    at += part.samples.length;
  }
  return { samples, inside, activity: Uint8Array.from(activity) };
}

function withNoise({ samples, inside }: Joined, noise: Float32Array, ratioDb: number): Float32Array {
  let speechPower = 0;
  let speechSamples = 0;
  samples.forEach((x, i) => {
    if (!inside[Math.floor(i / 160)]) return;
    speechPower += x * x;
    speechSamples++;
  });
  const noisePower = noise.reduce((sum, x) => sum + x * x, 0) / noise.length;
  const gain = Math.sqrt(speechPower / speechSamples / noisePower / 10 ** (ratioDb / 10));
  return samples.map((x, i) => x + gain * noise[i % noise.length]!);
}


if (values.corpus.length > 0) {
  header('(2) wholly inside speech: % with neither reason, from a ratio of');
  const office = values.office === undefined ? undefined : (await recordingsAt([values.office]))[0]!.samples;
  const speakers = await speechBySpeaker(
    speechClips(values.corpus.map(corpusSource), true),
    Number(values['clips-per-speaker']),
  );
  const conditions: readonly (readonly [string, (joined: Joined) => Float32Array])[] = [
    ['clean', ({ samples }) => samples],
    ['clean, −30 dB', ({ samples }) => samples.map((x) => Math.round(32768 * x * 0.0316) / 32768)],
    ['8 kHz μ-law', ({ samples }) => overTelephone(samples)],
    ...(office === undefined
      ? []
      : ([
          ['office 10 dB', (joined) => withNoise(joined, office, 10)],
          ['office 10 dB, 8 kHz μ-law', (joined) => overTelephone(withNoise(joined, office, 10))],
        ] as const satisfies readonly (readonly [string, (joined: Joined) => Float32Array])[])),
  ];
  const runs = speakers.map(({ speaker, clips }) => ({
    speaker,
    joined: joinClips(clips.map(({ samples }) => samples)),
  }));
  for (const [name, change] of conditions) {
    const byCorpus = new Map<string, Window[]>();
    const pauses: Window[] = [];
    let right = 0;
    let missed = 0;
    let speechHops = 0;
    let falseHops = 0;
    let quietHops = 0;
    for (const { speaker, joined } of runs) {
      const { windows, speech } = analyse(change(joined));
      const corpus = speaker.split('/')[0]!;
      const within = windows.filter(({ endHop, hops }) =>
        joined.inside.subarray(endHop - hops, endHop).every((value) => value === 1),
      );
      byCorpus.set(corpus, [...(byCorpus.get(corpus) ?? []), ...within]);
      pauses.push(
        ...windows.filter(({ endHop, hops }) =>
          joined.inside.subarray(endHop - hops, endHop).every((value) => value === 0),
        ),
      );
      speech.forEach((value, hop) => {
        const truth = joined.activity[hop];
        if (truth === 1) {
          speechHops++;
          if (value === 0) missed++;
        } else if (truth === 0) {
          quietHops++;
          if (value === 1) falseHops++;
        }
        if (truth === value) right++;
      });
    }
    for (const [corpus, windows] of byCorpus) line(`${name}, ${corpus}`, windows, isSpeech);
    line(`${name.toUpperCase()}`, [...byCorpus.values()].flat(), isSpeech);
    line('  wholly inside pauses: silence or noise', pauses, isQuiet);
    console.log(
      `  hops: ${percent(missed / speechHops)} % of speech missed, ${percent(falseHops / quietHops)} % of the rest taken for speech (${right} right)`,
    );
  }
}

if (values.call.length > 0) {
  header('recorded calls: % of all windows that count as speech');
  for (const { path, samples } of await recordingsAt(values.call)) line(path, analyse(samples).windows, isSpeech);
}
