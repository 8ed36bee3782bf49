import type { WindowModel } from '../inference/index.ts';
import type { Clock } from './clock.ts';

/**
 * A model that tells when it fails, and throws nothing. Its failure is of no one stream: windows of several were in the call, so
 * `onFailure` must end them all before any of the answers, which mean nothing, goes out.
 */
export function watched(model: WindowModel, onFailure: (error: unknown) => void): WindowModel {
  const { manifest, hash, runtime, sequence } = model;
  const guarded = (rows: number, ask: () => Float32Array): Float32Array => {
    try {
      return ask();
    } catch (error) {
      onFailure(error);
      return new Float32Array(rows * manifest.labels.length);
    }
  };
  return {
    manifest,
    hash,
    runtime,
    predict: (features, rows) => guarded(rows, () => model.predict(features, rows)),
    ...(sequence && {
      sequence: {
        listen: sequence.listen,
        answer: (windows) => guarded(windows.length, () => sequence.answer(windows)),
      },
    }),
    dispose: () => model.dispose(),
  };
}

/**
 * Runs what is due after the sockets have been read, and after `waitMs`, so that the windows of all streams go through the
 * model together.
 */
export function batched(clock: Clock, waitMs: number, onFailure: (error: unknown) => void): (run: () => void) => void {
  return (run) => {
    const guarded = (): void => {
      try {
        run();
      } catch (error) {
        onFailure(error);
      }
    };
    if (waitMs > 0) clock.after(waitMs, guarded);
    else setImmediate(guarded);
  };
}
