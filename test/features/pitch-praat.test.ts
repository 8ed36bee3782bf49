import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenSignals, harmonicitySignal, readClip } from '../golden/pitch-signals.ts';
import { median, settled, share, trackOf } from './pitch-track.ts';

interface Golden {
  readonly f0: Readonly<Record<string, readonly number[]>>;
  readonly harmonicity: readonly { readonly hz: number; readonly snrDb: number; readonly praatDb: number }[];
}

const folder = resolve(import.meta.dirname, '../golden');
const golden = JSON.parse(readFileSync(resolve(folder, 'pitch.json'), 'utf8')) as Golden;
const clip = readClip(resolve(folder, 'pitch-speech.wav'));
/** Praat's first frame that fits into the sound is the one that ends with our hop 3. */
const FIRST_HOP = 3;

describe('the pitch beside that of Praat (golden/pitch.json)', () => {
  it.each(Object.entries(goldenSignals))('%s', (name, signal) => {
    const praat = golden.f0[name]!;
    const ours = trackOf(signal(clip)).slice(FIRST_HOP);
    expect(Math.abs(ours.length - praat.length), 'frames').toBeLessThanOrEqual(1);
    const hops = ours.slice(0, praat.length).map((result, hop) => ({ ...result, praatHz: praat[hop]! }));
    const both = hops.filter(({ voiced, praatHz }) => voiced && praatHz > 0);
    const off = both.map(({ f0Hz, praatHz }) => Math.abs(f0Hz / praatHz - 1));
    expect(both.length).toBeGreaterThan(50);
    expect(share(hops, ({ voiced, praatHz }) => voiced === praatHz > 0)).toBeGreaterThanOrEqual(0.95);
    expect(share(off, (value) => value <= 0.02)).toBeGreaterThanOrEqual(0.97);
    expect(share(off, (value) => value > 0.2)).toBeLessThanOrEqual(0.02);
    expect(median(off)).toBeLessThan(0.0005);
  });
});

describe('the harmonics-to-noise ratio', () => {
  it.each(golden.harmonicity)('of a tone of $hz Hz in noise at $snrDb dB', (one) => {
    const ours = settled(trackOf(harmonicitySignal(one)));
    const voiced = ours.filter((result) => result.voiced);
    const value = median(voiced.map(({ hnrDb }) => hnrDb));
    // Ours is of three periods of 75 Hz under a Hann window, Praat's of nine under a Gaussian.
    expect(Math.abs(value - one.praatDb)).toBeLessThan(1.5);
    expect(Math.abs(value - one.snrDb)).toBeLessThan(1.5);
  });
});
