import { type ReadonlySignal, signal } from '@preact/signals';
import type { AlertSeverity, FloorAlert, FloorCall } from '../../protocol/index.ts';

export interface News {
  readonly callId: string;
  readonly rule: string;
  readonly severity: AlertSeverity;
}

/** Between two announcements at least: a screen reader is no ticker. */
const PAUSE_MS = 5_000;
const RANK: Readonly<Record<AlertSeverity, number>> = { low: 0, medium: 1, high: 2 };

/** New alerts, told in sentences with pauses between them; those of a pause are told together. */
export class AlertNews {
  readonly #sentence = signal('');
  readonly #tell: (news: readonly News[]) => void;
  #waiting: News[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tell what else is told at the same time: a sound, a notification */
  constructor(tell: (news: readonly News[]) => void) {
    this.#tell = tell;
  }

  /** For a live region. */
  get sentence(): ReadonlySignal<string> {
    return this.#sentence;
  }

  add({ callId }: FloorCall, { rule, severity }: FloorAlert): void {
    this.#waiting.push({ callId, rule, severity });
    if (this.#timer !== undefined) return;
    // The alerts of one message are told together.
    this.#timer = setTimeout(() => this.#say(), 0);
  }

  #say(): void {
    const news = this.#waiting.sort((a, b) => RANK[b.severity] - RANK[a.severity]);
    this.#waiting = [];
    this.#timer = undefined;
    if (news.length === 0) return;
    this.#sentence.value = newsSentence(news);
    this.#tell(news);
    this.#timer = setTimeout(() => this.#say(), PAUSE_MS);
  }
}

/** @param news the most severe first */
export function newsSentence(news: readonly News[]): string {
  const [first] = news;
  if (first === undefined) return '';
  const about = `${first.rule}, ${first.severity} severity, call ${first.callId}`;
  return news.length === 1 ? `New alert: ${about}.` : `${news.length} new alerts. First: ${about}.`;
}
