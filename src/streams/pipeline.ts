import { type Observable, pipe } from 'rxjs';
import type { Batcher, Listen, ModelManifest } from '../inference/index.ts';
import { Calibrate } from './calibrate.ts';
import { classify } from './classify.ts';
import { Decode } from './decode.ts';
import { Describe } from './describe.ts';
import { Frame } from './frame.ts';
import { type DecidedWindow, Label } from './label.ts';
import { Resample } from './resample.ts';
import type { Beside, DueWindow, Prediction, Smoothed, StreamInput } from './signals.ts';
import { Smooth } from './smooth.ts';
import { stage } from './stage.ts';
import { type StreamPosition, Summarize, startOf } from './summarize.ts';
import type { StreamOptions } from './types.ts';

type Stream = Pick<StreamOptions, 'format' | 'analysis' | 'from'>;

/** Where a sample goes, per stream: audio chunk → due window. */
export const analysis = ({ format, analysis, from }: Stream, position: StreamPosition, listen?: Listen) =>
  pipe(
    stage(() => new Decode(format)), // bytes → samples of a channel, 10 ms at most
    stage(() => new Resample(format, startOf(from))), // any rate → 16 kHz
    stage(() => new Frame(format.channels, analysis.windowMs)), // samples → 40 ms that end with each hop
    stage(() => new Describe(format.channels, analysis.descriptors)), // frame → one row of low-level descriptors
    stage(() => new Summarize({ format, analysis, ...(from && { from }) }, position, listen)), // rows → what the model needs of the windows that are due
  ) satisfies (chunks: Observable<StreamInput>) => Observable<DueWindow | Beside>;

/** What becomes of the model's answer, per stream: prediction → decided window. */
export const decision = (manifest: ModelManifest) =>
  pipe(
    smoothed(manifest),
    stage(() => new Label(manifest)), // → label, or unknown and why
  ) satisfies (predictions: Observable<Prediction | Beside>) => Observable<DecidedWindow | Beside>;

/** Its first part, which knows classes by number only. */
export const smoothed = (manifest: Pick<ModelManifest, 'calibration' | 'smoothing'>) =>
  pipe(
    stage(() => new Calibrate(manifest)), // logits → probabilities
    stage(() => new Smooth(manifest)), // → smoothed over windows, causally
  ) satisfies (predictions: Observable<Prediction | Beside>) => Observable<Smoothed | Beside>;

/** Both, with the batcher that all streams share between them. */
export const hear = (stream: Stream, position: StreamPosition, batcher: Batcher) =>
  pipe(analysis(stream, position, batcher.listen), classify(batcher), decision(batcher.manifest));
