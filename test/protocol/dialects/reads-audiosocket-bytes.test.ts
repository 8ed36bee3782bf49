import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialectAction } from '../../../src/protocol/index.ts';
import { normal } from '../../conformance/conversation.ts';
import { errorOf, sessionOf, startOf } from './session.ts';

/** 40325ec2-5efd-4bd3-805f-53576e581d13, the example of the protocol's own description. */
const UUID = [0x40, 0x32, 0x5e, 0xc2, 0x5e, 0xfd, 0x4b, 0xd3, 0x80, 0x5f, 0x53, 0x57, 0x6e, 0x58, 0x1d, 0x13];
const message = (kind: number, payload: readonly number[]): number[] => [
  kind,
  payload.length >> 8,
  payload.length & 0xff,
  ...payload,
];
const HELLO = message(0x01, UUID);

function heard(pieces: readonly (readonly number[])[], end: 'closed' | 'lost' = 'lost'): DialectAction[] {
  const session = sessionOf('audiosocket');
  const actions = pieces.flatMap((piece) => [...session.binary(Uint8Array.from(piece))]);
  return normal([...actions, ...session.ended(end)]);
}

interface Sent {
  readonly kind: number;
  readonly payload: readonly number[];
}

/** The stream opens with the first byte of audio; until then nothing means anything. */
function wantedOf(sent: readonly Sent[], open: DialectAction | undefined): DialectAction[] {
  const wanted: DialectAction[] = [];
  for (const { kind, payload } of sent) {
    if (kind === 0x12 && payload.length > 0) {
      if (wanted.length === 0 && open !== undefined) wanted.push(open);
      wanted.push({ kind: 'audio', leg: 'main', bytes: Uint8Array.from(payload) });
    }
    if (kind === 0x03 && wanted.length > 0) wanted.push({ kind: 'mark', leg: 'main', name: 'dtmf' });
  }
  if (wanted.length > 0) wanted.push({ kind: 'close', leg: 'main', reason: 'stop' });
  return normal([...wanted, { kind: 'hangup', closeCode: 1000, reason: 'hung up' }]);
}

const errorOfBytes = (...bytes: number[]): string => errorOf(() => heard([bytes]));

