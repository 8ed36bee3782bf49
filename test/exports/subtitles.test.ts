import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportCall, recordCall } from '../../src/exports/index.ts';
import { CALL, eventsOf, type MadeUp, ODD_NAMES } from './call-events.ts';

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** The cues that ffmpeg reads, and writes as the other format; its own output is regular enough to be split by hand. */
function throughFfmpeg(text: string, from: 'webvtt' | 'srt'): Cue[] {
  const to = from === 'srt' ? 'webvtt' : 'srt';
  const options = ['-v', 'error', '-f', from, '-i', 'pipe:0', '-f', to, 'pipe:1'];
  const output = execFileSync('ffmpeg', options, { input: text, encoding: 'utf8' });
  const ms = (time: string): number => {
    const [rest = '', fraction = ''] = time.split(/[.,]/);
    return rest.split(':').reduce((sum, part) => 60 * sum + Number(part), 0) * 1000 + Number(fraction);
  };
  return [...output.matchAll(/^((?:\d+:)?\d\d:\d\d[.,]\d{3}) --> (\S+)\n((?:.+\n?)*)/gm)].map(
    ([, start = '', end = '', lines = '']) => ({ startMs: ms(start), endMs: ms(end), text: lines.trim() }),
  );
}

const subtitles = (change: MadeUp, format: 'webvtt' | 'srt'): string =>
  exportCall(recordCall(eventsOf(change)), format);

/** What a name becomes on a line. */
const line = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stand in a cue
    .replace(/[\u0000-\u0020\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim();

describe('WebVTT', () => {
  it('is read by ffmpeg: labels, marks and alerts at their times', () => {
    expect(throughFfmpeg(subtitles({}, 'webvtt'), 'webvtt')).toEqual([
      { startMs: 0, endMs: 1000, text: 'neutral 75 %' },
      { startMs: 1000, endMs: 3000, text: 'anger 75 %' },
      { startMs: 2000, endMs: 4000, text: '⚠ angry caller' },
      { startMs: 3000, endMs: 5000, text: '▸ transfer' },
      { startMs: 3000, endMs: 6000, text: 'happiness 75 %' },
      { startMs: 4000, endMs: 6000, text: 'sadness 75 %' },
    ]);
  });

  it('has its head, and hours', () => {
    const text = subtitles({ labels: [[], []], marks: [['late', 37 * 3_600_000 + 61_007]], alerts: [] }, 'webvtt');
    expect(text).toBe('WEBVTT\n\n37:01:01.007 --> 37:01:03.007\n▸ late\n');
  });

  it('of a call without anything is a head', () => {
    const text = subtitles({ labels: [[], []], turns: [], marks: [], alerts: [] }, 'webvtt');
    expect(throughFfmpeg(text, 'webvtt')).toEqual([]);
  });

  it('lets no name make a cue or end one', () => {
    const marks = ODD_NAMES.map((name, index) => [name, index * 5000] as const);
    const cues = throughFfmpeg(subtitles({ marks, labels: [[], []], alerts: [] }, 'webvtt'), 'webvtt');
    // How names look is tested in a browser: ffmpeg reads formatting of its own into them.
    expect(cues.map(({ startMs, endMs }) => [startMs, endMs])).toEqual(
      ODD_NAMES.map((_, index) => [index * 5000, index * 5000 + 2000]),
    );
  });

  it('has one arrow a cue, whatever the names', () => {
    const name = fc.oneof(fc.constantFrom(...ODD_NAMES), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(name, name, (channelName, mark) => {
        const channels = [{ name: channelName, role: 'unknown' as const }];
        const call = { channels, labels: [['anger' as const]], turns: [], marks: [[mark, 100]] as const, alerts: [] };
        const blocks = subtitles(call, 'webvtt').trimEnd().split('\n\n').slice(1);
        expect(blocks).toHaveLength(2);
        for (const block of blocks) {
          expect(block.split('\n')).toHaveLength(2);
          expect(block.match(/-->/g)).toHaveLength(1);
        }
      }),
    );
  });
});

describe('SubRip', () => {
  it('is read by ffmpeg: the same cues, with the name of the side', () => {
    expect(throughFfmpeg(subtitles({}, 'srt'), 'srt')).toEqual([
      { startMs: 0, endMs: 1000, text: 'caller: neutral 75 %' },
      { startMs: 1000, endMs: 3000, text: 'caller: anger 75 %' },
      { startMs: 2000, endMs: 4000, text: '⚠ angry caller' },
      { startMs: 3000, endMs: 5000, text: '▸ transfer' },
      { startMs: 3000, endMs: 6000, text: 'agent: happiness 75 %' },
      { startMs: 4000, endMs: 6000, text: 'caller: sadness 75 %' },
    ]);
  });

  it('numbers its cues from 1', () => {
    const numbers = subtitles(CALL, 'srt').match(/^\d+$/gm);
    expect(numbers).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('shows any name, with signs that look alike where players would read formatting', () => {
    const marks = ODD_NAMES.map((name, index) => [name, index * 5000] as const);
    const cues = throughFfmpeg(subtitles({ marks, labels: [[], []], alerts: [] }, 'srt'), 'srt');
    const alike = (text: string): string =>
      text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('{', '(').replaceAll('}', ')').replaceAll('\\', '∖');
    // As WebVTT, ffmpeg writes the ampersand as an entity.
    const found = cues.map(({ text }) => text.replaceAll('&amp;', '&'));
    expect(found).toEqual(ODD_NAMES.map((name) => `▸ ${alike(line(name))}`.trim()));
  });
});
