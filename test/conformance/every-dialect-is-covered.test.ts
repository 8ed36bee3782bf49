import { afterAll, describe, expect, it } from 'vitest';
import { autoDialect, type Dialect, detectDialect, dialectSimulators, dialects } from '../../src/protocol/index.ts';
import { Conversation, dialectOf, normal } from './conversation.ts';
import { traits } from './traits.ts';
import { type Transcript, transcripts } from './transcript.ts';

/** Plivo's protocol under another name: only the path tells them apart. */
const DETECTED_AS: Readonly<Record<string, string>> = { vobiz: 'plivo' };

/** Transcripts that were replayed to their end, and the messages of both sides in them. */
const replayed = { dialects: new Set<string>(), transcripts: 0, messages: 0 };
afterAll(() => {
  const { dialects: covered, transcripts: count, messages } = replayed;
  process.stdout.write(
    `conformance: ${covered.size} of ${dialects.length} dialects, ${count} transcripts, ${messages} messages replayed\n`,
  );
});

describe('every dialect of the registry', () => {
  it('has a transcript, a simulator, traits, and one name', () => {
    const names = dialects.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...new Set(transcripts.map(({ dialect }) => dialect))].sort()).toEqual([...names].sort());
    expect(dialectSimulators.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(Object.keys(traits).sort()).toEqual([...names].sort());
  });
});

/** What a session says to a transcript; what the transcript says the server answers is compared at its place. */
function replay(dialect: Dialect, transcript: Transcript) {
  const conversation = new Conversation(dialect, transcript.handshake);
  const replies: (string | Uint8Array)[] = [];
  const answered: (string | Uint8Array)[] = [];
  for (const step of transcript.steps) {
    if ('closed' in step) conversation.end(step.closed);
    else if (step.from === 'server') {
      answered.push(step.data);
      expect(replies.map(parsed)).toEqual(answered.map(parsed));
    } else for (const action of conversation.hear(step.data)) if (action.kind === 'reply') replies.push(action.message);
  }
  expect(conversation.error).toBeUndefined();
  expect(replies.map(parsed)).toEqual(answered.map(parsed));
  return normal(conversation.actions).filter(({ kind }) => kind !== 'reply');
}

const parsed = (message: string | Uint8Array): unknown => {
  try {
    return typeof message === 'string' ? JSON.parse(message) : message;
  } catch {
    return message;
  }
};

describe.each(transcripts)('$name: $source', (transcript) => {
  it('means what it says', () => {
    expect(replay(dialectOf(transcript.dialect), transcript)).toEqual(transcript.expect);
    replayed.dialects.add(transcript.dialect);
    replayed.transcripts += 1;
    replayed.messages += transcript.steps.filter((step) => 'from' in step).length;
  });

  it('is recognised from its handshake and its first messages', () => {
    const messages = transcript.steps.flatMap((step) =>
      'from' in step && step.from === 'platform' ? [step.data] : [],
    );
    const first = detectDialect(dialects, transcript.handshake, messages[0]!);
    const found =
      first === 'later'
        ? detectDialect(dialects, transcript.handshake, messages[1]!, JSON.parse(String(messages[0])))
        : first;
    expect(found).toMatchObject({ name: DETECTED_AS[transcript.dialect] ?? transcript.dialect });
    expect(replay(autoDialect, transcript)).toEqual(transcript.expect);
  });

  it('says nothing of phone numbers and digits', () => {
    const said = JSON.stringify(
      replay(dialectOf(transcript.dialect), transcript).filter(({ kind }) => kind !== 'audio'),
    );
    expect(said).not.toMatch(/\+\d{7}|"digit"|\b(?:447|\d{10,11})\d{2}\b(?!-)/);
  });
});
