import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochFigures } from './fit-sequence.ts';

/** All that a training that was interrupted needs to go on as if it had not been. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  /** Of the optimiser. */
  readonly arrays: readonly Float32Array[];
  readonly curve: readonly EpochFigures[];
  readonly best: { readonly epoch: number; readonly ua: number; readonly weights: Float32Array };
}

/** Where a training is kept between its epochs. */
export interface TrainingStore {
  read(): TrainingState | undefined;
  /** @param finished writes at once; else not more often than every half minute */
  write(state: TrainingState, finished: boolean): void;
}

const EVERY_MS = 30_000;

/** What stands before the numbers. */
interface Header {
  readonly step: number;
  readonly curve: readonly EpochFigures[];
  readonly best: { readonly epoch: number; readonly ua: number };
  /** Lengths of the arrays that follow, the best weights last. */
  readonly lengths: readonly number[];
}

/**
 * In a file of the cache, under whatever determines the training.
 *
 * @param key any JSON @param resume whether what an earlier run left there is gone on with
 */
export function trainingStore(cache: string, key: unknown, resume = true): TrainingStore {
  const name = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 24);
  const folder = join(cache, 'trainings');
  const path = join(folder, `${name}.state`);
  let writtenMs = performance.now();
  return {
    read: () => (resume && existsSync(path) ? decode(readFileSync(path)) : undefined),
    write: (state, finished) => {
      if (!finished && performance.now() - writtenMs < EVERY_MS) return;
      writtenMs = performance.now();
      mkdirSync(folder, { recursive: true });
      // Never half a file under its name: the next run would take it for a whole one.
      writeFileSync(`${path}.part`, encode(state));
      renameSync(`${path}.part`, path);
    },
  };
}

function encode({ step, arrays, curve, best }: TrainingState): Buffer {
  const all = [...arrays, best.weights];
  const header: Header = {
    step,
    curve,
    best: { epoch: best.epoch, ua: best.ua },
    lengths: all.map(({ length }) => length),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([
    length,
    json,
    ...all.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  ]);
}

function decode(bytes: Buffer): TrainingState {
  const start = 4 + bytes.readUInt32LE(0);
  const { step, curve, best, lengths } = JSON.parse(bytes.toString('utf8', 4, start)) as Header;
  let at = start;
  const arrays = lengths.map((length) => {
    const array = new Float32Array(new Uint8Array(bytes.subarray(at, at + length * 4)).buffer);
    at += length * 4;
    return array;
  });
  return { step, arrays: arrays.slice(0, -1), curve, best: { ...best, weights: arrays.at(-1)! } };
}
