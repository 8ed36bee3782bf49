import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alawToLinear, linearToAlaw, linearToMulaw, mulawToLinear } from '../../src/audio/index.ts';

interface Golden {
  readonly values: readonly number[];
  readonly lowest: { readonly sox: readonly (number | null)[]; readonly ffmpeg: readonly number[] };
}
/** SoX and ffmpeg, which agree on all 512 values: scripts/golden-audio.py. */
const golden = JSON.parse(readFileSync(new URL('../golden/audio-g711.json', import.meta.url), 'utf8')) as {
  readonly mulaw: Golden;
  readonly alaw: Golden;
};
const laws = [
  { law: 'mulaw', toLinear: mulawToLinear, toCode: linearToMulaw, soxStep: 4 },
  { law: 'alaw', toLinear: alawToLinear, toCode: linearToAlaw, soxStep: 8 },
] as const;
const allCodes = Array.from({ length: 256 }, (_, code) => code);

/** The lowest 16-bit value of every code. */
function lowestOf(toCode: (value: number) => number): number[] {
  const lowest: number[] = [];
  for (let value = 32_767; value >= -32_768; value--) lowest[toCode(value)] = value;
  return lowest;
}

describe.each(laws)('G.711 $law', ({ law, toLinear, toCode, soxStep }) => {
  it('decodes all 256 codes as SoX and ffmpeg do', () => {
    expect(allCodes.map(toLinear)).toEqual(golden[law].values);
  });

  it('encodes what it decoded to the same code', () => {
    // μ-law has two zeros, and a 16-bit zero is one.
    const expected = allCodes.map((code) => (law === 'mulaw' && code === 0x7f ? 0xff : code));
    expect(allCodes.map((code) => toCode(toLinear(code)))).toEqual(expected);
  });

  it('changes its code where SoX does, which first rounds to the bits of the law', () => {
    const ours = lowestOf(toCode);
    const lowestCode = toCode(-32_768);
    for (const code of allCodes) {
      if (code === lowestCode) continue; // begins at −32,768 in every encoder
      // SoX has one zero; the standard's −0 is the smallest step below it.
      if (golden[law].lowest.sox[code] === null) {
        expect([code, ours[code]]).toEqual([0x7f, -4]);
        continue;
      }
      expect(Math.abs(ours[code]! - golden[law].lowest.sox[code]!), `code ${code}`).toBe(soxStep / 2);
    }
  });

  it('changes its code where ffmpeg does, but at the edges of segments', () => {
    // ffmpeg decides half-way between two values; the standard, at an edge, at the end of the segment.
    const ours = lowestOf(toCode);
    const differing = allCodes.filter((code) => toLinear(code) > 0 && ours[code] !== golden[law].lowest.ffmpeg[code]);
    expect(differing.length).toBeLessThanOrEqual(7);
    for (const code of differing) expect(toLinear(code) & (toLinear(code) - 1), `code ${code}`).not.toBe(0);
    for (const code of differing) expect((law === 'mulaw' ? ~code : code ^ 0x55) & 15, `code ${code}`).toBe(0);
  });

  it('never errs by more than half a step', () => {
    for (let value = -32_768; value < 32_768; value++) {
      const code = toCode(value);
      const decoded = toLinear(code);
      const clipped = law === 'mulaw' ? 32_635 : 32_767;
      const step = 2 ** Math.max(law === 'mulaw' ? 3 : 4, Math.floor(Math.log2(Math.abs(decoded) + 132)) - 4);
      const wanted = Math.max(-clipped, Math.min(clipped, value));
      if (Math.abs(decoded - wanted) > step / 2 + 1) expect.fail(`${value} became ${decoded}, a step is ${step}`);
    }
  });
});