describe('the bytes of an AudioSocket', () => {
  const parts = fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 700 }).map((bytes) => ({ kind: 0x12, payload: [...bytes] })) },
    fc.constantFrom(0x30, 0x39, 0x23).map((digit) => ({ kind: 0x03, payload: [digit] })),
    fc
      .tuple(fc.constantFrom(0x02, 0x04, 0x0f, 0x19, 0x7f, 0xfe), fc.uint8Array({ maxLength: 64 }))
      .map(([kind, bytes]) => ({ kind, payload: [...bytes] })),
  );

  it('mean the same wherever TCP cuts them, and however it joins them', () => {
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 12 }),
        fc.array(fc.nat({ max: 9_000 }), { maxLength: 40 }),
        (sent, cuts) => {
          const bytes = [
            ...HELLO,
            ...sent.flatMap(({ kind, payload }) => message(kind, payload)),
            ...message(0x00, []),
          ];
          const edges = [0, ...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length];
          const pieces = edges.slice(1).map((end, index) => bytes.slice(edges[index], end));
          const actions = heard(pieces);
          expect(actions).toEqual(heard([bytes]));
          expect(actions).toEqual(heard(bytes.map((byte) => [byte])));

          expect(actions).toEqual(wantedOf(sent, actions[0]));
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    [0x10, 8_000],
    [0x11, 12_000],
    [0x12, 16_000],
    [0x13, 24_000],
    [0x14, 32_000],
    [0x15, 44_100],
    [0x16, 48_000],
  ])('of kind %i are audio at %i Hz, in the call that the UUID names', (kind, sampleRateHz) => {
    expect(startOf(heard([[...HELLO, ...message(kind, [1, 2])]]))).toEqual({
      format: { encoding: 'pcm_s16le', sampleRateHz, channels: 1 },
      channels: [{ name: 'mixed', role: 'unknown' }],
      callId: '40325ec2-5efd-4bd3-805f-53576e581d13',
    });
  });

  it.each([
    [0x17, 96_000],
    [0x18, 192_000],
  ])('of kind %i are refused, for %i Hz is too much', (kind, rate) => {
    expect(errorOfBytes(...HELLO, ...message(kind, [1, 2]))).toBe(
      `rate-out-of-range: A sample rate of ${rate} Hz is not supported; use a whole number from 8000 to 48000 Hz.`,
    );
  });

  it('that are not of the protocol are refused at once', () => {
    expect(errorOfBytes(...message(0x10, [1, 2]))).toMatch(/^invalid-message: .*the first message must be the UUID/);
    expect(errorOfBytes(...new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'))).toMatch(/^message-too-large/);
    expect(errorOfBytes(0x16, 0x03, 0x01, 0x02, 0x00, 0x01)).toMatch(/^invalid-message/);
    expect(errorOfBytes(...message(0x01, UUID.slice(1)))).toMatch(/the UUID must be 16 bytes/);
    expect(errorOfBytes(...HELLO, ...HELLO)).toMatch(/^already-started/);
    expect(
      errorOfBytes(
        ...HELLO,
        ...message(
          0x03,
          Array.from({ length: 65 }, () => 0x31),
        ),
      ),
    ).toMatch(/^message-too-large/);
    expect(errorOfBytes(...HELLO, ...message(0x10, [1, 2]), ...message(0x12, [1, 2]))).toMatch(
      /the sample rate must stay the same/,
    );
    expect(errorOf(() => sessionOf('audiosocket').text('{}'))).toMatch(/AudioSocket has no text/);
  });

  it('that were good are kept where bad ones follow, in one piece or in many', () => {
    const bytes = [...HELLO, ...message(0x10, [1, 2]), ...message(0x03, [0x31]), ...message(0x17, [3, 4])];
    const call = (pieces: readonly (readonly number[])[]) => {
      const session = sessionOf('audiosocket');
      const actions: DialectAction[] = [];
      expect(
        errorOf(() => {
          for (const piece of pieces) actions.push(...session.binary(Uint8Array.from(piece)));
        }),
      ).toMatch(/^invalid-message/);
      return normal([...actions, ...session.ended('lost'), ...session.ended('lost')]);
    };
    expect(call([bytes]).map(({ kind }) => kind)).toEqual(['open', 'audio', 'mark', 'close']);
    expect(call(bytes.map((byte) => [byte]))).toEqual(call([bytes]));
  });

  it('end with a hangup, an error of Asterisk, or the connection', () => {
    const call = [...HELLO, ...message(0x10, [1, 2])];
    const reason = (bytes: readonly number[], end: 'closed' | 'lost' = 'lost') =>
      heard([bytes], end).flatMap((action) => (action.kind === 'close' ? [action.reason] : []));
    expect(reason([...call, ...message(0x00, [])])).toEqual(['stop']);
    // 0x01 is a hangup of the calling party, 0x02 and 0x04 are failures.
    expect(reason([...call, ...message(0xff, [0x01])])).toEqual(['stop']);
    expect(reason([...call, ...message(0xff, [0x03])])).toEqual(['stop']);
    expect(reason([...call, ...message(0xff, [0x02])])).toEqual(['disconnect']);
    expect(reason([...call, ...message(0xff, [])])).toEqual(['disconnect']);
    expect(reason(call)).toEqual(['disconnect']);
    expect(reason(call, 'closed')).toEqual(['stop']);
    expect(reason(HELLO)).toEqual([]);
  });

  it('that came after the hangup mean nothing', () => {
    const session = sessionOf('audiosocket');
    session.binary(Uint8Array.from([...HELLO, ...message(0x10, [1, 2]), ...message(0x00, [])]));
    expect(session.binary(Uint8Array.from([...message(0x10, [1, 2]), ...message(0x00, [])]))).toEqual([]);
    expect(session.ended('closed')).toEqual([]);
  });

  it('of two connections with one UUID are legs of one call, and the port says who speaks', () => {
    const leg = (query: string) =>
      startOf(sessionOf('audiosocket', query).binary(Uint8Array.from([...HELLO, ...message(0x10, [1, 2])])));
    expect(leg('?roles=customer')?.callId).toBe(leg('?roles=employee')?.callId);
    expect(leg('?roles=employee')?.channels).toEqual([{ name: 'mixed', role: 'employee' }]);
    expect(leg('?callId=other')?.callId).toBe('other');
  });
});
