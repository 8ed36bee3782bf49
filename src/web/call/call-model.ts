import { batch, computed, signal } from '@preact/signals';
import { connect, UndertoneError } from '../../client/index.ts';
import type {
  CallAlert,
  CallDetail,
  CallStream,
  Correction,
  TimelinePoints,
  TurnEvent,
  WindowEvent,
} from '../../protocol/index.ts';
import { api } from '../api.ts';
import { ApiError } from '../api-error.ts';
import { socketAddress } from '../request.ts';
import { apiKey } from '../session.ts';
import { type GrowingLeg, grow, growingLegs, legOf, Seam } from './growing-legs.ts';

export type { GrowingLeg } from './growing-legs.ts';

export type CallPageState = 'loading' | 'ready' | 'missing' | 'no-store' | 'erased' | 'failed';

/** Figures of a live call are asked for this often; streams that have joined it are found so, too. */
const DETAIL_EVERY_MS = 3_000;
/** The store is a little behind the socket: the timeline is asked for again until both meet. */
const SEAM_TRIES = 8;
const SEAM_WAIT_MS = 700;

/** One opening of a stream id. */
const runOf = ({ streamId, startedAt }: CallStream): string => `${streamId} ${startedAt}`;

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
  /** Another analysis of the recording, to lay beside. */
  readonly other = signal<TimelinePoints | undefined>(undefined);
  readonly #unasked = signal(false);
  /** Runs whose events do not come, though they should. */
  readonly #unheard = signal<ReadonlySet<string>>(new Set());
  /** Whether what should come live does not. */
  readonly lost = computed(() => this.#unasked.value || this.#unheard.value.size > 0);
  readonly #closing = new AbortController();
  readonly #running = new Map<string, Seam>();
  /** Runs that have ended, whether the store knows it yet or not. */
  readonly #over = new Set<string>();
  #connection: ReturnType<typeof connect> | undefined;
  #meeting: Promise<void> | undefined;
  #asked = 0;
  #answered = 0;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(callId: string) {
    this.callId = callId;
    this.#open();
  }

  /** Loads it from the beginning, after it could not be. */
  again(): void {
    this.state.value = 'loading';
    this.#open();
  }

  /** Fetches the figures again; after something was done, and while the call is live. */
  async refresh(): Promise<void> {
    if (this.state.peek() === 'loading') return;
    this.#asked += 1;
    const ticket = this.#asked;
    try {
      const detail = await api.call(this.callId, { signal: this.#closing.signal });
      // An answer that was overtaken by a later one says nothing new.
      if (ticket < this.#answered) return;
      this.#answered = ticket;
      await this.#take(detail);
    } catch (thrown) {
      if (this.#closing.signal.aborted) return;
      if (thrown instanceof ApiError && thrown.status === 404) this.state.value = 'erased';
      else this.#unasked.value = true;
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
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
  }

  async #open(): Promise<void> {
    try {
      const detail = await api.call(this.callId, { signal: this.#closing.signal });
      // Listening begins before the timeline is asked for: what comes in between waits.
      if (detail.state === 'live') this.#follow(detail);
      await this.#load(detail);
      this.state.value = 'ready';
      if (detail.state !== 'live') return;
      this.#meet();
      this.#poll();
    } catch (thrown) {
      if (this.#closing.signal.aborted) return;
      batch(() => {
        this.problem.value = thrown;
        this.state.value = !(thrown instanceof ApiError)
          ? 'failed'
          : thrown.code === 'no-store'
            ? 'no-store'
            : thrown.status === 404
              ? 'missing'
              : 'failed';
      });
    }
  }

  /** What is kept, with a detail that it goes with. */
  async #load(detail: CallDetail): Promise<void> {
    const points = await api.points(this.callId, undefined, { signal: this.#closing.signal });
    batch(() => {
      this.detail.value = detail;
      this.labels.value = points.labels;
      this.legs.value = growingLegs(points);
      this.durationMs.value = Math.max(detail.durationMs, points.durationMs);
      this.grown.value += 1;
    });
  }

  async #take(detail: CallDetail): Promise<void> {
    const before = this.detail.peek();
    this.#unasked.value = false;
    if (detail.state !== 'live') {
      this.#unheard.value = new Set();
      // A call that has ended is shown as it is kept; the same where the policy shows more or less of it than before.
      if (before?.state === 'live' || withheldOf(detail) !== withheldOf(before)) await this.#load(detail);
      else this.detail.value = detail;
      return;
    }
    if (before !== undefined && withheldOf(detail) !== withheldOf(before)) {
      // Listened to anew from here, so that nothing is missing behind what is loaded.
      this.#connection?.close();
      this.#connection = undefined;
      this.#running.clear();
      this.#follow(detail);
      await this.#load(detail);
      this.#meet();
      return;
    }
    batch(() => {
      this.detail.value = detail;
      this.durationMs.value = Math.max(this.durationMs.peek(), detail.durationMs);
    });
    if (this.#follow(detail)) this.#meet();
  }

  /** @returns whether a stream is followed that was not */
  #follow({ streams }: CallDetail): boolean {
    const key = apiKey.peek();
    this.#connection ??= connect(socketAddress(), key === null ? {} : { apiKey: key });
    const fresh = streams.filter(
      (stream) => stream.endReason === null && !this.#running.has(runOf(stream)) && !this.#over.has(runOf(stream)),
    );
    for (const stream of fresh) this.#listen(this.#connection, stream);
    return fresh.length > 0;
  }

  #listen(connection: ReturnType<typeof connect>, stream: CallStream): void {
    const run = runOf(stream);
    const seam = new Seam(stream);
    this.#running.set(run, seam);
    const over = (thrown: unknown): void => {
      if (this.#closing.signal.aborted || this.#running.get(run) !== seam) return;
      // What was lost the next look at the call follows anew.
      this.#running.delete(run);
      if (thrown === undefined || (thrown instanceof UndertoneError && thrown.code === 'unknown-stream')) {
        this.#over.add(run);
      } else this.#unheard.value = new Set([...this.#unheard.peek(), run]);
      this.#refreshSoon();
    };
    const subscription = connection.subscribe(stream.streamId, { wait: false });
    subscription.ready.then(
      () => this.#heard(run),
      () => {},
    );
    subscription.events$.subscribe({
      next: (event) => {
        if (event.type === 'window' || event.type === 'turn') this.#hear(seam, event);
        else if (event.type === 'alert' || event.type === 'mark') this.#refreshSoon();
      },
      error: over,
      complete: () => over(undefined),
    });
  }

  #heard(run: string): void {
    if (!this.#unheard.peek().has(run)) return;
    this.#unheard.value = new Set([...this.#unheard.peek()].filter((each) => each !== run));
  }

  #refreshSoon(): void {
    // The store writes twice a second.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), SEAM_WAIT_MS);
  }

  #hear(seam: Seam, event: WindowEvent | TurnEvent): void {
    if (seam.holds(event)) {
      if (this.state.peek() === 'ready' && seam.begun) this.#meet();
      return;
    }
    this.#add(seam.stream, event);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#tell();
    });
  }

  #tell(): void {
    batch(() => {
      const last = Math.max(0, ...this.legs.peek().map(({ points }) => points.at(-1)?.endMs ?? 0));
      this.durationMs.value = Math.max(this.durationMs.peek(), last);
      this.grown.value += 1;
    });
  }

  /** Asks for what is kept until no window is missing between it and what has come since; one at a time. */
  #meet(): void {
    if (this.#apart().length === 0) return;
    this.#meeting ??= this.#tryToMeet().finally(() => {
      this.#meeting = undefined;
      if (this.#apart().length > 0) this.#meet();
    });
    this.#meeting.catch(() => {});
  }

  /** What has begun to come, and is not joined to what is kept. */
  #apart(): readonly Seam[] {
    return [...this.#running.values()].filter(({ joined, begun }) => !joined && begun);
  }

  async #tryToMeet(): Promise<void> {
    const seams = this.#apart();
    for (let attempt = 0; attempt < SEAM_TRIES; attempt += 1) {
      if (this.#closing.signal.aborted || !seams.some((seam) => seam.isBehind(this.legs.peek()))) break;
      await new Promise((resolve) => setTimeout(resolve, SEAM_WAIT_MS));
      const points = await api.points(this.callId, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (points !== undefined) this.#lengthen(points);
    }
    for (const seam of seams) for (const event of seam.join()) this.#add(seam.stream, event);
    this.#tell();
  }

  /** Takes of what is kept what is longer than what is shown: a side that is joined already may be ahead of the store. */
  #lengthen(points: TimelinePoints): void {
    const shown = new Map(this.legs.peek().map((leg) => [`${leg.streamId}/${leg.channel}`, leg]));
    const endOf = (leg: GrowingLeg | undefined): number => leg?.points.at(-1)?.endMs ?? -1;
    this.labels.value = points.labels;
    this.legs.value = growingLegs(points).map((leg) => {
      const known = shown.get(`${leg.streamId}/${leg.channel}`);
      return known !== undefined && endOf(known) > endOf(leg) ? known : leg;
    });
  }

  #add(stream: CallStream, event: WindowEvent | TurnEvent): void {
    let leg = legOf(this.legs.peek(), stream, event.channel);
    if (leg === undefined) {
      const { channel, channelName, role } = event;
      leg = { streamId: stream.streamId, channel, channelName, role, points: [], turns: [] };
      this.legs.value = [...this.legs.peek(), leg];
    }
    const withheld =
      this.detail.peek()?.legs.some((each) => each.role === event.role && each.withheld === true) ?? false;
    grow(leg, stream, event, this.labels.peek(), withheld);
  }

  #poll(): void {
    setTimeout(async () => {
      if (this.#closing.signal.aborted || this.detail.peek()?.state !== 'live') return;
      await this.refresh();
      this.#poll();
    }, DETAIL_EVERY_MS);
  }
}

/** Which roles the policy withholds of a call. */
const withheldOf = (detail: CallDetail | undefined): string =>
  [...new Set(detail?.legs.filter(({ withheld }) => withheld === true).map(({ role }) => role))].sort().join();
