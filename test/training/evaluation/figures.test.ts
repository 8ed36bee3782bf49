import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluationFigures } from '../../../src/training/evaluation/figures/all-figures.ts';
import { pngOf } from '../../../src/training/evaluation/figures/png.ts';
import { CLASS_COLOURS, FAINT, INK, SERIES, scaleOf, ticksOf } from '../../../src/training/evaluation/figures/svg.ts';
import { evaluationHtml } from '../../../src/training/evaluation/report-html.ts';
import { writeReport } from '../../../src/training/evaluation/write-report.ts';
import { madeUpMetrics } from './made-up-metrics.ts';

const metrics = madeUpMetrics({ conditions: ['clean', 'phone', 'noise-10'] });
const figures = evaluationFigures(metrics);
const figure = (name: string): string => figures.find((one) => one.name === name)!.svg;
const percent1 = (share: number): string => `${(100 * share).toFixed(1)} %`;

describe('the figures of an evaluation', () => {
  it('are one for each question', () => {
    expect(figures.map(({ name }) => name)).toEqual([
      'per-condition',
      'confusion',
      'per-class',
      'speakers',
      'reliability',
      'coverage',
      'learning-curve',
    ]);
  });

  it.each(figures.map(({ name, svg }) => [name, svg] as const))(
    '%s is drawn by a renderer that takes XML at its word',
    (_, svg) => {
      // It throws for whatever is not well-formed.
      const drawn = new Resvg(svg).render();
      expect(drawn.width).toBe(Number(/width="(\d+)"/.exec(svg)![1]));
      expect(svg).not.toMatch(/NaN|undefined|Infinity|\[object/);
      expect(svg).toMatch(/<title>[^<]+<\/title>\n<desc>[^<]+<\/desc>/);
    },
  );

  it.each(figures.map(({ name, svg }) => [name, svg] as const))('%s lies inside its paper', (_, svg) => {
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number) as [number, number, number];
    for (const [, x, y] of svg.matchAll(/<text x="([-\d.]+)" y="([-\d.]+)"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(width);
      expect(Number(y)).toBeGreaterThan(0);
      expect(Number(y)).toBeLessThanOrEqual(height);
    }
    for (const [, x, y, w, h] of svg.matchAll(
      /<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
    )) {
      expect(Number(x) + Number(w)).toBeLessThanOrEqual(width + 0.1);
      expect(Number(y) + Number(h)).toBeLessThanOrEqual(height + 0.1);
    }
  });

  it('say in words and marks what was measured', () => {
    const clean = metrics.conditions.clean!;
    expect(figure('reliability')).toContain(`expected error ${clean.pooled.ece.value.toFixed(3)}`);
    for (const { label, f1 } of clean.classes) {
      expect(figure('per-class')).toContain(`${label}: F1 ${percent1(f1.value)}, 95 % from ${percent1(f1.low)}`);
    }
    for (const [name, { ua }] of Object.entries(metrics.conditions)) {
      expect(figure('per-condition')).toContain(`${name}: UA ${percent1(ua.value)}, 95 % from`);
    }
    clean.confusion.forEach((row, truth) => {
      row.forEach((count, guess) => {
        const total = row.reduce((sum, of) => sum + of, 0);
        const words = `${metrics.labels[truth]} taken for ${metrics.labels[guess]}: ${count} of ${total}`;
        expect(figure('confusion')).toContain(words);
      });
    });
    for (const { speaker, ua } of clean.speakers)
      expect(figure('speakers')).toContain(`${speaker}: UA ${percent1(ua)}`);
  });

  it('put a value where its scale has it', () => {
    // The recall of the first class: its square lies at the share of the way from 0 % to 100 %.
    const [, from] = /<text x="([\d.]+)" [^>]*>0 %</.exec(figure('per-class'))!;
    const [, to] = /<text x="([\d.]+)" [^>]*>100 %</.exec(figure('per-class'))!;
    const { recall, label } = metrics.conditions.clean!.classes[0]!;
    const points = new RegExp(`<polygon points="([^"]+)"[^>]*><title>${label}: recall`).exec(figure('per-class'))![1]!;
    const xs = points.split(' ').map((point) => Number(point.split(',')[0]));
    const middle = (Math.min(...xs) + Math.max(...xs)) / 2;
    expect(middle).toBeCloseTo(Number(from) + recall.value * (Number(to) - Number(from)), 0);
  });

  it('leave the learning curve out where nothing was learned in epochs', () => {
    expect(evaluationFigures(madeUpMetrics({ curve: [] })).map(({ name }) => name)).not.toContain('learning-curve');
  });

  it('hold names of speakers as text, whatever they are', () => {
    const hostile = madeUpMetrics({ suffix: '<script>&"\'</script>' });
    for (const { svg } of evaluationFigures(hostile)) {
      expect(svg).not.toContain('<script');
      new Resvg(svg).render();
    }
    expect(evaluationHtml(hostile, [], 'undertone <b>')).not.toMatch(/<script|<b>/);
  });

  it('are drawn with many speakers, too', () => {
    const many = evaluationFigures(madeUpMetrics({ speakersOfFold: 30 })).find(({ name }) => name === 'speakers')!.svg;
    expect(new Resvg(many).render().height).toBeGreaterThan(1000);
  });
});

describe('as PNG', () => {
  it('a figure is twice as fine, on white, and not empty', async () => {
    const png = await pngOf(figure('confusion'));
    expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect(png.readUInt32BE(16)).toBe(2 * Number(/width="(\d+)"/.exec(figure('confusion'))![1]));
    const { pixels } = new Resvg(figure('confusion'), { background: '#FFFFFF' }).render();
    expect([...pixels.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
    const shades = new Set<number>();
    for (let at = 0; at < pixels.length; at += 4)
      shades.add((pixels[at]! << 16) | (pixels[at + 1]! << 8) | pixels[at + 2]!);
    expect(shades.size).toBeGreaterThan(100);
  });
});

// --- colours -------------------------------------------------------------------------------------------------------------------

type Rgb = readonly [number, number, number];
const linear = (hex: string): Rgb =>
  [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)) as unknown as Rgb;
const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
/** WCAG 2.2, contrast ratio. */
const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

/** Linear RGB as seen without one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1. */
const SEEN: Readonly<Record<string, readonly Rgb[]>> = {
  normally: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  'without red cones': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'without green cones': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** CIE L*a*b*, D65. */
function lab([r, g, b]: Rgb): Rgb {
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const seenAs = (hex: string, matrix: readonly Rgb[]): Rgb => {
  const [r, g, b] = linear(hex);
  return lab(matrix.map((row) => Math.min(1, Math.max(0, row[0] * r + row[1] * g + row[2] * b))) as unknown as Rgb);
};
const apart = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('the colours of figures', () => {
  it('words are dark enough on the paper (WCAG AA)', () => {
    for (const ink of [INK, FAINT]) expect(contrast(ink, '#FFFFFF')).toBeGreaterThan(4.5);
    for (const ink of [INK, FAINT]) expect(contrast(ink, '#F7F9FB')).toBeGreaterThan(4.5);
  });

  it.each(Object.entries(SEEN))('of the first four series, and of classes, stay apart seen %s', (_, matrix) => {
    const pairs = (colours: readonly string[]): number[] =>
      colours.flatMap((a, index) => colours.slice(index + 1).map((b) => apart(seenAs(a, matrix), seenAs(b, matrix))));
    // 10 is plainly different; dashes and shapes tell them apart beside that.
    expect(Math.min(...pairs(SERIES.slice(0, 4).map(({ colour }) => colour)))).toBeGreaterThan(10);
    expect(Math.min(...pairs(Object.values(CLASS_COLOURS)))).toBeGreaterThan(5);
    expect(new Set(SERIES.map(({ dash }) => dash)).size).toBe(SERIES.length);
  });
});

describe('scales', () => {
  it('are linear from end to end', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 90 }), (low, span) => {
        const scale = scaleOf([low, low + span], [100, 400]);
        expect(scale(low)).toBeCloseTo(100, 9);
        expect(scale(low + span)).toBeCloseTo(400, 9);
        expect(scale(low + span / 2)).toBeCloseTo(250, 9);
      }),
    );
  });

  it('have round ticks within their range', () => {
    expect(ticksOf(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksOf(0.93, 1.91)).toEqual([1, 1.2, 1.4, 1.6, 1.8]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.double({ min: 0.01, max: 1e3, noNaN: true }),
        (low, span) => {
          const ticks = ticksOf(low, low + span);
          expect(ticks.length).toBeGreaterThan(1);
          expect(ticks.length).toBeLessThan(8);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(low - 1e-6 * span - 1e-9);
            expect(tick).toBeLessThanOrEqual(low + span * (1 + 1e-6) + 1e-9);
          }
        },
      ),
    );
  });
});

