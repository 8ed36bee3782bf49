import type { CallMetrics, ChannelDescription, SideMetrics, Stretch } from '../../protocol/index.ts';
import { Conversation } from './conversation.ts';
import type { Floor } from './floor.ts';
import type { MeteredEvent } from './metered-window.ts';
import { moodMetrics, SideMeter, type SideSums, together } from './side-meter.ts';
import { SpeechTracker } from './speech-tracker.ts';

interface Side {
  readonly channel: number;
  readonly description: ChannelDescription;
  readonly speech: SpeechTracker;
  readonly meter: SideMeter;
}

/**
 * Call metrics from the events of one stream, live and at its end. Pure and incremental: its memory does not grow with the
 * call, and asking for the metrics changes nothing. The order in which the channels' events interleave does not matter.
 *
 * @example
 * const meter = new CallMeter(channels);
 * stream.events.subscribe((event) => meter.next(event));
 * meter.metrics().sides[0]?.talkRatio;
 */
export class CallMeter {
  readonly #sides: readonly Side[];
  readonly #conversation: Conversation;
  #nowMs = 0;
  #ended = false;

  /** @param startMs before it nothing was heard: where a stream goes on that was analysed elsewhere. */
  constructor(channels: readonly ChannelDescription[], startMs = 0) {
    this.#nowMs = startMs;
    this.#sides = channels.map(({ name, role }, channel) => ({
      channel,
      description: { name, role },
      speech: new SpeechTracker(startMs),
      meter: new SideMeter(),
    }));
    this.#conversation = new Conversation(channels.length);
    if (startMs > 0) this.#conversation.missing({ startMs: 0, endMs: startMs });
  }

  /** The latest position that an event told. */
  get nowMs(): number {
    return this.#nowMs;
  }

  next(event: MeteredEvent): void {
    switch (event.type) {
      case 'window': {
        const side = this.#side(event.channel);
        this.#reach(event.endMs);
        side.speech.window(event);
        side.meter.push(event);
        break;
      }
      case 'turn':
        this.#reach(event.endMs);
        this.#side(event.channel).speech.turn(event);
        this.#conversation.turn(event.channel, event);
        break;
      case 'status':
        if (event.code !== 'gap' || event.startMs === undefined || event.endMs === undefined) return;
        this.#reach(event.endMs);
        this.#conversation.missing({ startMs: event.startMs, endMs: event.endMs });
        break;
      case 'ended':
        this.#reach(event.durationMs);
        this.#ended = true;
        break;
      default:
        return;
    }
    this.#conversation.settle(Math.min(...this.#sides.map(({ speech }) => speech.settledMs)));
  }

  /** How long a channel has not spoken, ms; from the start where it never has. */
  silenceMs(channel: number): number {
    return Math.max(0, this.#nowMs - this.#side(channel).speech.lastSpeechMs);
  }

  /** The turn that is open on a channel. */
  openTurn(channel: number): Stretch | undefined {
    return this.#side(channel).speech.open;
  }

  /** How long two sides at least have been speaking at once, ms; 0 where they do not. */
  overtalkMs(): number {
    const open = this.#sides.flatMap(({ speech }) => speech.open ?? []);
    if (open.length < 2) return 0;
    // Since the second of them began, until the last but one of them spoke.
    const [, startMs = 0] = open.map((turn) => turn.startMs).sort((a, b) => a - b);
    const [, endMs = 0] = open.map((turn) => turn.endMs).sort((a, b) => b - a);
    return Math.max(0, endMs - startMs);
  }

  metrics(): CallMetrics {
    const now = this.#nowMs;
    const open = this.#ended
      ? []
      : this.#sides.flatMap(({ channel, speech: { open } }) => (open === undefined ? [] : [{ channel, ...open }]));
    const floor = this.#conversation.at(now, open);
    const { call } = floor;
    const heardMs = now - call.missingMs;
    const sums = this.#sides.map(({ meter }) => meter.sums(now));
    return {
      durationMs: now,
      missingMs: call.missingMs,
      talkMs: call.talkMs,
      talkRatio: share(call.talkMs, heardMs),
      silenceMs: heardMs - call.talkMs,
      silenceRatio: share(heardMs - call.talkMs, heardMs),
      longestSilence: call.longestSilence,
      overtalkMs: call.overtalkMs,
      overtalkRatio: share(call.overtalkMs, heardMs),
      overtalks: call.overtalks,
      mood: moodMetrics(together(sums)),
      sides: this.#sides.map((side, index) => sideMetrics(side, floor, heardMs, sums[index]!)),
    };
  }

  #side(channel: number): Side {
    const side = this.#sides[channel];
    if (side === undefined) throw new RangeError(`The call has no channel ${channel}.`);
    return side;
  }

  #reach(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }
}

function sideMetrics(
  { channel, description, meter }: Side,
  floor: Floor,
  heardMs: number,
  sums: SideSums,
): SideMetrics {
  const side = floor.sides[channel]!;
  const allTalkMs = floor.sides.reduce((sum, { talkMs }) => sum + talkMs, 0);
  return {
    channel,
    ...description,
    turns: side.turns,
    talkMs: side.talkMs,
    talkRatio: share(side.talkMs, heardMs),
    talkShare: allTalkMs > 0 ? side.talkMs / allTalkMs : null,
    longestTurnMs: side.longestTurnMs,
    silenceMs: heardMs - side.talkMs,
    longestSilence: side.longestSilence,
    overlaps: side.overlaps,
    interruptions: side.interruptions,
    answers: {
      count: side.answers,
      meanMs: side.answers > 0 ? side.answerMs / side.answers : null,
      longestMs: side.answers > 0 ? side.longestAnswerMs : null,
      lastMs: side.lastAnswerMs,
    },
    voice: meter.voice(sums),
    mood: moodMetrics(sums),
    anger: meter.anger(),
  };
}

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
