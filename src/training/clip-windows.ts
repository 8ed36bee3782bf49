import { Subject } from 'rxjs';
import { bytesPerSampleFrame } from '../audio/index.ts';
import { featureSet } from '../features/index.ts';
import { analysis, type StreamInput } from '../streams/index.ts';
import type { WireAudio } from './conditions.ts';

/** Window and step in ms. */
export interface WindowGrid {
  readonly windowMs: number;
  readonly stepMs: number;
}

/** The windows of one clip, in order. */
export interface ClipWindows {
  readonly count: number;
  /** count × `featureSet.length`. */
  readonly features: Float32Array;
  readonly speechRatio: Float32Array;
  readonly endMs: Float32Array;
}

/**
 * The windows that a stream of this audio would have: through the analysis of the serving pipeline itself, from a state as new as a
 * stream's, so that what a model is trained on is what it is served.
 */
export function clipWindows({ format, bytes }: WireAudio, grid: WindowGrid): ClipWindows {
  const durationMs = Math.ceil((bytes.length / bytesPerSampleFrame(format) / format.sampleRateHz) * 1000);
  const windows: { features: Float32Array; speechRatio: number; endMs: number }[] = [];
  const input = new Subject<StreamInput>();
  const position = { arrivedAtMs: () => 0, endMs: () => durationMs };
  let failure: unknown;
  input.pipe(analysis({ format, analysis: { ...grid, descriptors: [] } }, position)).subscribe({
    next: (item) => {
      if (item.kind === 'window') windows.push(item);
    },
    error: (error: unknown) => {
      failure = error;
    },
  });
  input.next({ kind: 'audio', bytes });
  input.complete();
  if (failure !== undefined) throw failure;
  const features = new Float32Array(windows.length * featureSet.length);
  windows.forEach((window, index) => {
    features.set(window.features, index * featureSet.length);
  });
  return {
    count: windows.length,
    features,
    speechRatio: Float32Array.from(windows, ({ speechRatio }) => speechRatio),
    endMs: Float32Array.from(windows, ({ endMs }) => endMs),
  };
}
