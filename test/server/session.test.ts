import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../src/errors.ts';
import { DEFAULT_ANALYSIS_LIMITS } from '../../src/protocol/index.ts';
import { Session, type SessionAction, type SessionInput } from '../../src/server/session.ts';

const START = '{"type":"start","format":{"encoding":"mulaw","sampleRateHz":8000,"channels":1}}';
const text = (message: string): SessionInput => ({ type: 'text', text: message });
const start = text(START);
const mark = text('{"type":"mark","name":"m"}');
const stop = text('{"type":"stop"}');
const nonsense = text('nonsense');
const audio: SessionInput = { type: 'audio', bytes: new Uint8Array(2) };
const ended = (reason: 'stop' | 'disconnect' | 'shutdown' | 'error'): SessionInput => ({ type: 'ended', reason });
const failed: SessionInput = { type: 'failed', error: new UndertoneError('audio-not-finite') };
const tooLarge: SessionInput = { type: 'fault', error: new UndertoneError('message-too-large', { limit: 1 }) };
const idle: SessionInput = { type: 'fault', error: new UndertoneError('idle-timeout', { seconds: 1 }) };
const lost: SessionInput = { type: 'lost', clean: false };
const left: SessionInput = { type: 'lost', clean: true };
const replaced: SessionInput = { type: 'replaced' };
const drain: SessionInput = { type: 'drain' };

/** Actions as short words. */
function words(actions: readonly SessionAction[]): string[] {
  return actions.map((action) => {
    switch (action.do) {
      case 'tell':
        return `tell ${action.error.code}`;
      case 'close':
        return `close ${action.code}`;
      case 'finish':
        return `finish ${action.reason}`;
      default:
        return action.do;
    }
  });
}

const PATHS = {
  'waiting-start': [],
  streaming: [start],
  stopping: [start, stop],
  rejected: [start, nonsense],
  ended: [lost],
} as const;

type Row = readonly [input: SessionInput, actions: readonly string[], state: string];
const TABLE: Readonly<Record<keyof typeof PATHS, readonly Row[]>> = {
  'waiting-start': [
    [start, ['open'], 'streaming'],
    [mark, ['tell not-started', 'close 4400'], 'ended'],
    [stop, ['tell not-started', 'close 4400'], 'ended'],
    [nonsense, ['tell not-json', 'close 4400'], 'ended'],
    [audio, ['tell audio-before-start', 'close 4400'], 'ended'],
    [tooLarge, ['tell message-too-large', 'close 1009'], 'ended'],
    [idle, ['tell idle-timeout', 'close 4408'], 'ended'],
    [drain, ['close 1001'], 'ended'],
    [lost, [], 'ended'],
    [left, [], 'ended'],
    [replaced, [], 'waiting-start'],
    [ended('stop'), [], 'waiting-start'],
    [failed, ['tell audio-not-finite', 'close 4400'], 'ended'],
  ],
  streaming: [
    [start, ['tell already-started', 'finish error'], 'stopping'],
    [mark, ['mark'], 'streaming'],
    [stop, ['finish stop'], 'stopping'],
    [nonsense, ['tell not-json', 'finish error'], 'stopping'],
    [audio, ['audio'], 'streaming'],
    [tooLarge, ['tell message-too-large', 'finish error'], 'stopping'],
    [idle, ['tell idle-timeout', 'leave', 'close 4408'], 'ended'],
    [drain, [], 'streaming'],
    [lost, ['leave'], 'ended'],
    [left, ['finish disconnect', 'leave'], 'ended'],
    [replaced, ['tell replaced', 'leave', 'close 4409'], 'ended'],
    [ended('shutdown'), ['close 1001'], 'ended'],
    [ended('error'), ['close 1011'], 'ended'],
    [failed, ['tell audio-not-finite', 'finish error'], 'stopping'],
  ],
  stopping: [
    [start, ['tell after-stop'], 'stopping'],
    [mark, ['tell after-stop'], 'stopping'],
    [stop, ['tell after-stop'], 'stopping'],
    [nonsense, ['tell after-stop'], 'stopping'],
    [audio, ['tell after-stop'], 'stopping'],
    [tooLarge, ['tell message-too-large'], 'stopping'],
    [idle, ['tell idle-timeout', 'leave', 'close 4408'], 'ended'],
    [drain, [], 'stopping'],
    [lost, ['leave'], 'ended'],
    [replaced, ['tell replaced', 'leave', 'close 4409'], 'ended'],
    [ended('stop'), ['close 1000'], 'ended'],
    [ended('shutdown'), ['close 1001'], 'ended'],
    [failed, ['tell audio-not-finite'], 'stopping'],
  ],
  // The first error decides; what comes after it is ignored until the stream has ended.
  rejected: [
    [start, [], 'stopping'],
    [audio, [], 'stopping'],
    [nonsense, [], 'stopping'],
    [tooLarge, [], 'stopping'],
    [failed, [], 'stopping'],
    [ended('error'), ['close 4400'], 'ended'],
    [ended('shutdown'), ['close 4400'], 'ended'],
    [lost, ['leave'], 'ended'],
  ],
  ended: [start, mark, stop, nonsense, audio, tooLarge, idle, drain, lost, left, replaced, ended('stop'), failed].map(
    (input) => [input, [], 'ended'] as const,
  ),
};

const name = (input: SessionInput): string =>
  input.type === 'text' ? input.text.slice(0, 24) : input.type === 'fault' ? input.error.code : input.type;

for (const [from, rows] of Object.entries(TABLE)) {
  describe(`a session that is ${from}`, () => {
    it.each(rows.map((row) => [name(row[0]), ...row] as const))('%s', (_, input, actions, state) => {
      const session = new Session(DEFAULT_ANALYSIS_LIMITS);
      for (const before of PATHS[from as keyof typeof PATHS]) session.receive(before);
      expect(words(session.receive(input))).toEqual(actions);
      expect(session.state).toBe(state);
    });
  });
}

describe('a session', () => {
  it('passes on what it has checked', () => {
    const session = new Session(DEFAULT_ANALYSIS_LIMITS);
    expect(session.receive(start)).toMatchObject([{ do: 'open', start: { channels: [{ name: 'mixed' }] } }]);
    expect(session.receive(audio)).toEqual([{ do: 'audio', bytes: new Uint8Array(2) }]);
    expect(session.receive(mark)).toEqual([{ do: 'mark', name: 'm' }]);
  });
});
