import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../src/emotions.ts';
import { exportCall, recordCall } from '../../src/exports/index.ts';
import { parseServerEvent, type ServerEvent } from '../../src/protocol/index.ts';
import { CALL, eventsOf, ODD_NAMES } from './call-events.ts';

/** CSV as RFC 4180 has it, but for line feeds alone: anything else is an error. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) throw new Error('a quoted cell does not end');
        cell += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
    } else {
      const [plain = ''] = /^[^",\r\n]*/.exec(text.slice(at)) ?? [];
      cell = plain;
      at += plain.length;
    }
    row.push(cell);
    if (text[at] === ',') at += 1;
    else if (text[at] === '\n') {
      at += 1;
      rows.push(row);
      row = [];
    } else throw new Error(`neither a comma nor a line feed at ${at}: ${JSON.stringify(text.slice(at, at + 10))}`);
  }
  if (row.length > 0) throw new Error('the last row has no line feed');
  return rows;
}

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

describe('JSON Lines', () => {
  it('give the events back', () => {
    const events = eventsOf();
    const lines = exportCall(recordCall(events), 'jsonl').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => parseServerEvent(line))).toEqual(events);
  });

  it('leave out what belongs to a connection', () => {
    const events: ServerEvent[] = [
      { type: 'ack', streamId: 's', receivedSamples: 1 },
      { type: 'status', code: 'slow-consumer', message: 'x' },
      { type: 'status', streamId: 's', cursor: 0, code: 'paused', message: 'y' },
      { type: 'error', code: 'internal', message: 'z', retryable: true },
    ];
    expect(exportCall(recordCall(events), 'jsonl').split('\n')).toHaveLength(2);
    expect(exportCall(recordCall([]), 'jsonl')).toBe('');
  });

  it('keep any name on its line', () => {
    const marks = ODD_NAMES.map((name, index) => [name, index] as const);
    const lines = exportCall(recordCall(eventsOf({ marks })), 'jsonl')
      .trimEnd()
      .split('\n');
    const names = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'mark');
    expect(names.map(({ name }) => name)).toEqual(ODD_NAMES);
  });
});

describe('CSV', () => {
  it('has a row per window, whose columns are those of its head', () => {
    const [head = [], ...rows] = parseCsv(exportCall(recordCall(eventsOf()), 'csv'));
    expect(rows).toHaveLength(24);
    for (const row of rows) expect(row).toHaveLength(head.length);
    const first = Object.fromEntries(head.map((name, index) => [name, rows[0]?.[index]]));
    expect(first).toMatchObject({
      streamId: 'call-1',
      channel: '0',
      channelName: 'caller',
      role: 'customer',
      seq: '0',
      startMs: '0',
      endMs: '500',
      label: 'neutral',
      reason: '',
      score: '0.75',
      confidence: '0.6',
      arousal: '0.5',
      valence: '-0.4',
      speechRatio: '0.8',
      levelDb: '-23.5',
      clippedRatio: '0',
      p_neutral: '0.75',
      p_surprise: '0.25',
      p_anger: '',
      raw_neutral: '0.75',
    });
    expect(head.filter((name) => name.startsWith('p_'))).toEqual(EMOTIONS.map((emotion) => `p_${emotion}`));
    expect(rows[6]?.[head.indexOf('reason')]).toBe('silence');
  });

  it('has the descriptors that were asked for, empty where they are not defined', () => {
    const described = eventsOf().map((event, index) =>
      event.type === 'window'
        ? { ...event, descriptors: { loudness: index === 1 ? null : 12.5, 'odd,"name': 1 } }
        : event,
    );
    const [head = [], first = [], second = []] = parseCsv(exportCall(recordCall(described), 'csv'));
    expect(head.slice(-2)).toEqual(['d_loudness', 'd_odd,"name']);
    expect(first.slice(-2)).toEqual(['', '1']);
    expect(second.slice(-2)).toEqual(['12.5', '1']);
  });

  it('gives any name back', () => {
    const text = fc.oneof(
      fc.constantFrom(...ODD_NAMES),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('"', ',', '\r\n'),
    );
    fc.assert(
      fc.property(text, text, (streamId, name) => {
        const channels = [{ name, role: 'unknown' as const }];
        const events = eventsOf({ streamId, channels, labels: [['anger', 'unknown']], turns: [] });
        const [head = [], ...rows] = parseCsv(exportCall(recordCall(events), 'csv'));
        expect(rows).toHaveLength(2);
        for (const row of rows) {
          expect(row[head.indexOf('channelName')]).toBe(wellFormed(name));
          expect(row[head.indexOf('streamId')]).toBe(wellFormed(streamId));
        }
      }),
    );
  });
});

describe('a recorded call', () => {
  it('knows its sides from the events where nobody saw it start', () => {
    const [, ...rest] = eventsOf();
    const call = recordCall(rest);
    expect(call).toMatchObject({ streamId: 'call-1', callId: 'call-1', durationMs: 6000 });
    expect(call.sides.map(({ name, role, channel }) => ({ name, role, channel }))).toEqual([
      { name: 'caller', role: 'customer', channel: 0 },
      { name: 'agent', role: 'employee', channel: 1 },
    ]);
    expect(call.sides.map(({ windows, turns }) => [windows.length, turns.length])).toEqual([
      [12, 2],
      [12, 1],
    ]);
    expect(recordCall(eventsOf())).toMatchObject({ callId: 'the call', model: { name: 'made-up' } });
  });

  it('is as long as what is known of it', () => {
    expect(recordCall(eventsOf({}, true)).durationMs).toBe(6000);
    expect(recordCall(eventsOf({ durationMs: 6125 })).durationMs).toBe(6125);
    expect(recordCall([])).toMatchObject({ streamId: '', durationMs: 0, sides: [] });
  });

  it('has the same stretches live as at its end', () => {
    for (const format of ['webvtt', 'srt', 'rttm', 'emotionml', 'textgrid'] as const) {
      const [live, ended] = [true, false].map((open) => exportCall(recordCall(eventsOf(CALL, open)), format));
      expect(live).toBe(ended);
    }
  });
});
