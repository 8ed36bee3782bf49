import type { WindowModel } from '../inference/index.ts';

/**
 * A model that tells when it fails. Its failure is of no one stream: windows of several were in the call, and none of them
 * has an answer.
 */
export function watched(model: WindowModel, onFailure: (error: unknown) => void): WindowModel {
  return {
    manifest: model.manifest,
    hash: model.hash,
    runtime: model.runtime,
    predict: (features, rows) => {
      try {
        return model.predict(features, rows);
      } catch (error) {
        onFailure(error);
        throw error;
      }
    },
    dispose: () => model.dispose(),
  };
}

/** Hears of one failure from several places, and passes it on once. */
export function once(onFailure: (error: unknown) => void): (error: unknown) => void {
  let last: unknown;
  return (error) => {
    if (error === last) return;
    last = error;
    onFailure(error);
  };
}

/** Runs what is due after the sockets have been read, so that the windows of all streams go through the model together. */
export function afterSockets(onFailure: (error: unknown) => void): (run: () => void) => void {
  return (run) => {
    setImmediate(() => {
      try {
        run();
      } catch (error) {
        onFailure(error);
      }
    });
  };
}
