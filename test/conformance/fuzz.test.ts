import { describe, expect, it } from 'vitest';
import { dialects } from '../../src/protocol/index.ts';
import { fuzz, put, seeds } from './fuzz.ts';

/** `FUZZ_MESSAGES=1000000 FUZZ_SEED=7 npx vitest run test/conformance/fuzz.test.ts`; `FUZZ_KEEP=1` keeps what it finds, `FUZZ_DIALECTS=twilio,telnyx` begins with those. */
const { FUZZ_MESSAGES = '20000', FUZZ_SEED = '1', FUZZ_KEEP = '0', FUZZ_DIALECTS } = process.env;

describe('mutated conversations', () => {
  it('do nothing but what the contract of a dialect allows', { timeout: 3_600_000 }, () => {
    for (const one of seeds()) put(one);
    const report = fuzz({
      mutated: Number(FUZZ_MESSAGES),
      seed: Number(FUZZ_SEED),
      keep: FUZZ_KEEP === '1',
      ...(FUZZ_DIALECTS !== undefined && { dialects: FUZZ_DIALECTS.split(',') }),
    });
    const { mutated, messages, conversations, refused, blocks, corpus, found, seconds } = report;
    const codes = Object.entries(refused).map(([code, count]) => `${code} ${count}`);
    process.stdout.write(
      `fuzz: ${mutated} mutated messages (${messages} in all) in ${conversations} conversations of ${FUZZ_DIALECTS ?? `${dialects.length} dialects`}, seed ${FUZZ_SEED}, ` +
        `${seconds.toFixed(1)} s; ${blocks} blocks of code reached, ${found} conversations found new ones (corpus ${corpus}); ` +
        `refused: ${codes.join(', ')}\n`,
    );
    expect(mutated).toBeGreaterThanOrEqual(Number(FUZZ_MESSAGES));
    // Steered by coverage: without it nothing would be found.
    expect(found).toBeGreaterThan(0);
    expect(blocks).toBeGreaterThan(200);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
