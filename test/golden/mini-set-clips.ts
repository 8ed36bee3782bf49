import { encodeSamples } from '../../src/audio/index.ts';
import { clipHops } from '../../src/training/clip-hops.ts';
import type { MiniClip } from '../../src/training/evaluation/mini-set.ts';
import { Random } from '../../src/training/random.ts';
import { voiceLike } from '../training/synthetic-corpus.ts';

const SECONDS = 1.6;
/** Hz. */
const VOICES = { low: 105, middle: 150, high: 215 } as const;
const MANNERS = {
  loud: { pitch: 1.15, movement: 0.1, syllablesPerSecond: 6, gain: 0.9 },
  lively: { pitch: 1.35, movement: 0.25, syllablesPerSecond: 5.5, gain: 0.5 },
  soft: { pitch: 0.85, movement: 0.04, syllablesPerSecond: 2.5, gain: 0.2 },
} as const;

/** Nine made-up clips, no voice of a person in them: three voices, three manners; the same every time. */
export function miniSetClips(): MiniClip[] {
  return Object.entries(VOICES).flatMap(([voice, hz]) =>
    Object.entries(MANNERS).map(([name, manner]): MiniClip => {
      const samples = voiceLike(SECONDS, hz, manner, new Random(`mini set ${voice} ${name}`));
      const format = { encoding: 'pcm_f32le', sampleRateHz: 16_000, channels: 1 } as const;
      const { features } = clipHops({ format, bytes: encodeSamples(format, [samples]) });
      return { id: `${voice}-${name}`, hops: features };
    }),
  );
}
