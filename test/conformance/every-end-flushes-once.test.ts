import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DialectAction, dialectSimulators } from '../../src/protocol/index.ts';
import { briefly, Conversation, dialectOf, handshakeOf, type Message, normal } from './conversation.ts';
import { recording } from './recording.ts';
import { traits } from './traits.ts';

describe.each(dialectSimulators.map((simulator) => ({ name: simulator.name, simulator })))(
  'a call of $name',
  ({ name, simulator }) => {
    const format = simulator.formats[0]!;
    const handshake = handshakeOf(simulator, format);
    const { stops, closeEnds, audio } = traits[name]!;
    const all = [...simulator.messages(format, [recording(format, 1_200)])].map(({ data }) => data);
    const last = all.findLastIndex((message) => audio(message) !== undefined);
    const stopping = all.slice(last + 1);

    /** The first messages of the call, then an end. */
    function ended(count: number, end: (conversation: Conversation) => void): DialectAction[] {
      const conversation = new Conversation(dialectOf(name), handshake);
      for (const message of all.slice(0, count)) conversation.hear(message);
      expect(conversation.error).toBeUndefined();
      end(conversation);
      return normal(conversation.actions);
    }

    const garbage: readonly Message[] = ['', '{', '[]', 'null', '\u0000', '"'.repeat(9)];
    type End = (conversation: Conversation) => void;
    const ends: Readonly<Record<string, End>> & { readonly lost: End } = {
      'closed by the platform': (conversation) => conversation.end('closed'),
      lost: (conversation) => conversation.end('lost'),
      'lost twice over': (conversation) => {
        conversation.end('lost');
        conversation.end('closed');
      },
      'an error': (conversation) => {
        for (const message of garbage) if (conversation.error === undefined) conversation.hear(message);
        conversation.end('lost');
      },
      ...(stops && {
        'a stop': (conversation) => {
          for (const message of stopping) conversation.hear(message);
          conversation.end('closed');
        },
        'a stop that is repeated': (conversation) => {
          for (const message of [...stopping, ...stopping]) conversation.hear(message);
          conversation.end('lost');
        },
      }),
    };

    const audioOf = (actions: readonly DialectAction[]): unknown =>
      briefly(actions.filter(({ kind }) => kind !== 'close'));
    const closes = (actions: readonly DialectAction[]) => actions.filter(({ kind }) => kind === 'close');
    const opens = (actions: readonly DialectAction[]) => actions.filter(({ kind }) => kind === 'open');

    it('gives the same audio, and one close for each stream, however it ends and whenever', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: last + 1 }), (count) => {
          const reference = ended(count, ends.lost);
          for (const end of Object.values(ends)) {
            const actions = ended(count, end);
            expect(audioOf(actions)).toEqual(audioOf(reference));
            expect(closes(actions).length).toBe(opens(actions).length);
          }
        }),
        { numRuns: 12 },
      );
    });

    it('says how it ended', () => {
      const reasons = (end: string) =>
        closes(ended(last + 1, ends[end]!)).map((action) => (action.kind === 'close' ? action.reason : ''));
      expect(new Set(reasons('lost'))).toEqual(new Set(['disconnect']));
      expect(new Set(reasons('an error'))).toEqual(new Set(['disconnect']));
      expect(new Set(reasons('closed by the platform'))).toEqual(new Set([closeEnds ? 'stop' : 'disconnect']));
      if (stops) expect(new Set(reasons('a stop'))).toEqual(new Set(['stop']));
    });

    it('means nothing after its end', () => {
      const conversation = new Conversation(dialectOf(name), handshake);
      for (const message of all.slice(0, last)) conversation.hear(message);
      conversation.end('lost');
      const before = conversation.actions.length;
      for (const message of [...all, new Uint8Array(4), '{']) conversation.hear(message);
      expect(conversation.actions.length).toBe(before);
      expect(conversation.error).toBeUndefined();
    });

    it('that never had a message, or a hello alone, has no stream', () => {
      expect(ended(0, ends.lost)).toEqual([]);
    });
  },
);
