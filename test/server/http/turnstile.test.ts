import { describe, expect, it } from 'vitest';
import { Turnstile } from '../../../src/server/http/turnstile.ts';

/** Work that ends when it is told to. */
function works() {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (name: number) => async (): Promise<number> => {
    begun.push(name);
    await new Promise<void>((end) => ends.push(end));
    return name;
  };
  return { begun, ends, work };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a turnstile', () => {
  it('lets so many in, so many more wait in order, and the rest are told to come back', async () => {
    const turnstile = new Turnstile(2, 2);
    const { begun, ends, work } = works();
    const passing = [0, 1, 2, 3].map((name) => turnstile.pass(work(name)));
    await expect(turnstile.pass(work(4))).rejects.toMatchObject({ code: 'overloaded', httpStatus: 503 });
    await settled();
    expect(begun).toEqual([0, 1]);
    ends[1]?.();
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    // Nobody jumps the queue.
    const last = turnstile.pass(work(5));
    ends[0]?.();
    await settled();
    expect(begun).toEqual([0, 1, 2, 3]);
    for (const end of ends) end();
    await settled();
    expect(begun).toEqual([0, 1, 2, 3, 5]);
    for (const end of ends) end();
    expect(await Promise.all([...passing, last])).toEqual([0, 1, 2, 3, 5]);
    const after = turnstile.pass(work(6));
    await settled();
    ends.at(-1)?.();
    expect(await after).toBe(6);
  });

  it('gives the place of one that fails to the next', async () => {
    const turnstile = new Turnstile(1, 1);
    const failing = turnstile.pass(async () => {
      await settled();
      throw new Error('injected');
    });
    const next = turnstile.pass(async () => 'well');
    await expect(failing).rejects.toThrow('injected');
    expect(await next).toBe('well');
    expect(await turnstile.pass(async () => 'again')).toBe('again');
  });
});
