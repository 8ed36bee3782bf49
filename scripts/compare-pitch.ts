/**
 * F0 and voicing of the pitch tracker against Praat's `To Pitch (ac)`, at the centres of our frames.
 *
 *   npx esbuild scripts/compare-pitch.ts --bundle --platform=node --format=esm --outfile=.cache/compare-pitch.mjs
 *   node .cache/compare-pitch.mjs [--sample 100] [--seed 1] [--noise FILE --snr-db 10] PATH…
 *
 * Every PATH, a recording or a folder, is one set and gives one line; of a folder, `--sample` files are drawn evenly
 * over its subfolders. Every channel is compared on its own, at 16 kHz. With `--noise`, the tracker hears the
 * recording with the noise at that ratio to its power, and Praat hears it clean. Needs ffmpeg and praat on the PATH,
 * and runs from the root of the repository.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type PitchResult, PitchTracker } from '../src/features/pitch.ts';
import { PITCH_FRAME } from '../src/features/pitch-candidates.ts';
import { writeFloatWav } from './pitch-wav.ts';

const RATE_HZ = 16_000;
const HOP = 160;
const AUDIO = /\.(wav|flac|ogg|opus|mp3)$/i;

interface Track {
  readonly times: readonly number[];
  readonly f0: readonly number[];
}

interface Tally {
  hops: number;
  voicingAgrees: number;
  ourVoiced: number;
  praatVoiced: number;
  both: number;
  within2: number;
  over20: number;
  micros: number;
}

/** A small seeded generator (mulberry32), numbers from 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function filesUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) =>
      statSync(join(path, name)).isDirectory() || AUDIO.test(name) ? filesUnder(join(path, name)) : [],
    );
}

/** `count` files of a folder, dealt evenly over its subfolders. */
function draw(path: string, count: number, seed: number): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const random = seeded(seed);
  const folders = new Map<string, string[]>();
  for (const file of filesUnder(path)) folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file]);
  const decks = [...folders.values()].map((files) =>
    files.map((file) => ({ file, key: random() })).sort((a, b) => a.key - b.key),
  );
  const drawn: string[] = [];
  for (let round = 0; drawn.length < count && decks.some((deck) => round < deck.length); round++) {
    for (const deck of decks) if (drawn.length < count && deck[round]) drawn.push(deck[round]!.file);
  }
  return drawn;
}

function channelsOf(file: string): number {
  const probe = ['-v', 'error', '-select_streams', 'a:0', '-show_entries', 'stream=channels', '-of', 'csv=p=0', file];
  return Number.parseInt(execFileSync('ffprobe', probe, { encoding: 'utf8' }), 10);
}

function readChannel(file: string, channel: number): Float32Array {
  const pick = ['-af', `pan=mono|c0=c${channel}`, '-ar', String(RATE_HZ), '-f', 'f32le', '-'];
  const bytes = execFileSync('ffmpeg', ['-v', 'error', '-i', file, ...pick], { maxBuffer: 2 ** 30 });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.byteLength & ~3)));
}

function praatTrack(samples: Float32Array, folder: string): Track {
  const wav = join(folder, 'sound.wav');
  const text = join(folder, 'pitch.txt');
  writeFloatWav(wav, samples, RATE_HZ);
  execFileSync('praat', ['--run', join(process.cwd(), 'scripts/pitch-praat.praat'), wav, text]);
  const rows = readFileSync(text, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  return { times: rows.map((row) => row[0]!), f0: rows.map((row) => row[1]!) };
}

/** Praat's F0 at a time as its own linear query gives it: unvoiced as the nearest frame is, else between neighbours. */
function praatAt(track: Track, time: number): number | undefined {
  const position = (time - track.times[0]!) / 0.01;
  const nearest = track.f0[Math.round(position)];
  if (nearest === undefined || nearest === 0) return nearest;
  const left = Math.floor(position);
  const from = track.f0[left] || nearest;
  const to = track.f0[left + 1] || nearest;
  return from + (to - from) * (position - left);
}

function addNoise(samples: Float32Array, noise: Float32Array, snrDb: number, random: () => number): Float32Array {
  const start = Math.floor(random() * noise.length);
  const added = samples.map((_, i) => noise[(start + i) % noise.length]!);
  const power = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  const gain = Math.sqrt(power(samples) / 10 ** (snrDb / 10) / power(added));
  return samples.map((value, i) => value + gain * added[i]!);
}

function compare(samples: Float32Array, praat: Track, tally: Tally): void {
  const tracker = new PitchTracker();
  const out: PitchResult = { f0Hz: 0, voicing: 0, hnrDb: 0, voiced: false };
  const padded = new Float32Array(samples.length + PITCH_FRAME);
  padded.set(samples, PITCH_FRAME - HOP);
  for (let hop = 0; (hop + 1) * HOP <= samples.length; hop++) {
    const start = performance.now();
    tracker.track(padded.subarray(hop * HOP, hop * HOP + PITCH_FRAME), out);
    tally.micros += (performance.now() - start) * 1000;
    const theirs = praatAt(praat, ((hop + 1) * HOP - PITCH_FRAME / 2) / RATE_HZ);
    if (theirs === undefined) continue;
    tally.hops++;
    if (out.voiced === theirs > 0) tally.voicingAgrees++;
    if (out.voiced) tally.ourVoiced++;
    if (theirs > 0) tally.praatVoiced++;
    if (!out.voiced || theirs === 0) continue;
    const off = Math.abs(out.f0Hz / theirs - 1);
    tally.both++;
    if (off <= 0.02) tally.within2++;
    if (off > 0.2) tally.over20++;
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    noise: { type: 'string' },
    'snr-db': { type: 'string', default: '10' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'pitch-'));
const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(2)} %`;
for (const path of positionals) {
  const tally: Tally = {
    hops: 0,
    voicingAgrees: 0,
    ourVoiced: 0,
    praatVoiced: 0,
    both: 0,
    within2: 0,
    over20: 0,
    micros: 0,
  };
  const random = seeded(Number(values.seed));
  const noise = values.noise === undefined ? undefined : readChannel(values.noise, 0);
  for (const file of draw(path, Number(values.sample), Number(values.seed))) {
    for (let channel = 0; channel < channelsOf(file); channel++) {
      const clean = readChannel(file, channel);
      const heard = noise ? addNoise(clean, noise, Number(values['snr-db']), random) : clean;
      compare(heard, praatTrack(clean, folder), tally);
    }
  }
  console.log(
    [
      basename(path),
      `both voiced ${tally.both} of ${tally.hops} hops`,
      `within 2 %: ${percent(tally.within2, tally.both)}`,
      `over 20 % off: ${percent(tally.over20, tally.both)}`,
      `voicing agrees: ${percent(tally.voicingAgrees, tally.hops)}`,
      `(voiced: ours ${percent(tally.ourVoiced, tally.hops)}, Praat ${percent(tally.praatVoiced, tally.hops)})`,
      `${(tally.micros / tally.hops).toFixed(1)} µs a hop`,
    ].join('  '),
  );
}
rmSync(folder, { recursive: true });
