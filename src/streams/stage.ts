import { Observable, type OperatorFunction } from 'rxjs';

/** A step of the pipeline as a plain class: items in, any number of items out, and what it held back at the end. */
export interface Block<In, Out> {
  next(item: In, emit: (item: Out) => void): void;
  flush?(emit: (item: Out) => void): void;
}

/**
 * An operator over a plain class, made anew for every subscription. What the class throws ends the pipeline as its error.
 *
 * @example
 * const double = stage<number, number>(() => ({ next: (value, emit) => emit(2 * value) }));
 */
export function stage<In, Out>(create: () => Block<In, Out>): OperatorFunction<In, Out> {
  return (source) =>
    new Observable<Out>((subscriber) => {
      const block = create();
      const emit = (item: Out): void => subscriber.next(item);
      return source.subscribe({
        next: (item) => {
          try {
            block.next(item, emit);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          try {
            block.flush?.(emit);
            subscriber.complete();
          } catch (error) {
            subscriber.error(error);
          }
        },
      });
    });
}
