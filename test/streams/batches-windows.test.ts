import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type Asker, Batcher } from '../../src/inference/index.ts';
import { classify } from '../../src/streams/classify.ts';
import type { Beside, DueWindow, Prediction } from '../../src/streams/signals.ts';
import { fakeManifest, LinearModel } from './fake-model.ts';

const SET = { name: 'two', hash: 'x', length: 2 };
const model = () => new LinearModel(fakeManifest(SET));
const due = (channel: number, seq: number, a: number, b: number): DueWindow => ({
  kind: 'window',
  channel,
  seq,
  startMs: 0,
  endMs: (seq + 1) * 500,
  features: Float32Array.of(a, b),
  speechRatio: 1,
  openTurn: null,
  added: { speechMs: 500, levelDb: -20, pitchSemitones: null, syllables: 2 },
  quality: { levelDb: -20, clippedRatio: 0 },
  arrivedAtMs: 0,
});

const to = (answered: Asker['answered']): Asker => ({
  answered,
  failed: (error) => {
    throw error;
  },
});

describe('the batcher', () => {
  it('puts all windows that wait through the model in one call, and answers in order', () => {
    const linear = model();
    const runs: (() => void)[] = [];
    const batcher = new Batcher(linear, { schedule: (run) => runs.push(run) });
    const answers: [string, number][] = [];
    batcher.add(
      Float32Array.of(1, 2),
      to((logits) => answers.push(['first', logits[0]!])),
    );
    batcher.add(
      Float32Array.of(3, 4),
      to((logits) => answers.push(['second', logits[0]!])),
    );
    expect(runs).toHaveLength(1);
    runs[0]!();
    expect(linear.calls).toEqual([2]);
    const alone = [
      [1, 2],
      [3, 4],
    ].map((row) => model().predict(Float32Array.from(row), 1)[0]);
    expect(answers).toEqual([
      ['first', alone[0]],
      ['second', alone[1]],
    ]);
  });

  it('classifies a full batch at once and never holds more', () => {
    const linear = model();
    const batcher = new Batcher(linear, { maxBatch: 3 });
    let answered = 0;
    for (let window = 0; window < 8; window += 1) {
      batcher.add(
        Float32Array.of(window, 0),
        to(() => {
          answered += 1;
        }),
      );
      expect(batcher.size).toBeLessThan(3);
    }
    expect(linear.calls).toEqual([3, 3]);
    batcher.flush();
    expect(answered).toBe(8);
  });

  it('takes windows that come while answers are given', () => {
    const linear = model();
    const batcher = new Batcher(linear, { maxBatch: 2 });
    const seen: number[] = [];
    batcher.add(
      Float32Array.of(1, 1),
      to(() => {
        seen.push(1);
        batcher.add(
          Float32Array.of(3, 3),
          to(() => seen.push(3)),
        );
      }),
    );
    batcher.add(
      Float32Array.of(2, 2),
      to(() => seen.push(2)),
    );
    batcher.flush();
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('a model that fails', () => {
  const failing = (): LinearModel => {
    const linear = model();
    const { predict } = LinearModel.prototype;
    linear.predict = function (features, rows) {
      if (features[0] === 13) throw new Error('out of memory');
      return predict.call(this, features, rows);
    };
    return linear;
  };

  it('fails every window of its batch, and none of the next', () => {
    const batcher = new Batcher(failing(), { maxBatch: 2 });
    const out: string[] = [];
    const ask = (first: number, name: string): void =>
      batcher.add(Float32Array.of(first, 0), {
        answered: () => out.push(`${name} answered`),
        failed: (error) => out.push(`${name} ${String(error)}`),
      });
    ask(13, 'a');
    ask(1, 'b');
    ask(2, 'c');
    ask(3, 'd');
    expect(out).toEqual(['a Error: out of memory', 'b Error: out of memory', 'c answered', 'd answered']);
  });

  it('ends the stream with that error, after what came before', () => {
    const batcher = new Batcher(failing(), { schedule: (run) => run() });
    const source = new Subject<DueWindow | Beside>();
    const out: string[] = [];
    source
      .pipe(classify(batcher))
      .subscribe({ next: (item) => out.push(item.kind), error: (error) => out.push(String(error)) });
    source.next(due(0, 0, 1, 0));
    source.next(due(0, 1, 13, 0));
    source.next(due(0, 2, 1, 0));
    expect(out).toEqual(['prediction', 'Error: out of memory']);
  });
});

describe('classify', () => {
  it('keeps marks and turns in their place among windows that wait', () => {
    const runs: (() => void)[] = [];
    const batcher = new Batcher(model(), { schedule: (run) => runs.push(run) });
    const source = new Subject<DueWindow | Beside>();
    const out: (Prediction | Beside)[] = [];
    source.pipe(classify(batcher)).subscribe((item) => out.push(item));
    source.next({ kind: 'mark', name: 'before', atMs: 0 });
    expect(out.map((item) => item.kind)).toEqual(['mark']);
    source.next(due(0, 0, 1, 2));
    source.next({ kind: 'turn', channel: 0, startMs: 0, endMs: 400 });
    source.next(due(1, 0, 3, 4));
    expect(out).toHaveLength(1);
    runs[0]!();
    expect(out.map((item) => item.kind)).toEqual(['mark', 'prediction', 'turn', 'prediction']);
    source.next({ kind: 'mark', name: 'after', atMs: 600 });
    expect(out).toHaveLength(5);
  });

  it('gives what waits before it completes, and before an error', () => {
    for (const end of ['complete', 'error'] as const) {
      const batcher = new Batcher(model());
      const source = new Subject<DueWindow | Beside>();
      const out: string[] = [];
      source.pipe(classify(batcher)).subscribe({
        next: (item) => out.push(item.kind),
        error: () => out.push('error'),
        complete: () => out.push('complete'),
      });
      source.next(due(0, 0, 1, 2));
      if (end === 'complete') source.complete();
      else source.error(new Error('broken'));
      expect(out).toEqual(['prediction', end]);
    }
  });

  it('answers each of many streams with its own windows', () => {
    const runs: (() => void)[] = [];
    const linear = model();
    const batcher = new Batcher(linear, { schedule: (run) => runs.push(run) });
    const streams = Array.from({ length: 5 }, (_, index) => {
      const source = new Subject<DueWindow | Beside>();
      const out: Prediction[] = [];
      source.pipe(classify(batcher)).subscribe((item) => item.kind === 'prediction' && out.push(item));
      return { source, out, index };
    });
    for (let seq = 0; seq < 4; seq += 1) for (const { source, index } of streams) source.next(due(0, seq, index, seq));
    for (const run of runs) run();
    expect(linear.calls).toEqual([20]);
    for (const { out, index } of streams) {
      expect(out.map(({ window }) => window.seq)).toEqual([0, 1, 2, 3]);
      for (const { window, logits } of out) {
        expect([...logits]).toEqual([...model().predict(Float32Array.of(index, window.seq), 1)]);
      }
    }
  });
});
