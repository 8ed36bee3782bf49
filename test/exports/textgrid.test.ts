import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../src/emotions.ts';
import { exportCall, recordCall } from '../../src/exports/index.ts';
import { eventsOf, type MadeUp, ODD_NAMES } from './call-events.ts';

const folder = mkdtempSync(join(tmpdir(), 'textgrid-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Tier {
  readonly kind: string;
  readonly name: string;
  /** [start, end, text] of an interval, [at, text] of a point. */
  readonly items: readonly (readonly (number | string)[])[];
}

/**
 * Grids read by Praat and saved by it as short text files (values alone, one after another), which are read here. Praat
 * itself refuses a grid that it cannot read.
 */
function throughPraat(grids: readonly string[]): { readonly endS: number; readonly tiers: readonly Tier[] }[] {
  writeFileSync(
    join(folder, 'reread.praat'),
    [
      'form Read',
      '  sentence Folder .',
      '  integer Count 0',
      'endform',
      'Text writing preferences: "UTF-8"',
      'for i to count',
      '  Read from file: folder$ + "/" + string$(i) + ".TextGrid"',
      '  Save as short text file: folder$ + "/" + string$(i) + ".short"',
      '  Remove',
      'endfor',
    ].join('\n'),
  );
  grids.forEach((grid, index) => {
    writeFileSync(join(folder, `${index + 1}.TextGrid`), grid);
  });
  execFileSync('praat', ['--run', join(folder, 'reread.praat'), folder, String(grids.length)]);
  return grids.map((_, index) => readShort(readFileSync(join(folder, `${index + 1}.short`), 'utf8')));
}

function readShort(text: string): { readonly endS: number; readonly tiers: readonly Tier[] } {
  // Strings in quotes, doubled inside; everything else is a number or a flag.
  const values = [...text.matchAll(/"((?:[^"]|"")*)"|[^\s"]+/g)].map(
    ([all, quoted]) => quoted?.replaceAll('""', '"') ?? all,
  );
  // File type = "ooTextFile", then "TextGrid", start, end, <exists>, number of tiers.
  const from = values.indexOf('TextGrid') + 1;
  expect(values[from + 2]).toBe('<exists>');
  let at = from + 4;
  const next = (): string => values[at++] ?? '';
  const tiers = Array.from({ length: Number(values[from + 3]) }, (): Tier => {
    const [kind, name] = [next(), next()];
    expect([Number(next()), Number(next())]).toEqual([0, Number(values[from + 1])]);
    const items = Array.from({ length: Number(next()) }, () =>
      kind === 'IntervalTier' ? [Number(next()), Number(next()), next()] : [Number(next()), next()],
    );
    return { kind, name, items };
  });
  expect(at).toBe(values.length);
  return { endS: Number(values[from + 1]), tiers };
}

const gridOf = (change: MadeUp = {}): string => exportCall(recordCall(eventsOf(change)), 'textgrid');

/** Lone surrogates and NUL cannot be in a file that Praat reads; it makes line feeds of all line ends. */
const readable = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('\u0000', '\ufffd')
    .replaceAll('\r\n', '\n');

/** Intervals tile [0, end], each with a length; points come in order. */
function checkOrder({ kind, items }: Tier, endS: number): void {
  const starts = items.map(([start]) => Number(start));
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  if (kind !== 'IntervalTier') return;
  const ends = items.map(([, end]) => Number(end));
  expect([0, ...ends]).toEqual([...starts, endS]);
  for (const [index, end] of ends.entries()) expect(end).toBeGreaterThan(starts[index]!);
}

describe('a TextGrid', () => {
  it('is read by Praat: labels and turns of each side, alerts and marks', () => {
    const [grid] = throughPraat([gridOf()]);
    expect(grid).toEqual({
      endS: 6,
      tiers: [
        {
          kind: 'IntervalTier',
          name: 'caller emotion',
          items: [
            [0, 1, 'neutral'],
            [1, 3, 'anger'],
            [3, 4, ''],
            [4, 6, 'sadness'],
          ],
        },
        {
          kind: 'IntervalTier',
          name: 'caller speech',
          items: [
            [0, 0.25, ''],
            [0.25, 2.9, 'speech'],
            [2.9, 4.4, ''],
            [4.4, 6, 'speech'],
          ],
        },
        {
          kind: 'IntervalTier',
          name: 'agent emotion',
          items: [
            [0, 3, ''],
            [3, 6, 'happiness'],
          ],
        },
        {
          kind: 'IntervalTier',
          name: 'agent speech',
          items: [
            [0, 3.1, ''],
            [3.1, 4.7255, 'speech'],
            [4.7255, 6, ''],
          ],
        },
        {
          kind: 'IntervalTier',
          name: 'alert angry caller',
          items: [
            [0, 2, ''],
            [2, 4, 'angry caller'],
            [4, 6, ''],
          ],
        },
        { kind: 'TextTier', name: 'marks', items: [[3, 'transfer']] },
      ],
    });
  });

  it('of an empty call, and one of names that break careless writers, is read, too', () => {
    const empty = gridOf({ labels: [[], []], turns: [], marks: [], alerts: [], durationMs: 0 });
    const odd = ODD_NAMES.map((name, index) =>
      gridOf({
        channels: [{ name, role: 'unknown' }],
        labels: [['anger', 'anger']],
        turns: [],
        marks: [
          [name, 100],
          ['same time', 100],
        ],
        alerts: [[name, 'raised', 500 * (index % 2)]],
        durationMs: 1000,
      }),
    );
    const [none, ...grids] = throughPraat([empty, ...odd]);
    expect(none?.endS).toBe(0.001);
    expect(none?.tiers.every(({ items }) => items.length === 1 && items[0]?.[2] === '')).toBe(true);
    grids.forEach((grid, index) => {
      const name = readable(ODD_NAMES[index]!);
      expect(grid.tiers.map((tier) => tier.name)).toEqual([
        `${name} emotion`,
        `${name} speech`,
        `alert ${name}`,
        'marks',
      ]);
      expect(grid.tiers[0]?.items).toEqual([[0, 1, 'anger']]);
      expect(grid.tiers[2]?.items.at(-1)).toEqual([0.5 * (index % 2), 1, name]);
      expect(grid.tiers[3]?.items).toEqual([[0.1, `${name}; same time`]]);
    });
  });

  it('tiles its time whatever the call', () => {
    const label = fc.constantFrom(...EMOTIONS, 'unknown' as const);
    const time = fc.integer({ min: 0, max: 12_000 });
    const call = fc.record({
      labels: fc.tuple(fc.array(label, { maxLength: 12 }), fc.array(label, { maxLength: 12 })),
      turns: fc.array(
        fc.tuple(fc.constantFrom(0, 1), time, time).map(([c, a, b]) => [c, Math.min(a, b), Math.max(a, b)] as const),
      ),
      marks: fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), time)),
      alerts: fc.array(
        fc.tuple(fc.constantFrom('a', 'b "b"'), fc.constantFrom('raised' as const, 'cleared' as const), time),
      ),
      durationMs: time,
    });
    const grids = fc.sample(call, { numRuns: 40, seed: 7 }).map((change) => gridOf(change));
    for (const { endS, tiers } of throughPraat(grids)) {
      for (const tier of tiers) checkOrder(tier, endS);
    }
  });
});
