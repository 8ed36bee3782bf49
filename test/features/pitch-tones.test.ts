import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PitchTracker } from '../../src/features/pitch.ts';
import { synthesise, tone } from '../golden/pitch-signals.ts';
import { emptyResult, framesOf, median, settled, trackOf } from './pitch-track.ts';

const pitches = fc.double({ min: 75, max: 500, noNaN: true });

describe('the pitch of a steady tone', () => {
  it.each([75, 76, 499, 500])('is found at the end of the range: %d Hz', (hz) => {
    for (const harmonics of [1, 2, 8]) {
      for (const result of settled(trackOf(tone(hz, harmonics, 0.3)))) {
        expect(Math.abs(result.f0Hz / hz - 1)).toBeLessThan(0.01);
      }
    }
  });

  it('is within 1 % at every hop, whatever its frequency, harmonics and level', () => {
    fc.assert(
      fc.property(
        pitches,
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0.01, max: 0.4, noNaN: true }),
        (hz, n, a) => {
          for (const result of settled(trackOf(tone(hz, n, 0.2, a)))) {
            expect(result.voiced).toBe(true);
            expect(Math.abs(result.f0Hz / hz - 1)).toBeLessThan(0.01);
            expect(result.voicing).toBeGreaterThan(0.9);
            expect(result.hnrDb).toBeGreaterThan(14);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is found when the fundamental itself is missing, as on the telephone', () => {
    fc.assert(
      fc.property(fc.double({ min: 80, max: 160, noNaN: true }), (hz) => {
        const telephone = Float32Array.from({ length: 4000 }, (_, i) => {
          let value = 0;
          for (let h = 1; h * hz < 3400; h++) {
            if (h * hz > 300) value += Math.cos((2 * Math.PI * h * hz * i) / 16_000 + h * h) / h;
          }
          return 0.2 * value;
        });
        for (const result of settled(trackOf(telephone))) expect(Math.abs(result.f0Hz / hz - 1)).toBeLessThan(0.01);
      }),
      { numRuns: 30 },
    );
  });

  it('has no DC in it', () => {
    const plain = tone(180, 5, 0.3);
    const shifted = trackOf(plain.map((x) => x + 0.4)).at(-1)!;
    expect(shifted.f0Hz).toBeCloseTo(trackOf(plain).at(-1)!.f0Hz, 1);
  });

  it('stays voiced for ten seconds: a held vowel is not taken for noise', () => {
    const results = settled(trackOf(synthesise([{ ms: 10_000, hz: [200, 200] }])));
    expect(results.slice(2, -4).every(({ voiced }) => voiced)).toBe(true);
  });
});

describe('the pitch of a glide', () => {
  it('is that of the centre of the frame, 20 ms before the end of the hop', () => {
    // 100 Hz to 300 Hz in a second: 2 Hz a hop.
    const results = trackOf(synthesise([{ ms: 1000, hz: [100, 300] }]));
    const centreHz = (hop: number): number => 100 + 200 * ((hop + 1) * 0.01 - 0.02);
    const errors = results.map((result, hop) => result.f0Hz - centreHz(hop)).slice(6, 94);
    expect(Math.abs(median(errors))).toBeLessThan(0.1);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1);
  });
});

describe('the level of the sound', () => {
  it('changes neither pitch nor voicing of a voice that starts after a pause', () => {
    const voice = synthesise([
      { ms: 300, amplitude: 0.0001 },
      { ms: 500, hz: [120, 180] },
      { ms: 200, amplitude: 0.0001 },
    ]);
    const loud = trackOf(voice).slice(36, 78);
    fc.assert(
      fc.property(fc.double({ min: 0.03, max: 3, noNaN: true }), (gain) => {
        const scaled = trackOf(voice.map((x) => gain * x)).slice(36, 78);
        for (const [hop, { f0Hz, voicing, hnrDb }] of scaled.entries()) {
          expect(Math.abs(f0Hz - loud[hop]!.f0Hz)).toBeLessThan(0.01);
          expect(Math.abs(voicing - loud[hop]!.voicing)).toBeLessThan(0.01);
          expect(Math.abs(hnrDb - loud[hop]!.hnrDb)).toBeLessThan(0.01);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('two channels', () => {
  it('share nothing: interleaved they give what each gives alone', () => {
    const sounds = [synthesise([{ ms: 600, hz: [110, 240] }]), synthesise([{ ms: 600, hz: [400, 300] }])];
    const alone = sounds.map((sound) => trackOf(sound));
    const trackers = sounds.map(() => new PitchTracker());
    const frames = sounds.map(framesOf);
    for (let hop = 0; hop < frames[0]!.length; hop++) {
      for (const [channel, tracker] of trackers.entries()) {
        const result = emptyResult();
        tracker.track(frames[channel]![hop]!, result);
        expect(result).toEqual(alone[channel]![hop]);
      }
    }
  });
});
