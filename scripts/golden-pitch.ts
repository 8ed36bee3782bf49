/**
 * Golden values of the pitch tracker: writes test/golden/pitch.json, what Praat makes of the sounds of
 * test/golden/pitch-signals.ts: F0 in Hz (0 when unvoiced) at the centres of our frames, from hop 3 on, and the mean
 * harmonics-to-noise ratio in dB of tones in noise. With --speech it also speaks test/golden/pitch-speech.wav anew.
 * Needs praat (made with 6.3.07) and, for --speech, espeak-ng (1.51) and sox, on the PATH.
 *
 *   npx esbuild scripts/golden-pitch.ts --bundle --platform=node --format=esm --outfile=.cache/golden-pitch.mjs
 *   node .cache/golden-pitch.mjs [--speech]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { goldenSignals, harmonicityCases, harmonicitySignal, readClip } from '../test/golden/pitch-signals.ts';
import { writeFloatWav } from './pitch-wav.ts';

const folder = mkdtempSync(join(tmpdir(), 'pitch-'));
const wav = join(folder, 'sound.wav');

function praat(script: string, ...args: string[]): string {
  return execFileSync('praat', ['--run', resolve('scripts', script), ...args], { encoding: 'utf8' }).trim();
}

function speak(): void {
  const say = (voice: string, text: string, name: string): string => {
    const path = join(folder, name);
    execFileSync('espeak-ng', ['-v', voice, '-s', '175', '-w', path, text]);
    return path;
  };
  const male = say('en-us', 'Nobody has called me back.', 'male.wav');
  const female = say('en-us+f2', 'Really? I am so sorry!', 'female.wav');
  const out = ['-D', male, female, '-b', '16', '-c', '1', 'test/golden/pitch-speech.wav', 'rate', '16k'];
  execFileSync('sox', out);
}

function f0Of(samples: Float32Array): number[] {
  const text = join(folder, 'pitch.txt');
  writeFloatWav(wav, samples, 16_000);
  praat('pitch-praat.praat', wav, text);
  const rows = readFileSync(text, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  // Half a sample late at most: then row k is the frame that ends with hop k + 3.
  if (Math.abs(rows[0]![0]! - 0.02) > 1e-4) throw new Error(`Praat's first frame is at ${rows[0]![0]} s`);
  return rows.map((row) => Math.round(row[1]! * 100) / 100);
}

if (process.argv.includes('--speech')) speak();
const clip = readClip('test/golden/pitch-speech.wav');
const f0: Record<string, number[]> = {};
for (const [name, signal] of Object.entries(goldenSignals)) f0[name] = f0Of(signal(clip));
const harmonicity = harmonicityCases.map((one) => {
  writeFloatWav(wav, harmonicitySignal(one), 16_000);
  return { ...one, praatDb: Number(praat('pitch-harmonicity.praat', wav)) };
});
const made = 'scripts/golden-pitch.ts, Praat 6.3.07, To Pitch (ac) and To Harmonicity (ac)';
writeFileSync('test/golden/pitch.json', `${JSON.stringify({ made, f0, harmonicity })}\n`);
rmSync(folder, { recursive: true });
