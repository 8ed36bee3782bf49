import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { autoDialect, dialectSimulators, type Handshake, MAX_MESSAGE_BYTES } from '../../src/protocol/index.ts';
import { Conversation, dialectOf, handshakeOf, type Message, normal } from './conversation.ts';
import { HOSTILE, places, withValue } from './hostile-values.ts';
import { recording } from './recording.ts';
import { traits } from './traits.ts';
import { transcripts } from './transcript.ts';

const messagesOf = (steps: (typeof transcripts)[number]['steps']): Message[] =>
  steps.flatMap((step) => ('from' in step && step.from === 'platform' ? [step.data] : []));
const parse = (message: Message): unknown => {
  try {
    return typeof message === 'string' ? JSON.parse(message) : undefined;
  } catch {
    return undefined;
  }
};

let sessions = 0;
let refused = 0;

/** A whole conversation; it throws if anything but an error of the table leaves the session, or its contract is broken. */
function survives(dialect: string, handshake: Handshake, messages: Iterable<Message>): Conversation {
  const conversation = new Conversation(dialect === 'auto' ? autoDialect : dialectOf(dialect), handshake);
  for (const message of messages) {
    conversation.hear(message);
    if (conversation.error !== undefined) break;
  }
  conversation.end('lost');
  sessions += 1;
  if (conversation.error !== undefined) refused += 1;
  return conversation;
}

afterAll(() => {
  process.stdout.write(
    `hostile messages: ${sessions} sessions, ${refused} of them refused with an error of the table\n`,
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

describe.each(transcripts)('$name', ({ dialect, handshake, steps }) => {
  const messages = messagesOf(steps);

  it('survives every hostile value in every place of every message', () => {
    for (const [at, message] of messages.entries()) {
      const value = parse(message);
      if (value === undefined) continue;
      for (const place of places(value)) {
        for (const hostile of [undefined, ...HOSTILE]) {
          const changed = JSON.stringify(withValue(value, place, hostile)) ?? 'null';
          survives(dialect, handshake, [...messages.slice(0, at), changed, ...messages.slice(at + 1)]);
        }
      }
    }
  });

  it('survives every message cut short, and as the other kind of message', () => {
    for (const [at, message] of messages.entries()) {
      const step = Math.max(1, Math.floor(message.length / 40));
      for (let length = 0; length < message.length; length += step) {
        survives(dialect, handshake, [...messages.slice(0, at), message.slice(0, length), ...messages.slice(at + 1)]);
      }
      const other =
        typeof message === 'string' ? new TextEncoder().encode(message) : new TextDecoder('latin1').decode(message);
      survives(dialect, handshake, [...messages.slice(0, at), other, ...messages.slice(at + 1)]);
      survives('auto', handshake, [...messages.slice(0, at), other, ...messages.slice(at + 1)]);
    }
  });

  it('survives any message at all, first and later', () => {
    const any = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json(), fc.uint8Array({ maxLength: 64 }));
    fc.assert(
      fc.property(
        fc.nat({ max: messages.length }),
        fc.array(any, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (at, garbage, known) => {
          survives(known ? dialect : 'auto', handshake, [...messages.slice(0, at), ...garbage]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe.each(dialectSimulators.map((simulator) => ({ name: simulator.name, simulator })))(
  '$name',
  ({ name, simulator }) => {
    const format = simulator.formats[0]!;
    const handshake = handshakeOf(simulator, format);
    const messages = [...simulator.messages(format, [recording(format, 300)])].map(({ data }) => data);

    it('refuses a payload of base64 that was cut or garbled, and text that is too long', () => {
      const at = messages.findIndex((message) => traits[name]!.audio(message) !== undefined);
      const message = messages[at]!;
      if (typeof message === 'string') {
        const value = parse(message);
        const payload = places(value).find((place) => ['payload', 'data'].includes(String(place.at(-1))))!;
        const text = payload.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value) as string;
        for (const bad of [
          text.slice(0, -1),
          text.slice(1),
          `${text.slice(0, 8)}!${text.slice(9)}`,
          `${text}\n`,
          `${text.slice(0, 5)}=${text.slice(6)}`,
        ]) {
          const conversation = survives(name, handshake, [
            ...messages.slice(0, at),
            JSON.stringify(withValue(value, payload, bad)),
          ]);
          expect(conversation.error).toMatchObject({ code: 'invalid-message', closeCode: 4400 });
          expect(conversation.error?.message).not.toContain(text.slice(0, 12));
        }
      }
      const long = survives(name, handshake, [...messages.slice(0, at), `{"a":"${'x'.repeat(MAX_MESSAGE_BYTES)}"}`]);
      expect(long.error).toMatchObject({ code: 'message-too-large', closeCode: 1009 });
    });

    it('costs no other call anything: one beside it says what it always says', () => {
      const alone = survives(name, handshake, messages);
      const beside = new Conversation(dialectOf(name), handshake);
      for (const [at, message] of messages.entries()) {
        for (const hostile of HOSTILE) {
          const changed =
            JSON.stringify(withValue(parse(messages[at % messages.length]!) ?? {}, ['event'], hostile)) ?? 'null';
          survives(name, handshake, [...messages.slice(0, at % 4), changed]);
        }
        beside.hear(message);
      }
      beside.end('lost');
      expect(normal(beside.actions)).toEqual(normal(alone.actions));
    });
  },
);
