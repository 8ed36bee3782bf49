import { batch, signal } from '@preact/signals';
import { connect } from '../../client/index.ts';
import type {
  CallAlert,
  CallDetail,
  CallStream,
  Correction,
  TimelineLeg,
  TimelinePoint,
  TimelinePoints,
  TurnEvent,
  WindowEvent,
} from '../../protocol/index.ts';
import { api } from '../api.ts';
import { ApiError } from '../api-error.ts';
import { socketAddress } from '../request.ts';
import { apiKey } from '../session.ts';

/** One side, growing while the call is live. Times of the call. */
export interface GrowingLeg extends Omit<TimelineLeg, 'points' | 'turns'> {
  readonly points: TimelinePoint[];
  readonly turns: TimelineLeg['turns'][number][];
}

export type CallPageState = 'loading' | 'ready' | 'missing' | 'erased' | 'failed';

/** Figures of a live call are asked for this often. */
const DETAIL_EVERY_MS = 3_000;
/** The store is a little behind the socket: the timeline is asked for again until both meet. */
const SEAM_TRIES = 8;
const SEAM_WAIT_MS = 700;

/** Everything the page knows of one call: what is kept, and what comes while it is live, without gap or repeat between. */
export class CallModel {
  readonly callId: string;
  readonly state = signal<CallPageState>('loading');
  readonly problem = signal<unknown>(undefined);
  readonly detail = signal<CallDetail | undefined>(undefined);
  readonly legs = signal<readonly GrowingLeg[]>([]);
  readonly labels = signal<TimelinePoints['labels']>([]);
  /** Of what is shown; grows while the call is live. */
  readonly durationMs = signal(0);
  /** Rises when a leg has grown, once a frame at most. */
  readonly grown = signal(0);
  /** Whether what should come live does not. */
  readonly lost = signal(false);
  /** Another analysis of the recording, to lay beside. */
  readonly other = signal<TimelinePoints | undefined>(undefined);
  readonly #closing = new AbortController();
  readonly #waiting: { readonly stream: CallStream; readonly event: WindowEvent | TurnEvent }[] = [];
  readonly #followed = new Set<string>();
  #connection: ReturnType<typeof connect> | undefined;
  #joined = false;
  #frame = 0;

  constructor(callId: string) {
    this.callId = callId;
    this.#open().catch((thrown: unknown) => this.#fail(thrown));
  }

  /** Fetches the figures again; after something was done. */
  async refresh(): Promise<void> {
    try {
      const detail = await api.call(this.callId, { signal: this.#closing.signal });
      batch(() => {
        this.detail.value = detail;
        this.durationMs.value = Math.max(this.durationMs.peek(), detail.durationMs);
      });
      if (detail.state === 'live') this.#follow(detail);
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 404 && this.state.peek() === 'ready')
        this.state.value = 'erased';
      else if (!this.#closing.signal.aborted) this.lost.value = true;
    }
  }

  corrected(correction: Correction): void {
    const detail = this.detail.peek();
    if (detail === undefined) return;
    const others = detail.corrections.filter(({ correctionId }) => correctionId !== correction.correctionId);
    this.detail.value = { ...detail, corrections: [...others, correction] };
  }

  withdrawn(correctionId: string): void {
    const detail = this.detail.peek();
    if (detail === undefined) return;
    this.detail.value = {
      ...detail,
      corrections: detail.corrections.filter((each) => each.correctionId !== correctionId),
    };
  }

  handled(alert: CallAlert): void {
    const detail = this.detail.peek();
    if (detail === undefined) return;
    const allAlerts = detail.allAlerts.map((each) => (each.alertId === alert.alertId ? alert : each));
    this.detail.value = { ...detail, allAlerts };
  }

  close(): void {
    this.#closing.abort();
    this.#connection?.close();
    cancelAnimationFrame(this.#frame);
  }

  async #open(): Promise<void> {
    const { signal: aborted } = this.#closing;
    const detail = await api.call(this.callId, { signal: aborted });
    // Listening begins before the timeline is asked for: what comes in between waits.
    if (detail.state === 'live') this.#follow(detail);
    const points = await api.points(this.callId, undefined, { signal: aborted });
    batch(() => {
      this.detail.value = detail;
      this.labels.value = points.labels;
      this.legs.value = points.legs.map(growing);
      this.durationMs.value = Math.max(detail.durationMs, points.durationMs);
      this.state.value = 'ready';
    });
    if (detail.state !== 'live') return;
    await this.#meet();
    this.#poll();
  }

  #follow({ streams }: CallDetail): void {
    const key = apiKey.peek();
    this.#connection ??= connect(socketAddress(), key === null ? {} : { apiKey: key });
    for (const stream of streams) {
      if (stream.endReason !== null || this.#followed.has(stream.streamId)) continue;
      this.#followed.add(stream.streamId);
      this.#connection.subscribe(stream.streamId, { wait: false }).events$.subscribe({
        next: (event) => {
          if (event.type === 'window' || event.type === 'turn') this.#hear(stream, event);
          else if (event.type === 'alert' || event.type === 'mark' || event.type === 'ended') this.#refreshSoon();
        },
        error: () => {
          if (!this.#closing.signal.aborted) this.lost.value = true;
        },
      });
    }
  }

  #refreshSoon(): void {
    // The store writes twice a second.
    setTimeout(() => this.refresh(), SEAM_WAIT_MS);
  }

