import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialectAction } from '../../../src/protocol/index.ts';
import {
  Client,
  CONVERSATION,
  NULL_UUID,
  ORGANIZATION,
  openParameters,
  PCMU,
  SESSION,
  words,
} from './audiohook-client.ts';

function opened(query: string): Client {
  const client = new Client(query);
  client.open();
  return client;
}

describe('what an AudioHook session opens', () => {
  const l16 = (channels: readonly string[]) => ({ type: 'audio', format: 'L16', channels, rate: 8000 });
  const choice = (media: readonly unknown[]) => {
    const client = new Client();
    const actions = client.open({ media });
    return { media: client.replies[0]?.parameters.media, open: actions.find(({ kind }) => kind === 'open') };
  };

  it('is both sides where they are offered, the first offer of them', () => {
    expect(choice([l16(['external']), l16(['external', 'internal']), PCMU]).media).toEqual([
      l16(['external', 'internal']),
    ]);
    expect(choice([PCMU, l16(['external', 'internal'])]).media).toEqual([PCMU]);
  });

  it('is the customer alone before the agent alone', () => {
    expect(choice([l16(['internal']), l16(['external'])]).media).toEqual([l16(['external'])]);
    expect(choice([l16(['internal'])]).open).toMatchObject({
      start: { format: { channels: 1 }, channels: [{ name: 'internal', role: 'employee' }] },
    });
  });

  it('has the channels in the order of the offer', () => {
    expect(choice([l16(['internal', 'external'])]).open).toMatchObject({
      start: { channels: [{ role: 'employee' }, { role: 'customer' }] },
    });
  });

  it.each([
    [[]],
    [[{ ...PCMU, format: 'OPUS' }]],
    [[{ ...PCMU, rate: 16_000 }]],
    [[{ ...PCMU, type: 'video' }]],
    [[{ ...PCMU, channels: ['external', 'external'] }]],
    [[{ ...PCMU, channels: ['customer'] }]],
    [[{ ...PCMU, channels: [] }]],
    [[null, 1, 'PCMU', { format: '__proto__', channels: ['constructor'] }]],
  ])('is nothing of %j, and then audio is an error', (media) => {
    const client = new Client();
    expect(words(client.open({ media }))).toBe('opened');
    expect(client.replies[0]?.parameters.media).toEqual([]);
    expect(words(client.audio())).toBe('disconnect');
  });

  it('is no stream for a test of the connection, whatever it sends', () => {
    const client = new Client();
    expect(words(client.open({ conversationId: NULL_UUID }))).toBe('opened');
    expect(client.replies[0]?.parameters.media).toEqual([PCMU]);
    expect(words(client.audio())).toBe('');
    expect(words(client.say('close', { reason: 'end' }))).toBe('closed');
  });

  it('is nothing for another organisation than the one whose request was signed', () => {
    const organization = (id: string) => new Client('', { 'audiohook-organization-id': id });
    expect(words(organization(ORGANIZATION.toUpperCase()).open())).toBe('opened, open');
    const client = organization(CONVERSATION);
    expect(words(client.open())).toBe('disconnect');
    expect(client.replies[0]?.parameters).toEqual({ reason: 'unauthorized' });
    expect(words(client.say('close', { reason: 'disconnect' }))).toBe('closed');
  });

  it('is nothing where the signature was wrong', () => {
    const client = Client.unauthorized();
    expect(words(client.open())).toBe('disconnect');
    expect(client.replies[0]?.parameters).toEqual({ reason: 'unauthorized' });
    expect(words(client.audio())).toBe('');
    expect(words(client.say('close', { reason: 'disconnect' }))).toBe('closed');
  });

  it('takes names, roles and the call from the URL, and refuses more names than channels', () => {
    const client = new Client('?roles=unknown,bot&channels=guest&callId=case-7');
    expect(client.open()[1]).toMatchObject({
      start: {
        callId: 'case-7',
        channels: [
          { name: 'guest', role: 'unknown' },
          { name: 'internal', role: 'bot' },
        ],
      },
    });
    const crowded = new Client('?channels=a,b,c');
    expect(words(crowded.open())).toBe('disconnect');
    expect(crowded.replies[0]?.seq).toBe(1);
    expect(crowded.replies.at(-1)?.parameters.info).toMatch(/3 channels are named/);
  });

  it('reads L16 in the order that the URL says', () => {
    const heard = (query: string) => {
      const client = new Client(query);
      client.open({ media: [l16(['external'])] });
      const sent = Uint8Array.of(1, 2, 3, 4);
      const [action] = client.audio(sent);
      expect(sent).toEqual(Uint8Array.of(1, 2, 3, 4));
      return action?.kind === 'audio' ? [...action.bytes] : [];
    };
    expect(heard('')).toEqual([1, 2, 3, 4]);
    expect(heard('?l16=big')).toEqual([2, 1, 4, 3]);
  });

  it('wants audio in whole samples of every channel', () => {
    expect(words(opened('').audio(new Uint8Array(321)))).toBe('close disconnect, disconnect');
    expect(words(opened('').audio(new Uint8Array(0)))).toBe('');
  });

  it.each([
    ['organizationId', { organizationId: 'x' }],
    ['conversationId', { conversationId: undefined }],
    ['participant', { participant: {} }],
    ['media', { media: {} }],
    ['continuedSessions', { continuedSessions: [{ id: SESSION }] }],
    ['supportedLanguages', { supportedLanguages: 'yes' }],
  ])('is refused without a good %s', (field, over) => {
    const client = new Client();
    expect(words(client.say('open', { ...openParameters, ...over }))).toBe('disconnect');
    expect(client.replies[0]?.parameters.info).toContain(field);
  });
});

type Step =
  | { readonly kind: 'audio'; readonly frames: number }
  | { readonly kind: 'discarded'; readonly ms: number }
  | { readonly kind: 'pause'; readonly ms: number };

/** What a step does, and how far time goes on with it, in ms. */
function take(client: Client, step: Step, start: string): readonly [actions: readonly DialectAction[], ms: number] {
  if (step.kind === 'audio') return [client.audio(new Uint8Array(step.frames * 320).fill(1)), step.frames * 20];
  const gap = { start, discarded: `PT${step.ms / 1000}S` };
  if (step.kind === 'discarded') return [client.say('discarded', gap), step.ms];
  return [[...client.say('paused'), ...client.say('resumed', gap)], step.ms];
}

const msOf = (action: DialectAction): number => {
  if (action.kind === 'audio') return action.bytes.length / 16;
  return action.kind === 'gap' ? action.durationMs : 0;
};

describe('the time of an AudioHook stream', () => {
  it('is audio and what was discarded, in their order, whatever the positions say: it jumps and never shifts', () => {
    const audio = fc.record({ kind: fc.constant('audio' as const), frames: fc.integer({ min: 1, max: 40 }) });
    const discarded = fc.record({ kind: fc.constant('discarded' as const), ms: fc.integer({ min: 0, max: 9_999 }) });
    const pause = fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 90_000 }) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(audio, discarded, pause), { maxLength: 30 }),
        fc.nat({ max: 99 }),
        (steps, start) => {
          const client = opened('');
          let wanted = 0;
          let got = 0;
          for (const step of steps) {
            const [actions, ms] = take(client, step, `PT${start}S`);
            wanted += ms;
            got += actions.map(msOf).reduce((sum, one) => sum + one, 0);
            expect(got).toBeCloseTo(wanted, 6);
          }
          expect(client.replies.map(({ type }) => type)).toEqual(['opened']);
        },
      ),
    );
  });
});
