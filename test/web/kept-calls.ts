import type { Emotion } from '../../src/emotions.ts';
import type { CallSummary, DayHeat } from '../../src/protocol/index.ts';
import { callSummary, legSummary, MODEL } from './fixtures.ts';

const QUEUES = ['billing', 'support', 'orders', 'returns'];
const RULES = ['angry customer', 'turning sour', 'dead air'];

/** Shares with one emotion in front, from a number of the call's own. */
function sharesOf(n: number): Partial<Record<Emotion, number>> {
  const anger = [0.02, 0.06, 0.44, 0.03, 0.12, 0, 0.61, 0.04, 0.27, 0.01][n % 10]!;
  const sadness = [0.1, 0.3, 0.05, 0.02, 0.4, 0.08, 0.1, 0.05, 0.03, 0.22][(n * 3) % 10]!;
  const happiness = Math.max(0, [0.2, 0.05, 0.01, 0.5, 0.1, 0.32, 0, 0.4, 0.08, 0.12][n % 10]! - anger / 4);
  const rest = Math.max(0, 1 - anger - sadness * (1 - anger) - happiness);
  return { anger, sadness: sadness * (1 - anger), happiness, neutral: rest };
}

/** Calls of a working day, the newest first, as a history would have them; `now` is when one looks. */
export function keptCalls(count: number, now: Date): CallSummary[] {
  return Array.from({ length: count }, (_, n) => {
    const customer = sharesOf(n);
    const severe = (customer.anger ?? 0) > 0.4;
    const startedAt = new Date(now.getTime() - 7 * 60_000 - n * 190_000);
    const callId = `${QUEUES[n % 4]}-${4100 + count - n}`;
    const alerts = severe ? 2 : (customer.anger ?? 0) > 0.2 ? 1 : 0;
    return callSummary(callId, {
      startedAt: startedAt.toISOString(),
      endedAt: n === 0 ? null : new Date(startedAt.getTime() + 200_000).toISOString(),
      state: n === 0 ? 'live' : n === 6 ? 'lost' : 'ended',
      durationMs: 70_000 + ((n * 137_000) % 640_000),
      recorded: n % 3 !== 1,
      metadata: { queue: QUEUES[n % 4]! },
      alerts: {
        raised: alerts,
        open: 0,
        highest: severe ? 'high' : alerts > 0 ? 'medium' : null,
        rules: RULES.slice(0, alerts),
      },
      legs: [
        legSummary({
          streamId: callId,
          shares: customer,
          lowest: { valence: -0.15 - (customer.anger ?? 0), startMs: 31_000 + 1_000 * n },
        }),
        legSummary({
          streamId: callId,
          channel: 1,
          name: 'agent',
          role: 'employee',
          shares: { neutral: 0.72 - (n % 5) / 20, happiness: 0.28 + (n % 5) / 20 },
          lowest: { valence: 0.02, startMs: 12_000 },
        }),
      ],
    });
  });
}

/** A day that begins calmly and has a bad hour after lunch. */
export function keptDay(date: string): DayHeat {
  return {
    date,
    hours: Array.from({ length: 24 }, (_, hour) => {
      if (hour < 8 || hour > 17) return { calls: 0, alerts: 0, shares: {} };
      const bad = Math.exp(-((hour - 14) ** 2) / 4);
      const shares = MODEL.labels.map((label, at): readonly [Emotion, number] => {
        if (label === 'anger') return [label, 0.05 + 0.36 * bad];
        if (label === 'sadness') return [label, 0.08 + 0.09 * Math.sin(hour) ** 2];
        if (label === 'happiness') return [label, 0.26 - 0.18 * bad];
        return [label, label === 'neutral' ? 0.48 - 0.16 * bad : 0.01 + ((hour + at) % 3) / 60];
      });
      return {
        calls: 14 + Math.round(9 * Math.sin(hour / 2) ** 2),
        alerts: Math.round(6 * bad),
        shares: Object.fromEntries(shares),
      };
    }),
  };
}
