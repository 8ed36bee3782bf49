import { Subject } from 'rxjs';
import { bytesPerSampleFrame } from '../audio/index.ts';
import { ROW_LENGTH } from '../features/index.ts';
import { analysis, type StreamInput } from '../streams/index.ts';
import type { WireAudio } from './conditions.ts';

/** Any: no window is asked for. */
const GRID = { windowMs: 1000, stepMs: 30_000 } as const;

/** The hops of one clip, in the form of `ClipWindows`. */
export interface ClipHops {
  readonly count: number;
  /** count × `ROW_LENGTH` descriptors. */
  readonly features: Float32Array;
  readonly speechRatio: Float32Array;
  /** One value: where its last sample ends. */
  readonly endMs: Float32Array;
}

/**
 * The descriptors of every hop that a stream of this audio would have: through the analysis of the serving pipeline itself, from a state as
 * new as a stream's, so that what a model is trained on is what it is served.
 */
export function clipHops({ format, bytes }: WireAudio): ClipHops {
  const durationMs = Math.ceil((bytes.length / bytesPerSampleFrame(format) / format.sampleRateHz) * 1000);
  const rows: Float32Array[] = [];
  const listen = () => ({
    push: (row: Float32Array) => {
      rows.push(row.slice(0, ROW_LENGTH));
    },
    jump: () => {},
    due: () => undefined,
  });
  const input = new Subject<StreamInput>();
  const position = { arrivedAtMs: () => 0, endMs: () => durationMs };
  let failure: unknown;
  input.pipe(analysis({ format, analysis: { ...GRID, descriptors: [] } }, position, listen)).subscribe({
    error: (error: unknown) => {
      failure = error;
    },
  });
  input.next({ kind: 'audio', bytes });
  input.complete();
  if (failure !== undefined) throw failure;
  const features = new Float32Array(rows.length * ROW_LENGTH);
  rows.forEach((row, index) => {
    features.set(row, index * ROW_LENGTH);
  });
  return { count: rows.length, features, speechRatio: new Float32Array(0), endMs: Float32Array.of(durationMs) };
}
