import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALERT_SEVERITIES, ROLES } from '../../../src/protocol/index.ts';
import { type SideSigns, type UrgencySigns, urgencyOf } from '../../../src/server/desk/urgency.ts';

type Alert = UrgencySigns['alerts'][number];

const NOW = Date.parse('2030-01-01T00:00:00Z');
const LATER = '2030-01-01T00:05:00.000Z';
const EARLIER = '2029-12-31T23:55:00.000Z';

const severity = fc.constantFrom(...ALERT_SEVERITIES);
const alert: fc.Arbitrary<Alert> = fc.record({
  severity,
  takenBy: fc.constantFrom(null, 'Ada'),
  acknowledged: fc.boolean(),
  wrong: fc.boolean(),
  snoozedUntil: fc.constantFrom(null, LATER, EARLIER),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const side: fc.Arbitrary<SideSigns> = fc.record({
  role: fc.constantFrom(...ROLES),
  valence: orNull(fc.double({ min: -1, max: 1, noNaN: true })),
  anger: orNull(share),
  angerBefore: orNull(share),
});
const signs: fc.Arbitrary<UrgencySigns> = fc.record({
  alerts: fc.array(alert, { maxLength: 4 }),
  sides: fc.array(side, { minLength: 1, maxLength: 4 }),
  silenceMs: fc.integer({ min: 0, max: 300_000 }),
  nowMs: fc.constant(NOW),
});

const open: Alert = { severity: 'medium', takenBy: null, acknowledged: false, wrong: false, snoozedUntil: null };
const calm: SideSigns = { role: 'customer', valence: 0.2, anger: 0.05, angerBefore: 0.05 };
const quiet: UrgencySigns = { alerts: [], sides: [calm], silenceMs: 0, nowMs: NOW };

/** Sums of products differ in their last digits with their order. */
const LEAST = 1e-9;
const atLeast = (urgent: UrgencySigns, less: UrgencySigns): void =>
  expect(urgencyOf(urgent)).toBeGreaterThanOrEqual(urgencyOf(less) - LEAST);

describe('the urgency of a call', () => {
  it('lies from 0 to 1, whatever the signs and their order', () => {
    fc.assert(
      fc.property(signs, (of) => {
        const urgency = urgencyOf(of);
        expect(urgency).toBeGreaterThanOrEqual(0);
        expect(urgency).toBeLessThanOrEqual(1);
        const turned = { ...of, alerts: of.alerts.toReversed(), sides: of.sides.toReversed() };
        expect(urgencyOf(turned)).toBeCloseTo(urgency, 9);
      }),
    );
  });

  it('is nothing where nothing is the matter', () => {
    expect(urgencyOf(quiet)).toBe(0);
    expect(urgencyOf({ ...quiet, sides: [] })).toBe(0);
  });

  it('does not fall with another alert, or a more severe one', () => {
    fc.assert(
      fc.property(signs, alert, fc.nat(3), (of, more, index) => {
        atLeast({ ...of, alerts: [...of.alerts, more] }, of);
        const worse = of.alerts.map((one, at) => (at === index ? { ...one, severity: 'high' as const } : one));
        atLeast({ ...of, alerts: worse }, of);
      }),
    );
  });

  it('does not rise when somebody sees to an alert, and counts none that is wrong or snoozed', () => {
    fc.assert(
      fc.property(signs, alert, (of, one) => {
        const having = (changed: Partial<Alert>): UrgencySigns => ({
          ...of,
          alerts: [...of.alerts, { ...one, ...changed }],
        });
        atLeast(having({}), having({ acknowledged: true }));
        atLeast(having({}), having({ takenBy: 'Ada' }));
        for (const set of [{ wrong: true }, { snoozedUntil: LATER }]) {
          expect(urgencyOf(having(set))).toBeCloseTo(urgencyOf(of), 9);
        }
        // A snooze that is over is none.
        expect(urgencyOf(having({ snoozedUntil: EARLIER }))).toBeCloseTo(urgencyOf(having({ snoozedUntil: null })), 9);
      }),
    );
  });

  it('does not fall with a worse voice, rising anger or a longer silence', () => {
    fc.assert(
      fc.property(signs, side, share, fc.nat(60_000), (of, one, step, ms) => {
        const having = (changed: Partial<SideSigns>): UrgencySigns => ({
          ...of,
          sides: [...of.sides, { ...one, ...changed }],
        });
        const { valence, anger } = one;
        if (valence !== null) atLeast(having({ valence: Math.max(-1, valence - step) }), having({}));
        if (anger !== null) atLeast(having({ anger: Math.min(1, anger + step) }), having({}));
        atLeast({ ...of, silenceMs: of.silenceMs + ms }, of);
      }),
    );
  });

  it('puts the customer before the employee, and that before a bot', () => {
    const of = (role: SideSigns['role']) =>
      urgencyOf({ ...quiet, sides: [{ role, valence: -0.8, anger: 0.9, angerBefore: 0.2 }] });
    expect(of('customer')).toBeGreaterThan(of('employee'));
    expect(of('employee')).toBeGreaterThan(of('bot'));
    expect(of('unknown')).toBe(of('customer'));
    expect(of('bot')).toBe(0);
  });

  it('has the weights that its description names', () => {
    const of = (severity: Alert['severity'], changed: Partial<Alert> = {}) =>
      urgencyOf({ ...quiet, alerts: [{ ...open, severity, ...changed }] });
    expect([of('low'), of('medium'), of('high')].map((weight) => weight.toFixed(2))).toEqual(['0.20', '0.40', '0.70']);
    expect(of('high', { acknowledged: true })).toBeCloseTo(0.35, 9);
    expect(urgencyOf({ ...quiet, alerts: [open, open] })).toBeCloseTo(0.64, 9);
    expect(urgencyOf({ ...quiet, sides: [{ ...calm, valence: -1 }] })).toBeCloseTo(0.4, 9);
    expect(urgencyOf({ ...quiet, sides: [{ ...calm, anger: 1, angerBefore: 0 }] })).toBeCloseTo(0.4, 9);
    expect([10_000, 35_000, 60_000, 600_000].map((silenceMs) => urgencyOf({ ...quiet, silenceMs }).toFixed(2))).toEqual(
      ['0.00', '0.15', '0.30', '0.30'],
    );
  });
});
