import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoDialect, dialectSimulators, type WireFormat } from '../../src/protocol/index.ts';
import { brief, briefly, dialectOf, perLeg, simulated } from './conversation.ts';
import { cut, recording, side } from './recording.ts';
import { sidesOf } from './sides.ts';

const cases = dialectSimulators.flatMap((simulator) =>
  simulator.formats.map((format) => ({ simulator, format, name: simulator.name, title: label(format) })),
);

function label({ encoding, sampleRateHz, channels }: WireFormat): string {
  return `${encoding} ${sampleRateHz} Hz, ${channels} side${channels > 1 ? 's' : ''}`;
}

/** Texts compare a hundred times faster than arrays of numbers. */
const hex = (parts: readonly Uint8Array[]): string[] => parts.map((bytes) => Buffer.from(bytes).toString('hex'));

describe.each(cases)('a call that $name sends, $title', ({ simulator, format, name }) => {
  const bytes = recording(format, 2_345);
  const actions = simulated(simulator, format, [bytes], dialectOf(name));

  it('comes out with every sample of every side, in its place, nothing added', () => {
    const sides = sidesOf(actions);
    const sent = Array.from({ length: format.channels }, (_, channel) => side(bytes, format, channel));
    expect(hex(sides.map((one) => one.bytes))).toEqual(hex(sent));
    expect(sides.every(({ gapSamples, reason }) => gapSamples === 0 && reason === 'stop')).toBe(true);
  });

  it('opens with the format of the call, and names a call where the platform does', () => {
    const opens = actions.flatMap((action) => (action.kind === 'open' ? [action.start] : []));
    for (const { format: opened } of opens) {
      expect(opened).toMatchObject({ encoding: format.encoding, sampleRateHz: format.sampleRateHz });
    }
    expect(opens.reduce((sum, { channels }) => sum + channels.length, 0)).toBe(format.channels);
    expect(new Set(opens.map(({ callId }) => callId)).size).toBe(1);
  });

  it('means the same when nobody says which dialect it is', () => {
    expect(brief(simulated(simulator, format, [bytes], autoDialect))).toEqual(brief(actions));
  });

  it('means the same however the recording was cut, and of any length', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 700 }),
        (sizes, milliseconds) => {
          const short = recording(format, milliseconds);
          const pieces = perLeg(simulated(simulator, format, cut(short, sizes), dialectOf(name)));
          expect(briefly(pieces.flat())).toEqual(briefly(simulated(simulator, format, [short], dialectOf(name))));
          const sides = sidesOf(pieces.flat());
          const sent = Array.from({ length: format.channels }, (_, channel) => side(short, format, channel));
          // A stream whose tracks are not announced and that never has audio is never opened.
          if (milliseconds > 0) expect(hex(sides.map((one) => one.bytes))).toEqual(hex(sent));
          else expect(sides.every((one) => one.bytes.length === 0)).toBe(true);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('is paced as the platform would: times never go back, and the last is the length of the audio', () => {
    const times = [...simulator.messages(format, [bytes])].map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeCloseTo(2_345, 0);
  });
});
