import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DialectSimulator, dialectSimulators, type WireFormat, wireFrameBytes } from '../../src/protocol/index.ts';
import { briefly, dialectOf, handshakeOf, type Message, meaning, perLeg } from './conversation.ts';
import { recording } from './recording.ts';
import { GAP_BYTE, type Side, sidesOf } from './sides.ts';
import { traits } from './traits.ts';

/** Silence of the encodings that simulators send. */
const SILENCE: Readonly<Record<string, number>> = { mulaw: 0xff, alaw: 0xd5, pcm_s16le: 0 };
const FRAMES = 50;

interface Sent {
  readonly message: Message;
  readonly audio: { readonly track: string; readonly number: number } | undefined;
}

/** A call of 50 frames a side, as the platform would send it. */
function call(simulator: DialectSimulator, format: WireFormat): { sent: Sent[]; frameMs: number; tracks: string[] } {
  const frameMs = simulator.name === 'exotel' ? 100 : 20;
  const audio = traits[simulator.name]!.audio;
  const sent = [...simulator.messages(format, [recording(format, FRAMES * frameMs)])].map(({ data }) => ({
    message: data,
    audio: audio(data),
  }));
  return {
    sent,
    frameMs,
    // By name: the first to come need not be the first side.
    tracks: [...new Set(sent.flatMap((one) => (one.audio === undefined ? [] : [one.audio.track])))].sort(),
  };
}

/** Messages of audio delayed by a number of messages each; what is no audio keeps its place among the others. */
function delayed(
  sent: readonly Sent[],
  delays: readonly number[],
  repeats: readonly (readonly [at: number, later: number])[],
): Message[] {
  const at = sent.map((one, index) => ({
    at: index + (one.audio === undefined ? 0 : delays[index % delays.length]!),
    one,
    index,
  }));
  for (const [which, later] of repeats) {
    const index = which % sent.length;
    const one = sent[index]!;
    if (one.audio !== undefined) at.push({ at: at[index]!.at + later, one, index: index + 0.5 });
  }
  const first = sent.findIndex((one) => one.audio !== undefined);
  const last = sent.findLastIndex((one) => one.audio !== undefined);
  const order = at
    .filter(({ index }) => index >= first && index < last + 1)
    .sort((a, b) => a.at - b.at || a.index - b.index)
    .map(({ one }) => one.message);
  return [
    ...sent.slice(0, first).map((one) => one.message),
    ...order,
    ...sent.slice(last + 1).map((one) => one.message),
  ];
}

type Lost = (track: number, number: number) => boolean;

/** What a call should sound like that lost some frames of its sides. */
function withLosses(undisturbed: readonly Side[], isLost: Lost, silence: number): Side[] {
  return undisturbed.map((one, track) => {
    const slot = one.bytes.length / FRAMES;
    const bytes = Uint8Array.from(one.bytes);
    for (let number = 1; number <= FRAMES; number += 1) {
      if (!isLost(track, number)) continue;
      const nobody = undisturbed.every(({ stream }, other) => stream !== one.stream || isLost(other, number));
      bytes.fill(nobody ? GAP_BYTE : silence, (number - 1) * slot, number * slot);
    }
    return { ...one, bytes };
  });
}

const hex = (sides: readonly Side[]): string[] => sides.map(({ bytes }) => Buffer.from(bytes).toString('hex'));

const numbered = dialectSimulators.filter(({ name }) => traits[name]?.numbered);

describe.each(
  numbered.flatMap((simulator) => simulator.formats.map((format) => ({ name: simulator.name, simulator, format }))),
)('audio of $name, $format.encoding at $format.sampleRateHz Hz, $format.channels', ({ simulator, format, name }) => {
  const { sent, frameMs, tracks } = call(simulator, format);
  const handshake = handshakeOf(simulator, format);
  const whole = perLeg(
    meaning(
      dialectOf(name),
      handshake,
      sent.map(({ message }) => message),
    ),
  );
  /** 160 ms of every track: what waits longer than 300 ms is given up. */
  const most = Math.floor(160 / frameMs) * format.channels;
  /** The first of every track is in time: a number that both have had tells that each is counted by itself. */
  const firsts = new Set(
    sent.flatMap(({ audio }, index) => (audio === undefined ? [] : [index])).slice(0, format.channels),
  );
  const delays = fc
    .array(fc.integer({ min: 0, max: most }), { minLength: sent.length, maxLength: sent.length })
    .map((late) => late.map((by, index) => (firsts.has(index) ? 0 : by)));
  const repeats = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.integer({ min: 0, max: 40 })), { maxLength: 30 });

  it('may come in another order, and twice', () => {
    fc.assert(
      fc.property(delays, repeats, (late, twice) => {
        expect(briefly(meaning(dialectOf(name), handshake, delayed(sent, late, twice)))).toEqual(briefly(whole.flat()));
      }),
      { numRuns: 15 },
    );
  });

  it('may be lost: its place is silent, or a gap where nobody has audio, and everything else stays where it was', () => {
    const lost = fc.uniqueArray(fc.tuple(fc.nat({ max: tracks.length - 1 }), fc.integer({ min: 3, max: FRAMES - 2 })), {
      minLength: 1,
      maxLength: 30,
      selector: ([track, number]) => track * 1000 + number,
    });
    fc.assert(
      fc.property(lost, (gone) => {
        const isLost: Lost = (track, number) => gone.some(([t, n]) => t === track && n === number);
        const kept = sent.filter(
          ({ audio }) => audio === undefined || !isLost(tracks.indexOf(audio.track), audio.number),
        );
        const sides = sidesOf(
          meaning(
            dialectOf(name),
            handshake,
            kept.map(({ message }) => message),
          ),
        );
        expect(hex(sides)).toEqual(hex(withLosses(sidesOf(whole.flat()), isLost, SILENCE[format.encoding]!)));
      }),
      { numRuns: 20 },
    );
  });
});

describe.each(
  dialectSimulators
    .filter(({ name }) => traits[name]?.bytes)
    .flatMap((simulator) => simulator.formats.map((format) => ({ name: simulator.name, simulator, format }))),
)('bytes of $name at $format.sampleRateHz Hz', ({ simulator, format, name }) => {
  const { sent } = call(simulator, format);
  const handshake = handshakeOf(simulator, format);
  const whole = perLeg(
    meaning(
      dialectOf(name),
      handshake,
      sent.map(({ message }) => message),
    ),
  );

  it('may be cut and joined anywhere, within a sample too', () => {
    const first = sent.findIndex(({ audio }) => audio !== undefined);
    const last = sent.findLastIndex(({ audio }) => audio !== undefined);
    const bytes = Buffer.concat(sent.slice(first, last + 1).map(({ message }) => message as Uint8Array));
    expect(bytes.length).toBe(FRAMES * 0.02 * format.sampleRateHz * wireFrameBytes(format));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((end, index) => new Uint8Array(bytes.subarray(edges[index], end)));
        const messages = [
          ...sent.slice(0, first).map(({ message }) => message),
          ...pieces,
          ...sent.slice(last + 1).map(({ message }) => message),
        ];
        expect(briefly(meaning(dialectOf(name), handshake, messages))).toEqual(briefly(whole.flat()));
      }),
      { numRuns: 50 },
    );
  });
});
