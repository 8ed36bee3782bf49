import type {
  CallStream,
  TimelineLeg,
  TimelinePoint,
  TimelinePoints,
  TurnEvent,
  WindowEvent,
} from '../../protocol/index.ts';

/** One side, growing while the call is live. Times of the call. */
export interface GrowingLeg extends Omit<TimelineLeg, 'points' | 'turns'> {
  readonly points: TimelinePoint[];
  readonly turns: TimelineLeg['turns'][number][];
}

/** Names a side in lists and in markup. */
export const legKey = ({ streamId, channel }: { readonly streamId: string; readonly channel: number }): string =>
  `${streamId}/${channel}`;

/** Legs to grow, from an answer; a stream id that was opened twice in a call is one side, not two. */
export function growingLegs({ legs }: TimelinePoints): readonly GrowingLeg[] {
  const known = new Map<string, GrowingLeg>();
  for (const leg of legs) {
    const before = known.get(legKey(leg));
    if (before === undefined) known.set(legKey(leg), { ...leg, points: [...leg.points], turns: [...leg.turns] });
    else {
      for (const point of leg.points) before.points.push(point);
      for (const turn of leg.turns) before.turns.push(turn);
    }
  }
  return [...known.values()];
}

/**
 * What comes live of one stream, until it can be joined to what is kept: the store is a little behind the socket, so both are
 * held beside each other until no window is missing between.
 */
export class Seam {
  readonly stream: CallStream;
  #waiting: (WindowEvent | TurnEvent)[] | undefined = [];

  constructor(stream: CallStream) {
    this.stream = stream;
  }

  get joined(): boolean {
    return this.#waiting === undefined;
  }

  /** @returns whether it waits; what does not can be added at once */
  holds(event: WindowEvent | TurnEvent): boolean {
    this.#waiting?.push(event);
    return this.#waiting !== undefined;
  }

  /**
   * Whether every side has said something since: before that nobody knows what is missing between it and what is kept. (The
   * sides of a stream are heard in step.)
   */
  get begun(): boolean {
    const sides = new Set(this.#waiting?.filter(({ type }) => type === 'window').map(({ channel }) => channel));
    return sides.size >= this.stream.channels.length;
  }

  /** Whether a window is missing between what is kept of a side and the first that came since. */
  isBehind(legs: readonly GrowingLeg[]): boolean {
    const seen = new Set<number>();
    for (const event of this.#waiting ?? []) {
      if (event.type !== 'window' || seen.has(event.channel)) continue;
      seen.add(event.channel);
      const known = legOf(legs, this.stream, event.channel)?.points.at(-1)?.endMs;
      const firstMs = event.endMs + this.stream.offsetMs;
      // The windows of a stream are numbered from 0: the first of all has nothing before it.
      if (event.seq > 0 && (known === undefined || firstMs > known + this.stream.analysis.stepMs)) return true;
    }
    return false;
  }

  /** Lets go of what waited, in order; from now on nothing waits. */
  join(): readonly (WindowEvent | TurnEvent)[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    return waiting;
  }
}

export const legOf = (legs: readonly GrowingLeg[], { streamId }: CallStream, channel: number): GrowingLeg | undefined =>
  legs.find((leg) => leg.streamId === streamId && leg.channel === channel);

/** Adds an event to its side, once: what is there already is not added again. */
export function grow(
  leg: GrowingLeg,
  { offsetMs }: CallStream,
  event: WindowEvent | TurnEvent,
  labels: TimelinePoints['labels'],
  withheld: boolean,
): void {
  const endMs = event.endMs + offsetMs;
  if (event.type === 'turn') {
    if (endMs <= (leg.turns.at(-1)?.endMs ?? -1)) return;
    leg.turns.push({ startMs: event.startMs + offsetMs, endMs, label: withheld ? 'unknown' : event.label });
  } else if (endMs > (leg.points.at(-1)?.endMs ?? -1)) {
    leg.points.push(withheld ? silentPointOf(event, endMs, labels) : pointOf(event, endMs, labels));
  }
}

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

/** Of a side whose emotions the policy withholds: the socket carries them to whoever analyses, the page does not look. */
function silentPointOf(window: WindowEvent, endMs: number, labels: TimelinePoints['labels']): TimelinePoint {
  const { reason: _, ...point } = pointOf(window, endMs, labels);
  return {
    ...point,
    label: 'unknown',
    score: 0,
    confidence: 0,
    probabilities: labels.map(() => 0),
    arousal: 0,
    valence: 0,
  };
}