  #hear(stream: CallStream, event: WindowEvent | TurnEvent): void {
    if (!this.#joined) {
      this.#waiting.push({ stream, event });
      return;
    }
    this.lost.value = false;
    this.#add(stream, event);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      batch(() => {
        const last = Math.max(0, ...this.legs.peek().map(({ points }) => points.at(-1)?.endMs ?? 0));
        this.durationMs.value = Math.max(this.durationMs.peek(), last);
        this.grown.value += 1;
      });
    });
  }

  /** Until no window is missing between what is kept and what has come since. */
  async #meet(): Promise<void> {
    for (let attempt = 0; attempt < SEAM_TRIES && this.#gapAhead(); attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, SEAM_WAIT_MS));
      const points = await api.points(this.callId, undefined, { signal: this.#closing.signal });
      this.legs.value = points.legs.map(growing);
    }
    this.#joined = true;
    for (const { stream, event } of this.#waiting.splice(0)) this.#add(stream, event);
    this.grown.value += 1;
  }

  #gapAhead(): boolean {
    return this.#waiting.some(({ stream, event }) => {
      if (event.type !== 'window') return false;
      const known = this.#leg(stream, event)?.points.at(-1)?.endMs ?? 0;
      const first = this.#waiting.find(
        ({ event: each, stream: of }) => each.type === 'window' && of === stream && each.channel === event.channel,
      );
      return first !== undefined && first.event.endMs + stream.offsetMs > known + stream.analysis.stepMs;
    });
  }

  #leg({ streamId }: CallStream, { channel }: WindowEvent | TurnEvent): GrowingLeg | undefined {
    return this.legs.peek().find((leg) => leg.streamId === streamId && leg.channel === channel);
  }

  #add(stream: CallStream, event: WindowEvent | TurnEvent): void {
    let leg = this.#leg(stream, event);
    if (leg === undefined) {
      const { channel, channelName, role } = event;
      leg = { streamId: stream.streamId, channel, channelName, role, points: [], turns: [] };
      this.legs.value = [...this.legs.peek(), leg];
    }
    const endMs = event.endMs + stream.offsetMs;
    if (event.type === 'turn') {
      if (endMs > (leg.turns.at(-1)?.endMs ?? -1)) {
        leg.turns.push({ startMs: event.startMs + stream.offsetMs, endMs, label: event.label });
      }
      return;
    }
    if (endMs <= (leg.points.at(-1)?.endMs ?? 0)) return;
    leg.points.push(pointOf(event, endMs, this.labels.peek()));
  }

  #poll(): void {
    const again = (): void => {
      if (this.#closing.signal.aborted || this.detail.peek()?.state !== 'live') return;
      setTimeout(() => {
        this.refresh().then(again, again);
      }, DETAIL_EVERY_MS);
    };
    again();
  }

  #fail(thrown: unknown): void {
    if (this.#closing.signal.aborted) return;
    batch(() => {
      this.problem.value = thrown;
      this.state.value = thrown instanceof ApiError && thrown.status === 404 ? 'missing' : 'failed';
    });
  }
}

const growing = (leg: TimelineLeg): GrowingLeg => ({ ...leg, points: [...leg.points], turns: [...leg.turns] });

function pointOf(window: WindowEvent, endMs: number, labels: TimelinePoints['labels']): TimelinePoint {
  const { label, reason, score, confidence, probabilities, arousal, valence, speechRatio, quality, added } = window;
  return {
    endMs,
    label,
    ...(reason !== undefined && { reason }),
    score,
    confidence,
    probabilities: labels.map((each) => probabilities[each] ?? 0),
    arousal,
    valence,
    speechRatio,
    levelDb: quality.levelDb,
    pitchSemitones: added.pitchSemitones,
  };
}
