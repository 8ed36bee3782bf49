import { deflateSync, inflateSync } from 'node:zlib';
import { HOP_MS } from '../../audio/index.ts';
import { featureSet, ROW_LENGTH, WindowState } from '../../features/index.ts';
import type { WindowModel } from '../../inference/index.ts';
import { type PredictedStream, wholeClip } from '../decide.ts';
import { highest } from '../fit.ts';
import type { ClassLabel } from '../labels.ts';
import { windowsOf } from '../sequence/hop-windows.ts';
import { predictRows } from '../sequence/predict-sequence.ts';

/** One made-up clip as a model is given it. */
export interface MiniClip {
  readonly id: string;
  /** `ROW_LENGTH` descriptors of each hop. */
  readonly hops: Float32Array;
}

/** What a model made of the made-up clips: not how good it is, for nobody has acted them, but that it is still the same. */
export interface MiniSetFigures {
  readonly modelHash: string;
  readonly clips: number;
  /** By clip: the probability of each label of the model. */
  readonly probabilities: Readonly<Record<string, readonly number[]>>;
  readonly guesses: Readonly<Record<string, ClassLabel>>;
}

/** Stands for NaN, which a descriptor is where there is no voice. */
const NOT_DEFINED = 65_535;

/** The clips as JSON: descriptors with 16 bits between their least and their largest value. */
export function miniSetJson(clips: readonly MiniClip[]): string {
  const offset = new Array<number>(ROW_LENGTH).fill(Infinity);
  const top = new Array<number>(ROW_LENGTH).fill(-Infinity);
  for (const { hops } of clips) {
    hops.forEach((value, at) => {
      if (Number.isNaN(value)) return;
      offset[at % ROW_LENGTH] = Math.min(offset[at % ROW_LENGTH]!, value);
      top[at % ROW_LENGTH] = Math.max(top[at % ROW_LENGTH]!, value);
    });
  }
  // A column that is nowhere defined.
  for (let column = 0; column < ROW_LENGTH; column++) {
    if (offset[column] === Infinity) offset[column] = top[column] = 0;
  }
  const scale = top.map((value, column) => (value - offset[column]!) / (NOT_DEFINED - 1) || 1);
  const values = clips.flatMap(({ hops }) =>
    Array.from(hops, (value, at) =>
      Number.isNaN(value) ? NOT_DEFINED : Math.round((value - offset[at % ROW_LENGTH]!) / scale[at % ROW_LENGTH]!),
    ),
  );
  const packed = deflateSync(Buffer.from(Uint16Array.from(byColumn(values)).buffer), { level: 9 });
  return `${JSON.stringify({
    formatVersion: 1,
    featureSet: featureSet.hash,
    clips: clips.map(({ id, hops }) => ({ id, hops: hops.length / ROW_LENGTH })),
    offset,
    scale,
    values: packed.toString('base64'),
  })}\n`;
}

/** @throws RangeError where it holds other descriptors than this version computes. */
export function readMiniSet(json: string): readonly MiniClip[] {
  const {
    clips,
    offset,
    scale,
    values,
    featureSet: hash,
  } = JSON.parse(json) as {
    readonly clips: readonly { readonly id: string; readonly hops: number }[];
    readonly offset: readonly number[];
    readonly scale: readonly number[];
    readonly values: string;
    readonly featureSet: string;
  };
  if (hash !== featureSet.hash) throw new RangeError('the mini set holds other descriptors; make it again');
  const bytes = inflateSync(Buffer.from(values, 'base64'));
  const rows = byRow(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2));
  let at = 0;
  return clips.map(({ id, hops }) => {
    const from = at;
    at += hops * ROW_LENGTH;
    return {
      id,
      hops: Float32Array.from(rows.subarray(from, at), (value, index) => {
        const column = index % ROW_LENGTH;
        return value === NOT_DEFINED ? Number.NaN : offset[column]! + value * scale[column]!;
      }),
    };
  });
}

/** Column after column: neighbours are alike, and pack better. */
function byColumn(values: ArrayLike<number>): Uint16Array {
  const rows = values.length / ROW_LENGTH;
  return Uint16Array.from(
    { length: values.length },
    (_, at) => values[(at % rows) * ROW_LENGTH + Math.floor(at / rows)]!,
  );
}

function byRow(columns: Uint16Array): Uint16Array {
  const rows = columns.length / ROW_LENGTH;
  return Uint16Array.from(
    { length: columns.length },
    (_, at) => columns[(at % ROW_LENGTH) * rows + Math.floor(at / ROW_LENGTH)]!,
  );
}

/** A model's decisions on the clips, each a stream of its own, as in every evaluation. */
export function miniSetFigures(model: WindowModel, clips: readonly MiniClip[]): MiniSetFigures {
  const { labels, calibration } = model.manifest;
  const decided = clips.map(({ id, hops }) => {
    const probabilities = wholeClip(heardBy(model, hops), calibration.temperature)!;
    return { id, probabilities: [...probabilities], guess: labels[highest(probabilities, 0, labels.length)]! };
  });
  return {
    modelHash: model.hash,
    clips: clips.length,
    probabilities: Object.fromEntries(decided.map(({ id, probabilities }) => [id, probabilities])),
    guesses: Object.fromEntries(decided.map(({ id, guess }) => [id, guess])),
  };
}

function heardBy(model: WindowModel, hops: Float32Array): PredictedStream {
  const { labels, analysis } = model.manifest;
  const stream = { hops, durationMs: (hops.length / ROW_LENGTH) * HOP_MS, spansMs: [] };
  const { rows, endMs, speechRatio } = windowsOf(stream, analysis);
  if (model.sequence !== undefined) {
    return { endMs, speechRatio, logits: predictRows(model.sequence, labels.length, rows) };
  }
  const state = new WindowState(analysis.windowMs / HOP_MS);
  const features = new Float32Array(rows.length * featureSet.length);
  let next = 0;
  rows.forEach(({ endHop }, window) => {
    for (; next < endHop; next++) state.push(hops.subarray(next * ROW_LENGTH, (next + 1) * ROW_LENGTH));
    state.functionals(features.subarray(window * featureSet.length, (window + 1) * featureSet.length));
  });
  return { endMs, speechRatio, logits: model.predict(features, rows.length).slice() };
}