describe('the report', () => {
  it('is one file that asks for nothing, with the figures, the numbers and the command', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-report-'));
    const warnings: string[] = [];
    await writeReport(folder, metrics, {
      command: 'undertone evaluate --protocol emobox-ravdess',
      onWarning: (message) => warnings.push(message),
    });
    expect(warnings).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['figures', 'metrics.json', 'report.html']);
    for (const { name } of figures) {
      for (const ending of ['svg', 'png']) expect(existsSync(join(folder, 'figures', `${name}.${ending}`))).toBe(true);
    }
    const html = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|src=|href=/);
    expect(html.match(/<figure>/g)).toHaveLength(figures.length);
    expect(html).toContain('<pre>undertone evaluate --protocol emobox-ravdess</pre>');
    const { ua } = metrics.conditions.clean!;
    expect(html).toContain(`${(100 * ua.value).toFixed(1)} %<small>95 %: ${(100 * ua.low).toFixed(1)}–`);
    expect(html).not.toMatch(/NaN|undefined|\[object/);
    expect(html).not.toContain('cannot be compared with others');
  });

  it('says so where clips are missing', () => {
    expect(evaluationHtml(metrics, [], undefined)).not.toContain('have no prediction');
    const clean = { ...metrics.conditions.clean!, missing: 3 };
    const less = evaluationHtml({ ...metrics, conditions: { clean } }, [], undefined);
    expect(less).toContain('clean: 3 test clips have no prediction');
  });

  it('says so where folds are missing', () => {
    expect(evaluationHtml({ ...metrics, complete: false }, [], undefined)).toContain('cannot be compared with others');
  });

  it('says what cannot be written', async () => {
    await expect(writeReport('/dev/null/x', metrics, {})).rejects.toMatchObject({ code: 'file-unwritable' });
  });
});
