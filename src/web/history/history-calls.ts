import { batch, signal } from '@preact/signals';
import type { CallSummary } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { callFilterOf, type HistoryFilter } from './history-filter.ts';

/** So many calls of one answer. */
const PAGE = 50;

/** What a search has found so far; the next search makes an answer to an earlier one worthless. */
export class HistoryCalls {
  readonly calls = signal<readonly CallSummary[]>([]);
  readonly loading = signal(true);
  readonly problem = signal<unknown>(undefined);
  /** Whether there are more. */
  readonly more = signal(false);
  #next: string | null = null;
  #filter: HistoryFilter | undefined;
  #asking: AbortController | undefined;

  search(filter: HistoryFilter): void {
    this.#filter = filter;
    this.#next = null;
    this.#ask([]);
  }

  /** The next page, behind what is there. */
  continue(): void {
    if (this.#next !== null && !this.loading.peek()) this.#ask(this.calls.peek());
  }

  again(): void {
    if (this.#filter !== undefined) this.search(this.#filter);
  }

  remove(callIds: readonly string[]): void {
    this.calls.value = this.calls.peek().filter(({ callId }) => !callIds.includes(callId));
  }

  close(): void {
    this.#asking?.abort();
  }

  #ask(before: readonly CallSummary[]): void {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    batch(() => {
      this.loading.value = true;
      this.problem.value = undefined;
    });
    const filter = { ...callFilterOf(this.#filter!), limit: PAGE, ...(this.#next !== null && { cursor: this.#next }) };
    api.calls(filter, { signal: asking.signal }).then(
      ({ calls, next }) => {
        this.#next = next;
        batch(() => {
          this.calls.value = [...before, ...calls];
          this.more.value = next !== null;
          this.loading.value = false;
        });
      },
      (thrown: unknown) => {
        if (asking.signal.aborted) return;
        batch(() => {
          this.problem.value = thrown;
          this.loading.value = false;
        });
      },
    );
  }
}
