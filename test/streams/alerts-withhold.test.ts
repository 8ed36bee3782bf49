import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLES, type Role } from '../../src/protocol/index.ts';
import {
  AlertEngine,
  type AlertRule,
  isFelt,
  MEASURE_NAMES,
  parseAlertRules,
  readAlertRules,
  withholdRoles,
  writeAlertRules,
} from '../../src/streams/alerts/index.ts';
import { anyCall, anyRule, eventsOf, rulesOf } from './any-calls.ts';
import { CHANNELS } from './metrics-events.ts';

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../examples/rules.yaml'), 'utf8');

const changesOf = (rules: readonly AlertRule[], events: ReturnType<typeof eventsOf>) => {
  const engine = new AlertEngine(rules, { channels: CHANNELS });
  return events.flatMap((event) => engine.next(event));
};

describe('rules of which roles are withheld', () => {
  it('look at the other side alone: "anyone" without the employee is the customer', () => {
    let alerts = 0;
    const felt = fc.record({ anger: fc.constantFrom(0.2, 0.5, 0.8), need: fc.constantFrom('anyone', 'everyone') });
    fc.assert(
      fc.property(anyCall, felt, ({ sides, gapAtStep, swaps }, { anger, need }) => {
        const on = (who: string) => rulesOf([{ when: { measure: 'anger', of: who, above: anger } }]);
        const events = eventsOf(sides, gapAtStep, swaps[Symbol.iterator]());
        const plain = ({ evidence: _, ...change }: ReturnType<typeof changesOf>[number]) => change;
        const expected = changesOf(on('customer'), events).map(plain);
        alerts += expected.length;
        expect(changesOf(withholdRoles(on(need), ['employee']), events).map(plain)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
    expect(alerts).toBeGreaterThan(10);
  });

  it('never give evidence of a voice that is withheld, whatever the rules and the call', () => {
    let alerts = 0;
    fc.assert(
      fc.property(anyCall, ({ rules, sides, gapAtStep, swaps }) => {
        const events = eventsOf(sides, gapAtStep, swaps[Symbol.iterator]());
        for (const change of changesOf(withholdRoles(rulesOf(rules), ['employee']), events)) {
          alerts += 1;
          for (const { measure, channel } of change.evidence) expect(isFelt(measure) && channel === 1).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
    expect(alerts).toBeGreaterThan(20);
  });

  it('are the same objects where nothing of them is concerned', () => {
    const rules = readAlertRules(`
rules:
  - { name: customer, when: { all: [{ measure: anger, of: customer, above: 0.5 }, { not: { label: fear, of: customer } }] } }
  - { name: talk, when: { any: [{ measure: talk-share, of: employee, above: 80 % }, { measure: silence, above: 5 s }] } }
  - { name: loud line, when: { measure: level, above: -10 } }
`);
    const withheld = withholdRoles(rules, ['employee', 'bot']);
    withheld.forEach((rule, index) => void expect(rule).toBe(rules[index]));
    expect(withholdRoles(rules, [])).toBe(rules);
  });

  it('concern exactly emotions and the voice beside itself', () => {
    const counted = MEASURE_NAMES.filter((name) => !isFelt(name));
    expect(counted).toEqual([
      'level',
      'speech',
      'clipping',
      'silence',
      'overtalk',
      'duration',
      'talk-ratio',
      'talk-share',
      'longest-turn',
      'overlaps',
      'interruptions',
      'answer-pause',
      'silence-ratio',
      'overtalk-ratio',
    ]);
    expect(isFelt('label')).toBe(true);
  });

  it('say where they ask for a role that is withheld', () => {
    const text = `rules:
  - name: a
    when: { measure: anger, of: employee, above: 0.5 }
  - name: b
    when:
      any:
        - { label: fear, of: customer }
        - { label: fear,
            of: bot }
        - { measure: talk-ratio, of: employee, above: 50 % }
`;
    const warnings = (withheld: readonly Role[]) => parseAlertRules(text, undefined, withheld).warnings;
    expect(warnings(['employee', 'bot'])).toEqual([
      {
        line: 3,
        column: 33,
        message: 'The policy withholds the emotions of employee: this condition is never judged.',
      },
      { line: 9, column: 17, message: 'The policy withholds the emotions of bot: this condition is never judged.' },
    ]);
    expect(warnings(['customer'])).toHaveLength(1);
    expect(warnings([])).toEqual([]);
    expect(parseAlertRules(text, undefined, ROLES).problems).toEqual([]);
  });
});

describe('rules that are written', () => {
  it('are read back as the same rules', () => {
    const pair = fc.array(anyRule, { minLength: 0, maxLength: 6 });
    fc.assert(
      fc.property(pair, (rules) => {
        const parsed = rulesOf(rules);
        expect(readAlertRules(writeAlertRules(parsed))).toEqual(parsed);
      }),
    );
    const example = readAlertRules(EXAMPLE);
    expect(readAlertRules(writeAlertRules(example))).toEqual(example);
  });

  it('keep ranges in percent, units and names of channels', () => {
    const rules = readAlertRules(`
rules:
  - name: "a: \\"b\\""
    when: { measure: talk-share, channel: "caller: 1", above: 7 %, average: 1.5 s }
    for: 0.4 s
    during: { from: 7 %, to: 29 % }
  - name: silent
    when: { measure: silence, of: anyone, above: 1.5 min, hysteresis: 250 ms }
    during: { to: 5 min }
`);
    expect(readAlertRules(writeAlertRules(rules))).toEqual(rules);
  });
});
