import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../src/errors.ts';
import { needsLength, parseAlertRules, readAlertRules, rolesOf } from '../../src/streams/alerts/index.ts';

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../examples/rules.yaml'), 'utf8');

/** What is wrong with a text, as "line:column message". */
const problemsOf = (text: string): string[] =>
  parseAlertRules(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

/** A single rule with this condition, on the fourth line. */
const withCondition = (condition: string): string => `version: 1\nrules:\n  - name: a\n    when: ${condition}\n`;

describe('rules in YAML', () => {
  it('are read with all that a rule can have', () => {
    const [rule] = readAlertRules(`
rules:
  - name: angry
    description: The caller has been angry.
    severity: high
    when: { measure: anger, of: customer, average: 2 s, above: 0.6, hysteresis: 0.1 }
    for: 6 s
    clearAfter: 500 ms
    cooldown: 1.5 min
    during: { from: 30 s, to: 1 h }
`);
    expect(rule).toEqual({
      name: 'angry',
      description: 'The caller has been angry.',
      severity: 'high',
      when: {
        kind: 'compare',
        measure: 'anger',
        sides: { who: { role: 'customer' }, need: 'one' },
        averageMs: 2000,
        test: { kind: 'above', threshold: 0.6 },
        hysteresis: 0.1,
      },
      forMs: 6000,
      clearAfterMs: 500,
      cooldownMs: 90_000,
      during: { from: { ms: 30_000 }, to: { ms: 3_600_000 } },
    });
  });

  it('have defaults for what is left out', () => {
    const [rule] = readAlertRules(withCondition('{ measure: silence, above: 10 s }'));
    expect(rule).toEqual({
      name: 'a',
      severity: 'medium',
      when: {
        kind: 'compare',
        measure: 'silence',
        sides: { who: 'all', need: 'every' },
        test: { kind: 'above', threshold: 10_000 },
        hysteresis: 0,
      },
      forMs: 0,
      clearAfterMs: 0,
      cooldownMs: 0,
    });
  });

  it.each([
    ['{ measure: silence, of: anyone, above: 1 s }', { who: 'all', need: 'one' }],
    ['{ measure: silence, of: bot, above: 1 s }', { who: { role: 'bot' }, need: 'every' }],
    ['{ measure: anger, of: everyone, above: 0.5 }', { who: 'all', need: 'every' }],
    ['{ measure: anger, channel: "Caller 1", above: 0.5 }', { who: { channelName: 'Caller 1' }, need: 'one' }],
    ['{ label: anger }', { who: 'all', need: 'one' }],
  ])('%s looks at %o', (condition, sides) => {
    expect(readAlertRules(withCondition(condition))[0]?.when).toMatchObject({ sides });
  });

  it('combine conditions with all, any and not', () => {
    const [rule] = readAlertRules(
      withCondition('{ all: [{ not: { label: unknown, of: bot } }, { any: [{ measure: talk-ratio, above: 60 % }] }] }'),
    );
    expect(rule?.when).toMatchObject({
      kind: 'all',
      of: [
        { kind: 'not', of: { kind: 'label', label: 'unknown', sides: { who: { role: 'bot' } } } },
        { kind: 'any', of: [{ kind: 'compare', measure: 'talk-ratio', test: { kind: 'above', threshold: 0.6 } }] },
      ],
    });
  });

  it('of the example are right, and only the last waits for the length of the call', () => {
    const { rules, problems } = parseAlertRules(EXAMPLE);
    expect(problems).toEqual([]);
    expect(rules).toHaveLength(7);
    expect(rules.filter(needsLength).map(({ name }) => name)).toEqual(['ended unhappy']);
  });

  it('of the example name every measure that there is', () => {
    const [, listed = ''] = /# The measures: ([^.]*)\./.exec(EXAMPLE) ?? [];
    const named = listed.replace(/\s*#?\s+/g, ' ').split(', ');
    const [problem = ''] = problemsOf(withCondition('{ measure: none, above: 0 }'));
    for (const name of named) expect(problem).toContain(name);
    expect(problem.split(/, | or /)).toHaveLength(named.length + 1);
  });

  it('may be empty', () => {
    expect(parseAlertRules('rules: []')).toEqual({ rules: [], problems: [], warnings: [] });
  });
});

describe('rules on an emotion that the model does not know', () => {
  const LABELS = ['anger', 'neutral', 'sadness'] as const;
  const problems = (text: string) =>
    parseAlertRules(text, LABELS).problems.map(({ line, message }) => `${line}: ${message}`);

  it('are refused with their line, measure or label', () => {
    const text = `rules:
  - name: a
    when: { measure: anger, above: 0.5 }
  - name: b
    when:
      any:
        - { measure: arousal, above: 0.5 }
        - measure: disgust
          above: 0.2
  - name: c
    when: { not: { label: fear } }
  - name: d
    when: { label: unknown }
`;
    expect(problems(text)).toEqual([
      '8: The model knows no disgust; it knows anger, neutral or sadness.',
      '11: The model knows no fear; it knows anger, neutral or sadness.',
    ]);
    expect(() => readAlertRules(text, LABELS)).toThrowError(/line 8: .* line 11: /);
    expect(readAlertRules(text)).toHaveLength(4);
  });

  it('are told apart from emotions that there are not', () => {
    expect(problems(withCondition('{ label: joy }'))[0]).toContain('label is one of');
  });
});

describe('the roles of a rule', () => {
  it('are those that its conditions name, each once', () => {
    const when =
      '{ all: [{ measure: anger, of: customer, above: 0.5 }, { not: { label: fear, of: bot } }, { label: anger, of: customer }, { measure: silence, above: 1 s }, { measure: valence, channel: left, below: 0 }] }';
    const [rule] = readAlertRules(withCondition(when));
    expect(rolesOf(rule!)).toEqual(['customer', 'bot']);
  });
});

describe('rules in JSON', () => {
  it('are the same', () => {
    const when = { measure: 'valence', of: 'customer', falls: 0.4, within: '1 min' };
    const text = JSON.stringify({ version: 1, rules: [{ name: 'sour "}\u2028', when, for: '2 s' }] }, null, '\t');
    const [rule] = readAlertRules(text);
    expect(rule).toMatchObject({ name: 'sour "}\u2028', forMs: 2000 });
    expect(rule?.when).toMatchObject({ test: { kind: 'falls', threshold: 0.4, withinMs: 60_000 } });
    expect(readAlertRules(JSON.stringify(JSON.parse(text)))).toEqual([rule]);
  });

  it('have lines, too', () => {
    expect(problemsOf('{\n  "rules": [\n    {"name": "a", "wen": 1}\n  ]\n}')).toEqual([
      '3:5 A rule needs "when".',
      '3:19 A rule has no "wen"; it has name, description, severity, when, for, clearAfter, cooldown or during.',
    ]);
  });
});

describe('what is wrong is told in one sentence with its line', () => {
  it.each([
    ['', '1:1 There are no rules; begin with "rules:".'],
    ['- a', '1:1 The file is a mapping with version or rules.'],
    ['version: 1', '1:1 The file has no "rules".'],
    ['version: 2\nrules: []', '1:10 version is 1, not 2.'],
    ['rules: 7', '1:8 rules is a list.'],
    [
      'rules:\n  - 5',
      '2:5 A rule is a mapping with name, description, severity, when, for, clearAfter, cooldown or during.',
    ],
    ['rules:\n  - when: { label: anger }', '2:5 A rule needs a "name".'],
    [
      'rules:\n  - name: a\n    when: { label: anger }\n  - name: a\n    when: { label: fear }',
      '4:11 The name "a" is taken by a rule above.',
    ],
    ['rules:\n  - name: "a\\u0007"\n    when: { label: anger }', '2:11 name is one line of printable text.'],
    [`rules:\n  - name: ${'n'.repeat(129)}\n    when: { label: anger }`, '2:11 name has 128 characters at most.'],
    ['rules:\n  - name: a\n    when:', '3:5 "when" has no value.'],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toContain(problem);
  });

  it.each([
    ['{}', 'A condition has exactly one of all, any, not, label or measure.'],
    ['{ label: anger, measure: anger }', 'A condition has exactly one of all, any, not, label or measure.'],
    ['{ measure: anger, above: 0.5, below: 0.1 }', 'A measure has exactly one of above, below, falls or rises.'],
    ['{ measure: anger }', 'A measure has exactly one of above, below, falls or rises.'],
    ['{ measure: anger, above: 60 }', 'above is a number from 0 to 1, not 60.'],
    ['{ measure: anger, above: .nan }', 'above is a number from 0 to 1, not NaN.'],
    ['{ measure: valence, below: -1.5 }', 'below is a number from -1 to 1, not -1.5.'],
    ['{ measure: anger, above: "much" }', 'above is a number from 0 to 1, not "much".'],
    ['{ measure: silence, above: 10 }', 'above is a time with its unit (ms, s, min or h), as in "6 s", not 10.'],
    [
      '{ measure: silence, above: 10 seconds }',
      'above is a time with its unit (ms, s, min or h), as in "6 s", not "10 seconds".',
    ],
    ['{ measure: silence, above: 25 h }', 'above is 24 h at most.'],
    ['{ measure: talk-ratio, above: 160 % }', 'above is a share from 0 to 1, or 0 % to 100 %, not "160 %".'],
    ['{ measure: valence, falls: 0.4 }', '"falls" needs "within", as in "within: 1 min".'],
    ['{ measure: valence, falls: 0, within: 1 min }', 'falls is more than 0.'],
    ['{ measure: valence, falls: 0.4, within: 6 min }', 'within is 5 min at most.'],
    ['{ measure: valence, below: 0, within: 1 min }', '"within" belongs to falls and rises.'],
    ['{ measure: valence, below: 0, average: 0 s }', 'average is more than 0.'],
    ['{ measure: anger, above: 0.5, hysteresis: -0.1 }', 'hysteresis is a number from 0 to 1, not -0.1.'],
    ['{ measure: overtalk, of: customer, above: 1 s }', 'overtalk is a figure of the call; leave "of" out.'],
    [
      '{ measure: anger, of: caller, above: 0.5 }',
      'of is one of customer, employee, bot, unknown, anyone or everyone, not "caller".',
    ],
    ['{ measure: anger, of: bot, channel: b, above: 0.5 }', 'A condition has "of" or "channel", not both.'],
    [
      '{ label: angry }',
      'label is one of anger, disgust, fear, happiness, neutral, sadness, surprise or unknown, not "angry".',
    ],
    ['{ label: anger, above: 0.5 }', 'A "label" does not go with "above".'],
    ['{ all: [], of: customer }', '"all" does not go with "of".'],
    ['{ all: [] }', '"all" lists one condition at least.'],
    ['{ any: { label: anger } }', 'any is a list.'],
    [`${'{ not: '.repeat(8)}{ label: anger }${' }'.repeat(8)}`, 'Conditions nest 8 deep at most.'],
    [`{ any: [${new Array(64).fill('{ label: fear }').join(', ')}] }`, 'A rule has 64 conditions at most.'],
  ])('when: %s', (condition, message) => {
    const problems = parseAlertRules(withCondition(condition)).problems;
    expect(problems.map((problem) => problem.message)).toContain(message);
    for (const { line } of problems) expect(line).toBe(4);
  });

  it.each([
    ['for: 6', 'for is a time with its unit (ms, s, min or h), as in "6 s", not 6.'],
    ['severity: huge', 'severity is one of low, medium or high, not "huge".'],
    ['during: { from: 2 min, to: 1 min }', '"from" lies before "to".'],
    ['during: { from: 90 %, to: 10 % }', '"from" lies before "to".'],
    ['during: { from: 120 % }', 'from is a time as in "30 s", or a share of the call as in "50 %", not "120 %".'],
    ['during: 5 s', 'during is a mapping with from or to.'],
  ])('%s', (line, message) => {
    const text = `rules:\n  - name: a\n    when: { label: anger }\n    ${line}\n`;
    expect(parseAlertRules(text).problems).toMatchObject([{ line: 4, message }]);
  });

  it('for every rule that is wrong, in order of lines; right ones are read all the same', () => {
    const text = 'rules:\n  - name: a\n  - name: b\n    when: { label: fear }\n  - { name: c, when: { measure: x } }\n';
    const { rules, problems } = parseAlertRules(text);
    expect(rules.map(({ name }) => name)).toEqual(['b']);
    expect(problems.map(({ line }) => line)).toEqual([2, 5]);
    expect(() => readAlertRules(text)).toThrow(UndertoneError);
    expect(() => readAlertRules(text)).toThrow(
      /^The alert rules are not valid\. line 2: A rule needs "when"\. line 5: measure is one of anger, .*, not "x"\.$/,
    );
  });

  it('for YAML that is none', () => {
    const [problem] = parseAlertRules('rules:\n  - name: "a\n').problems;
    expect(problem?.line).toBe(3);
    expect(problem?.message).toMatch(/^[^\n]+\.$/);
    expect(problemsOf('rules: []\nrules: []')[0]).toMatch(/^2:1 .*unique/);
  });

  it('for too much of anything', () => {
    expect(problemsOf(' '.repeat(256 * 1024 + 1))).toEqual(['1:1 Rules have 256 KiB at most.']);
    const many = Array.from({ length: 101 }, (_, index) => `  - { name: r${index}, when: { label: fear } }`);
    expect(problemsOf(`rules:\n${many.join('\n')}`)).toEqual(['102:5 There are 100 rules at most.']);
  });

  it('whatever the text: it never throws, and no sentence is long or of two lines', () => {
    const piece = fc.constantFrom(
      ...[
        'rules:',
        'version: 1',
        '\n',
        '  - ',
        '    ',
        'name: a',
        'when: ',
        '{ ',
        ' }',
        '[',
        ']',
        ', ',
        'all: ',
        'not: ',
      ],
      ...[
        'measure: anger',
        'above: 0.5',
        'label: fear',
        'of: bot',
        'for: 6 s',
        '&x ',
        '*x',
        '? ',
        ': ',
        '!!tag ',
        '"',
        '#',
        '<<: ',
        '---',
      ],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (any) => {
        for (const { line, column, message } of parseAlertRules(any).problems) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(message).toMatch(/^.{1,600}$/u);
        }
      }),
      { numRuns: 500 },
    );
  });
});
