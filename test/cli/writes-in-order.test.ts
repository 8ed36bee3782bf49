import { describe, expect, it } from 'vitest';
import { OrderedWriting } from '../../src/cli/ordered-writing.ts';

/** Resolves with whether a promise is settled once all that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  await new Promise((done) => setImmediate(done));
  return settled;
}

describe('writes that follow one another', () => {
  it('keep their order, however long each takes', async () => {
    const writing = new OrderedWriting();
    const written: number[] = [];
    for (let index = 0; index < 50; index++) {
      writing.add(async () => {
        if (index % 3 === 0) await new Promise((done) => setImmediate(done));
        written.push(index);
      });
    }
    await writing.done();
    expect(written).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it('slow down whoever causes them when too many wait', async () => {
    const writing = new OrderedWriting();
    let open: () => void = () => {};
    const reader = new Promise<void>((done) => {
      open = done;
    });
    for (let index = 0; index < 256; index++) writing.add(() => reader);
    expect(await isSettled(writing.room())).toBe(true);
    writing.add(() => reader);
    const room = writing.room();
    expect(await isSettled(room)).toBe(false);
    open();
    await room;
  });

  it('tell whoever waits that one has failed, and nobody else', async () => {
    const writing = new OrderedWriting();
    writing.add(() => Promise.reject(new Error('the disk is full')));
    let after = 0;
    for (let index = 0; index < 300; index++) {
      writing.add(async () => {
        after++;
      });
    }
    await expect(writing.room()).rejects.toThrow('the disk is full');
    await expect(writing.done()).rejects.toThrow('the disk is full');
    expect(after).toBe(0);
  });
});
