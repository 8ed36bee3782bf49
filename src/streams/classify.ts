import { Observable, type OperatorFunction } from 'rxjs';
import type { Batcher } from '../inference/index.ts';
import type { Beside, DueWindow, Prediction } from './signals.ts';

type Classified = Prediction | Beside;

/**
 * Due window → prediction, through the batcher that all streams share. What travels beside the windows waits for those
 * before it, so that the order of a stream's events does not depend on batching.
 */
export function classify(batcher: Batcher): OperatorFunction<DueWindow | Beside, Classified> {
  return (source) =>
    new Observable<Classified>((subscriber) => {
      const queue: (Classified | undefined)[] = [];
      let first = 0; // absolute number of queue[0]
      const drain = (): void => {
        while (queue.length > 0) {
          const item = queue[0];
          if (item === undefined) return; // a window that still waits for the model
          queue.shift();
          first += 1;
          subscriber.next(item);
        }
      };
      return source.subscribe({
        next: (item) => {
          if (item.kind !== 'window') {
            queue.push(item);
            drain();
            return;
          }
          const place = first + queue.length;
          queue.push(undefined);
          const asker = {
            answered: (logits: Float32Array) => {
              queue[place - first] = { kind: 'prediction', window: item, logits: logits.slice() };
              drain();
            },
            failed: (error: unknown) => subscriber.error(error),
          };
          batcher.add(item.features, asker, item.heard);
        },
        error: (error: unknown) => {
          batcher.flush();
          subscriber.error(error);
        },
        complete: () => {
          batcher.flush();
          subscriber.complete();
        },
      });
    });
}
