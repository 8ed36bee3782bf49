import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { UndertoneError } from '../../errors.ts';

/** How a block's body is written. A number never changes its meaning: old blocks stay as they are. */
const DEFLATE_WITH_DICTIONARY_1 = 1;

/** Between two events. JSON holds no such byte; RFC 7464 uses it in the same way. */
const SEPARATOR = '\x1e';
const SEPARATOR_BYTES = Buffer.from(SEPARATOR);

const EMOTIONS = '"anger":0.0,"disgust":0.0,"fear":0.0,"happiness":0.0,"neutral":0.0,"sadness":0.0,"surprise":0.0';
/** What events have in common, the commonest last: a block of two windows shrinks to a fifth with it, and to a third without. */
const DICTIONARY_1 = Buffer.from(
  [
    '{"type":"status","streamId":"","cursor":0,"code":"low-quality","message":"The audio is clipped; lower the recording level.","channel":0,"endMs":0}',
    '{"type":"status","streamId":"","cursor":0,"code":"gap","message":"","startMs":0,"endMs":0}',
    '{"type":"mark","streamId":"","cursor":0,"name":"","atMs":0}',
    `{"type":"ended","streamId":"","cursor":0,"reason":"stop","durationMs":0,"channels":[{"channel":0,"channelName":"caller","role":"unknown","windows":0,"speechMs":0,"turns":0,"shares":{${EMOTIONS}},"coverage":0.0,"arousal":0.0,"valence":0.0}]}`,
    '{"type":"alert","streamId":"","cursor":0,"rule":"","severity":"high","state":"raised","atMs":0,"sinceMs":0,"cause":"condition","evidence":[{"measure":"anger","comparison":"above","threshold":0.6,"value":0.,"holds":true,"channel":0,"channelName":"customer"}]}',
    '{"type":"segment","streamId":"","cursor":0,"channel":0,"channelName":"","role":"employee","startMs":0,"endMs":0,"label":"neutral","meanScore":0.0,"windows":1}',
    '{"type":"turn","streamId":"","cursor":0,"channel":0,"channelName":"","role":"customer","startMs":0,"endMs":0,"label":"anger","arousal":0.,"valence":-0.}',
    '{"type":"window","streamId":"","cursor":0,"channel":0,"channelName":"caller","role":"customer","seq":0,"startMs":0,"endMs":0,"label":"unknown","reason":"silence","score":0.,"confidence":0.,"speechRatio":0,"openTurn":null,"added":{"speechMs":0,"levelDb":null,"pitchSemitones":null,"syllables":0},"reason":"low-confidence"',
    `{"type":"window","streamId":"","cursor":1,"channel":1,"channelName":"agent","role":"employee","seq":1,"startMs":1000,"endMs":4000,"label":"neutral","score":0.9,"confidence":0.8,"probabilities":{${EMOTIONS}},"raw":{${EMOTIONS}},"arousal":0.1,"valence":-0.1,"speechRatio":1,"openTurn":{"startMs":1000,"endMs":4000},"added":{"speechMs":500,"levelDb":-20.1,"pitchSemitones":30.1,"syllables":2},"quality":{"levelDb":-20.1,"clippedRatio":0},"latencyMs":10.1}${SEPARATOR}{"type":"window","streamId":"`,
  ].join(''),
);

/** Small tables, for blocks are small: the dictionary fits, and setting up takes less than with the usual 256 KiB. */
const OPTIONS = { dictionary: DICTIONARY_1, level: 6, windowBits: 12, memLevel: 5 };

export interface Block {
  readonly codec: number;
  readonly body: Uint8Array;
}

/** Events as they were sent → what is kept of them. */
export function packEvents(events: readonly Uint8Array[]): Block {
  const pieces = events.flatMap((event, index) => (index === 0 ? [event] : [SEPARATOR_BYTES, event]));
  return { codec: DEFLATE_WITH_DICTIONARY_1, body: deflateRawSync(Buffer.concat(pieces), OPTIONS) };
}

/** And back. @throws UndertoneError `store-unavailable` for a block that is damaged */
export function unpackEvents({ codec, body }: Block): readonly string[] {
  if (codec !== DEFLATE_WITH_DICTIONARY_1) throw damaged();
  try {
    return inflateRawSync(body, OPTIONS).toString().split(SEPARATOR);
  } catch {
    throw damaged();
  }
}

const damaged = (): UndertoneError =>
  new UndertoneError('store-unavailable', { detail: 'a part of a timeline is damaged' });
