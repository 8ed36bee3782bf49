import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvFormatter } from '../../src/cli/csv.ts';
import { jsonlFormatter } from '../../src/cli/jsonl.ts';
import { summaryRow } from '../../src/cli/summary-row.ts';
import { tableFormatter } from '../../src/cli/table.ts';
import { bar, coloursFor, level, printable } from '../../src/cli/terminal.ts';
import { clock, clockSeconds } from '../../src/clock.ts';
import { encodeEvent } from '../../src/protocol/index.ts';
import { endedAt, started, turnOf, windowOf } from './events.ts';

/** Python's csv module: a reader that is not ours. */
function readCsv(text: string): Record<string, string>[] {
  const program = 'import csv, json, sys; print(json.dumps(list(csv.DictReader(sys.stdin))))';
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', program], { input: text, encoding: 'utf8' }));
}

describe('jsonl', () => {
  it('is the wire form, byte for byte, in a line', () => {
    const wire = encodeEvent(windowOf(0, 'anger'));
    expect(jsonlFormatter().event(windowOf(0, 'anger'), wire)).toBe(`${wire}\n`);
  });

  it('has the file in front, as it was given, where there are several', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (file) => {
        const wire = encodeEvent(endedAt(2000));
        const line = jsonlFormatter(file).event(endedAt(2000), wire);
        expect(JSON.parse(line)).toEqual({ file, ...JSON.parse(wire) });
        expect(line.endsWith(wire.slice(1).concat('\n'))).toBe(true);
        expect(line.indexOf('\n')).toBe(line.length - 1);
      }),
    );
  });

  it('leaves out what belongs to the connection', () => {
    expect(jsonlFormatter().event({ type: 'ack', streamId: 's', receivedSamples: 1 }, '{"type":"ack"}')).toBe('');
  });
});

describe('csv', () => {
  it('has a row per window, which another reader reads back', () => {
    const file = 'calls/"odd", name\nof a file.wav';
    const csv = csvFormatter(file, ['loudness', 'energy']);
    const window = windowOf(3, 'anger', { descriptors: { loudness: 12.5, energy: null } });
    const silent = windowOf(4, 'unknown');
    const text = [csv.head, ...[started, window, turnOf(0, 9), silent, endedAt(9)].map((e) => csv.event(e, ''))].join(
      '',
    );
    const rows = readCsv(text);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      file,
      streamId: 's',
      channel: '0',
      channelName: 'customer',
      role: 'customer',
      seq: '3',
      startMs: '0',
      endMs: '2000',
      label: 'anger',
      reason: '',
      score: '0.6',
      confidence: '0.55',
      arousal: '0.25',
      valence: '-0.125',
      speechRatio: '0.75',
      levelDb: '-23.5',
      clippedRatio: '0',
      latencyMs: '1.5',
      p_anger: '0.6',
      raw_anger: '0.6',
      d_loudness: '12.5',
      d_energy: '',
    });
    expect(rows[1]).toMatchObject({ label: 'unknown', reason: 'silence' });
  });

  it('has the same columns for a model with fewer emotions', () => {
    const csv = csvFormatter('a.wav', []);
    const few = windowOf(0, 'anger', { probabilities: { anger: 1 }, raw: { anger: 1 } });
    const [row] = readCsv(csv.head + csv.event(few, ''));
    expect(row).toMatchObject({ p_anger: '1', p_fear: '', raw_fear: '' });
    expect(Object.values(row ?? {}).every((value) => typeof value === 'string')).toBe(true);
  });
});

describe('the table', () => {
  const plain = coloursFor({}, {});
  const table = tableFormatter('call.wav', plain);
  const segment = {
    type: 'segment',
    streamId: 's',
    cursor: 1,
    channel: 0,
    channelName: 'customer',
    role: 'customer',
    startMs: 4000,
    endMs: 65_500,
    label: 'anger',
    meanScore: 0.5,
    windows: 9,
  } as const;

  it('has a row per segment, and what the call came to', () => {
    const text = [started, windowOf(0, 'anger'), segment, endedAt(66_000)].map((e) => table.event(e, '')).join('');
    expect(text).toBe(
      [
        'call.wav  customer (customer), agent (employee)',
        'window 3 s, step 0.5 s, model made-up 1.2.3',
        '   0:04.0 – 1:05.5    customer     anger      █████      0.50',
        'ended at 1:06.0',
        'customer     spoke 0:01 in 1 turn, 50 % of windows labelled: anger 75 %, neutral 25 %',
        'agent        spoke 0:01 in 1 turn, 0 % of windows labelled',
        '',
      ].join('\n'),
    );
  });

  it('shows marks, alerts and conditions where they fall', () => {
    const numbered = { streamId: 's', cursor: 1 };
    expect(table.event({ type: 'mark', ...numbered, name: 'transfer', atMs: 61_000 }, '')).toContain(
      '1:01.0   mark transfer',
    );
    expect(
      table.event(
        { type: 'alert', ...numbered, rule: 'r', severity: 'low', state: 'raised', atMs: 0, sinceMs: 0, evidence: [] },
        '',
      ),
    ).toContain('alert r raised');
    expect(table.event({ type: 'status', ...numbered, code: 'gap', message: 'No audio.' }, '')).toContain(
      'gap: No audio.',
    );
  });

  it('lets no name move the cursor or change colours', () => {
    const hostile = { ...segment, channelName: 'a\u001b[2Jb\r\nc\u009b31m' };
    const text = tableFormatter('\u001b]0;x\u0007', plain).event(started, '') + table.event(hostile, '');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left but line feeds
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(printable('a\tb')).toBe('a?b');
  });
});

describe('the summary row of a recording', () => {
  it('names what was heard most on every channel', () => {
    expect(summaryRow(endedAt(3_723_400))).toBe(
      ' 1:02:03  customer: anger 75 %, 1 turn, 50 % labelled · agent: no emotion named, 1 turn, 0 % labelled',
    );
  });
});

describe('positions as people read them', () => {
  it.each([
    [0, '0:00.0'],
    [59_999, '0:59.9'],
    [60_000, '1:00.0'],
    [3_599_999, '59:59.9'],
    [3_600_000, '1:00:00.0'],
    [36_061_230, '10:01:01.2'],
  ])('%i ms is %s', (ms, text) => {
    expect(clock(ms)).toBe(text);
    expect(clockSeconds(ms)).toBe(text.slice(0, -2));
  });
});

describe('bars', () => {
  it('fill from the left and keep their width', () => {
    expect([0, 0.5, 1, -1, 2].map((share) => bar(share, 4))).toEqual(['    ', '██  ', '████', '    ', '████']);
    expect(bar(0.28125, 4)).toBe('█▏  ');
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => bar(share, 7).length === 7));
  });

  it('rise in eighths', () => {
    expect([0, 0.125, 0.5, 1].map(level)).toEqual([' ', '▁', '▄', '█']);
  });
});

describe('colours', () => {
  const coloured = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
    coloursFor(stream, env).red('x') !== 'x';

  it('are for terminals, and NO_COLOR has the last word', () => {
    expect(coloured({ isTTY: true }, {})).toBe(true);
    expect(coloured({}, {})).toBe(false);
    expect(coloured({}, { CI: 'true' })).toBe(false);
    expect(coloured({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(coloured({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
    expect(coloured({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(coloured({}, { FORCE_COLOR: '1' })).toBe(true);
    expect(coloured({}, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });
});
