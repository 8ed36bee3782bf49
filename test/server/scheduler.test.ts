import { describe, expect, it } from 'vitest';
import { Scheduler, type Task } from '../../src/server/scheduler.ts';

/** A stream with so much audio. */
class Work implements Task {
  readonly name: string;
  readonly #log: string[];
  leftMs: number;

  constructor(name: string, leftMs: number, log: string[]) {
    this.name = name;
    this.leftMs = leftMs;
    this.#log = log;
  }

  get ready(): boolean {
    return this.leftMs > 0;
  }

  turn(maxMs: number): number {
    const usedMs = Math.min(this.leftMs, maxMs);
    this.leftMs -= usedMs;
    this.#log.push(`${this.name} ${usedMs}`);
    return usedMs;
  }
}

function scheduler(sliceMs = 200) {
  const rounds: (() => void)[] = [];
  const log: string[] = [];
  return { log, rounds, scheduler: new Scheduler({ sliceMs, defer: (round) => rounds.push(round) }) };
}

describe('turns', () => {
  it('go round: a live stream is heard between the slices of a recording', () => {
    const { log, rounds, scheduler: turns } = scheduler();
    const recording = new Work('recording', 10_000, log);
    turns.wake(recording);
    turns.wake(new Work('live', 20, log));
    turns.wake(new Work('other', 20, log));
    rounds.shift()!();
    expect(log).toEqual(['recording 200', 'live 20', 'other 20', 'recording 160']);
    turns.wake(new Work('live', 20, log));
    rounds.shift()!();
    expect(log.slice(4)).toEqual(['recording 200', 'live 20', 'recording 180']);
  });

  it('never hold up the sockets for more than two slices', () => {
    const { log, rounds, scheduler: turns } = scheduler(100);
    for (let index = 0; index < 50; index += 1) turns.wake(new Work(`s${index}`, 1000, log));
    let before = 0;
    let roundCount = 0;
    while (rounds.length > 0) {
      expect(rounds).toHaveLength(1);
      rounds.shift()!();
      const used = log.slice(before).reduce((total, line) => total + Number(line.split(' ')[1]), 0);
      expect(used).toBeLessThanOrEqual(200);
      before = log.length;
      roundCount += 1;
    }
    expect(roundCount).toBe(250);
    // Every stream had a turn before any had its second.
    expect(new Set(log.slice(0, 50).map((line) => line.split(' ')[0])).size).toBe(50);
  });

  it('come to those that are ahead of real time when the others have had theirs, a slice in a round at most', () => {
    const { log, rounds, scheduler: turns } = scheduler();
    const recordings = ['a', 'b'].map((name) => Object.assign(new Work(name, 1000, log), { ahead: true }));
    for (const recording of recordings) turns.wake(recording);
    expect(turns.urgent).toBe(false);
    const live = new Work('live', 300, log);
    turns.wake(live);
    expect(turns.urgent).toBe(true);
    rounds.shift()!();
    expect(log).toEqual(['live 200', 'live 100', 'a 100']);
    rounds.shift()!();
    rounds.shift()!();
    expect(log.slice(3)).toEqual(['b 200', 'a 200']);
    live.leftMs = 1000;
    turns.wake(live);
    rounds.shift()!();
    rounds.shift()!();
    expect(log.slice(5)).toEqual(['live 200', 'live 200', 'live 200', 'live 200']);
  });

  it('stop when there is nothing to do, and start again when there is', () => {
    const { log, rounds, scheduler: turns } = scheduler();
    const work = new Work('a', 50, log);
    turns.wake(work);
    turns.wake(work);
    expect(rounds).toHaveLength(1);
    rounds.shift()!();
    expect(rounds).toHaveLength(0);
    work.leftMs = 10;
    turns.wake(work);
    rounds.shift()!();
    expect(log).toEqual(['a 50', 'a 10']);
  });
});
