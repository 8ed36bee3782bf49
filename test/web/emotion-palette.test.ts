import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../src/emotions.ts';
import { EMOTION_LOOKS, UNKNOWN_LOOKS } from '../../src/web/emotions.ts';
import { contrast, difference, lab, seen, VISIONS } from './colour-blindness.ts';

const css = readFileSync(resolve(import.meta.dirname, '../../src/web/theme.css'), 'utf8');

/** The two colours of a token of theme.css. */
function token(name: string): { readonly light: string; readonly dark: string } {
  const match = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css);
  return { light: match?.[1] ?? 'missing', dark: match?.[2] ?? 'missing' };
}

const THEMES = ['light', 'dark'] as const;
const VISION_NAMES = Object.keys(VISIONS) as (keyof typeof VISIONS)[];
const LOOKS = Object.entries(EMOTION_LOOKS);
const GROUNDS = ['ground', 'surface', 'raised', 'sunken'];
const WASHES = ['severity-high-wash', 'severity-medium-wash', 'severity-low-wash'];

describe('the difference of colours', () => {
  // Sharma, Wu & Dalal 2005, "The CIEDE2000 color-difference formula", table 1.
  it.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
    [[50, -0.001, 2.49], [50, 0.0009, -2.49], 4.8045],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[50, 2.5, 0], [58, 24, 15], 19.4535],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[90.9257, -0.5406, -0.9208], [88.6381, -0.8985, -0.7239], 1.5381],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ] as const)('of %j and %j is %f', (a, b, expected) => {
    expect(difference(a, b)).toBeCloseTo(expected, 4);
    expect(difference(b, a)).toBeCloseTo(expected, 4);
  });

  it('knows two colours that red-green blindness confuses', () => {
    const apart = (vision: keyof typeof VISIONS) =>
      difference(lab(seen('#d05000', vision)), lab(seen('#888800', vision)));
    expect(apart('normal')).toBeGreaterThan(30);
    expect(apart('deuteranopia')).toBeLessThan(14);
  });
});

describe.each(THEMES)('the palette of emotions, %s', (theme) => {
  it.each(VISION_NAMES)('keeps any two emotions apart in %s', (vision) => {
    const labs = EMOTIONS.map((label) => ({ label, lab: lab(seen(EMOTION_LOOKS[label][theme].mark, vision)) }));
    const close = labs.flatMap((a, at) =>
      labs.slice(at + 1).flatMap((b) => {
        const apart = difference(a.lab, b.lab);
        // 2.3 is a just noticeable difference; small shapes far from each other need several of it.
        return apart < 12 ? [`${a.label} ${b.label} ${apart.toFixed(1)}`] : [];
      }),
    );
    expect(close).toEqual([]);
  });

  it('stands out: 3:1 for shapes and lines, 4.5:1 for words, on every ground', () => {
    const faint = LOOKS.flatMap(([label, look]) =>
      [...GROUNDS, ...WASHES].flatMap((ground) => {
        const under = token(ground)[theme];
        const [mark, ink] = [contrast(look[theme].mark, under), contrast(look[theme].ink, under)];
        const needed = GROUNDS.slice(0, 3).includes(ground) ? 3 : 2.8;
        return mark < needed || ink < 4.5 ? [`${label} on ${ground}: ${mark.toFixed(2)} ${ink.toFixed(2)}`] : [];
      }),
    );
    expect(faint).toEqual([]);
  });

  it('and so do the inks of the page and of the severities', () => {
    const words = ['ink', 'ink-soft', 'severity-high', 'severity-medium', 'severity-low', 'good'];
    const faint = words.flatMap((word) =>
      [...GROUNDS, ...WASHES].flatMap((ground) => {
        const ratio = contrast(token(word)[theme], token(ground)[theme]);
        return ratio < 4.5 ? [`${word} on ${ground}: ${ratio.toFixed(2)}`] : [];
      }),
    );
    expect(faint).toEqual([]);
    for (const ground of GROUNDS) {
      expect(contrast(token('line-strong')[theme], token(ground)[theme])).toBeGreaterThanOrEqual(3);
      expect(contrast(token('focus')[theme], token(ground)[theme])).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('the looks of emotions', () => {
  it('differ by word, letter and shape, not by colour alone', () => {
    for (const trait of ['word', 'letter', 'shape'] as const) {
      expect(new Set(LOOKS.map(([, look]) => look[trait])).size).toBe(LOOKS.length);
    }
    expect(Object.keys(EMOTION_LOOKS).sort()).toEqual([...EMOTIONS, 'unknown'].sort());
  });

  it('tell every reason of `unknown` from the others', () => {
    const words = Object.values(UNKNOWN_LOOKS).map(({ word }) => word);
    expect(new Set(words).size).toBe(words.length);
    for (const { sentence } of Object.values(UNKNOWN_LOOKS)) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});
