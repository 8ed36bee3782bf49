import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HopFramer } from '../../src/audio/index.ts';
import { DescriptorExtractor, descriptorIndex } from '../../src/features/index.ts';
import { type AddedVoice, VoiceSinceWindow } from '../../src/streams/metrics/index.ts';

/** A hop as the meter takes it. */
type Hop = readonly [levelDb: number, speech: boolean, f0Semitones: number];

function heard(hops: readonly Hop[]): AddedVoice {
  const voice = new VoiceSinceWindow();
  for (const hop of hops) voice.hop(...hop);
  return voice.take();
}

/** Levels that rise and fall `count` times by `depthDb`, 250 ms each, between silences. */
function waves(count: number, depthDb: number, voiced: boolean): Hop[] {
  const silence = new Array<Hop>(30).fill([-80, false, Number.NaN]);
  const wave = Array.from({ length: 25 * count }, (_, hop): Hop => {
    const levelDb = -20 - (depthDb / 2) * (1 + Math.cos((2 * Math.PI * hop) / 25));
    return [levelDb, true, voiced ? 24 : Number.NaN];
  });
  return [...silence, ...wave, ...silence];
}

describe('the voice since the last window', () => {
  it('is the mean level of the speech and the mean pitch of the voice in it', () => {
    const hops: Hop[] = [
      [-20, true, 24],
      [-30, true, 30],
      [-40, true, Number.NaN],
      [-70, false, Number.NaN],
      // A pitch without speech, such as of music, is none of the speaker's.
      [-10, false, 50],
    ];
    expect(heard(hops)).toEqual({ speechMs: 30, levelDb: -30, pitchSemitones: 27, syllables: 0 });
  });

  it('is nothing without speech, and begins anew after every window', () => {
    const nothing = { speechMs: 0, levelDb: null, pitchSemitones: null, syllables: 0 };
    const voice = new VoiceSinceWindow();
    expect(voice.take()).toEqual(nothing);
    voice.hop(-20, true, 24);
    expect(voice.take()).toEqual({ speechMs: 10, levelDb: -20, pitchSemitones: 24, syllables: 0 });
    expect(voice.take()).toEqual(nothing);
  });

  it('adds up to the same, however often it is taken', () => {
    const level = fc.integer({ min: -80, max: 0 });
    const hop = fc.tuple(level, fc.boolean(), fc.option(fc.constantFrom(12, 24, 36), { nil: Number.NaN }));
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (hops, every) => {
        const voice = new VoiceSinceWindow();
        const parts: AddedVoice[] = [];
        hops.forEach((one, index) => {
          voice.hop(...one);
          if (index % every === every - 1) parts.push(voice.take());
        });
        parts.push(voice.take());
        const sum = (of: (part: AddedVoice) => number): number => parts.reduce((total, part) => total + of(part), 0);
        const whole = heard(hops);
        expect(sum(({ speechMs }) => speechMs)).toBe(whole.speechMs);
        expect(sum(({ syllables }) => syllables)).toBe(whole.syllables);
        if (whole.levelDb === null) return;
        expect(sum((part) => (part.levelDb ?? 0) * part.speechMs) / whole.speechMs).toBeCloseTo(whole.levelDb, 9);
      }),
    );
  });
});

describe('syllables', () => {
  it('are voiced peaks of the level', () => {
    expect(heard(waves(7, 10, true)).syllables).toBe(7);
    expect(heard(waves(7, 10, false)).syllables).toBe(0);
  });

  it('need a dip of 2 dB between them', () => {
    // Smoothing over 50 ms takes a little of a dip.
    expect(heard(waves(7, 2.6, true)).syllables).toBe(7);
    expect(heard(waves(7, 1.8, true)).syllables).toBe(1);
  });

  it('are not what lies 25 dB under the speech before it', () => {
    const faint = waves(5, 10, true).map(([levelDb, ...rest]): Hop => [levelDb - 30, ...rest]);
    expect(heard([...waves(3, 10, true), ...faint]).syllables).toBe(3);
    expect(heard(faint).syllables).toBe(5);
  });

  // Counted by hand: good mor-ning this is An-na …
  const TEXTS = [
    ['Good morning, this is Anna, how can I help you today?', 14],
    ['My internet connection has been broken since Monday.', 14],
    ['The north wind and the sun were arguing about which was the stronger.', 17],
  ] as const;
  const LEVEL = descriptorIndex('levelDb');
  const SPEECH = descriptorIndex('speech');
  const F0 = descriptorIndex('f0Semitones');

  /** A sentence of espeak-ng through our own descriptors. */
  function spoken(text: string, voice: string, wordsPerMinute: number): AddedVoice {
    const wav = execFileSync('espeak-ng', ['-v', voice, '-s', String(wordsPerMinute), '--stdout', text]);
    // Half as loud: resampling must not clip.
    const sox = ['-v', '0.5', '-t', 'wav', '-', '-r', '16000', '-c', '1', '-e', 'float', '-b', '32', '-t', 'raw', '-'];
    const raw = execFileSync('sox', sox, { input: wav, stdio: ['pipe', 'pipe', 'ignore'] });
    const samples = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + 4 * Math.floor(raw.length / 4)));
    const extractor = new DescriptorExtractor();
    const row = new Float32Array(extractor.rowLength);
    const meter = new VoiceSinceWindow();
    new HopFramer().push(samples, (frame) => {
      extractor.describe(frame, row);
      meter.hop(row[LEVEL]!, row[SPEECH]! >= 0.5, row[F0]!);
    });
    for (let hop = 0; hop < 10; hop += 1) meter.hop(-90, false, Number.NaN);
    return meter.take();
  }

  it.each(['en-us', 'en-us+f3', 'en-gb'])(
    'of sentences by %s are found to within 0.15, and their rate rises with the speed',
    (voice) => {
      const truth = TEXTS.reduce((sum, [, count]) => sum + count, 0);
      const rates = [120, 160, 200].map((speed) => {
        const found = TEXTS.map(([text]) => spoken(text, voice, speed));
        const syllables = found.reduce((sum, part) => sum + part.syllables, 0);
        expect(Math.abs(syllables / truth - 1)).toBeLessThan(0.15);
        return syllables / found.reduce((sum, part) => sum + part.speechMs / 1000, 0);
      });
      expect(rates).toEqual([...rates].sort((a, b) => a - b));
      expect(rates[2]! / rates[0]!).toBeGreaterThan(1.25);
    },
  );
});
