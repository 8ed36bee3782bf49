import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../../src/emotions.ts';
import { encodeEvent, ROLES, UNKNOWN_REASONS, type WindowEvent } from '../../../src/protocol/index.ts';
import { glanceAt } from '../../../src/server/desk/glance.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const place = fc.double({ min: -1, max: 1, noNaN: true });
const ms = fc.oneof(fc.integer({ min: 0, max: 360_000_000 }), fc.double({ min: 0, max: 1e9, noNaN: true }));
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
/** Names that look like what is searched for, and any others. */
const name = fc.oneof(
  fc.constantFrom(
    '"endMs":5',
    'x","endMs":5,"label":"anger","valence":9',
    '\\"valence":',
    '"anger":1',
    '{"speechMs":7}',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const emotions = fc.uniqueArray(fc.constantFrom(...EMOTIONS), { minLength: 1 });

const window: fc.Arbitrary<WindowEvent> = fc
  .record({
    streamId: name,
    cursor: fc.nat(),
    channel: fc.nat(7),
    channelName: name,
    role: fc.constantFrom(...ROLES),
    seq: fc.nat(),
    startMs: ms,
    endMs: ms,
    label: fc.constantFrom(...EMOTIONS, 'unknown' as const),
    reason: fc.constantFrom(...UNKNOWN_REASONS),
    score: unit,
    confidence: unit,
    labels: emotions,
    figures: fc.array(unit, { minLength: EMOTIONS.length, maxLength: EMOTIONS.length }),
    arousal: place,
    valence: place,
    speechRatio: unit,
    openTurn: orNull(fc.record({ startMs: ms, endMs: ms })),
    added: fc.record({
      speechMs: fc.nat(500),
      levelDb: orNull(place),
      pitchSemitones: orNull(place),
      syllables: fc.nat(5),
    }),
    quality: fc.record({ levelDb: place, clippedRatio: unit }),
    descriptors: fc.option(fc.dictionary(fc.constantFrom('rms', 'spectralFlatness', 'zcr'), orNull(place)), {
      nil: undefined,
    }),
    latencyMs: unit,
  })
  .map(({ labels, figures, reason, descriptors, ...rest }) => {
    const probabilities = Object.fromEntries(labels.map((label, index) => [label, figures[index]!]));
    return {
      type: 'window',
      ...rest,
      ...(rest.label === 'unknown' && { reason }),
      probabilities,
      raw: Object.fromEntries(labels.map((label, index) => [label, 1 - figures[index]!])),
      ...(descriptors && { descriptors }),
    };
  });

describe('a glance at an encoded window', () => {
  it('finds what parsing it finds', () => {
    fc.assert(
      fc.property(window, (event) => {
        const text = encodeEvent(event);
        const parsed = JSON.parse(text) as WindowEvent;
        expect(glanceAt(Buffer.from(text))).toEqual({
          endMs: parsed.endMs,
          labelled: parsed.label !== 'unknown',
          anger: parsed.probabilities.anger ?? 0,
          valence: parsed.valence,
          spoke: parsed.added.speechMs > 0,
        });
      }),
      { numRuns: 1000 },
    );
  });
});
