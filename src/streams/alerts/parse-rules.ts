import type { Node } from 'yaml';
import { EMOTIONS, type Emotion } from '../../emotions.ts';
import { UndertoneError } from '../../errors.ts';
import { ALERT_SEVERITIES, type Role } from '../../protocol/index.ts';
import { ConditionReader } from './parse-condition.ts';
import { type Entries, type RuleProblem, RuleReader } from './rule-reader.ts';
import type { AlertRule, Condition, TimeRange } from './rules.ts';

const LONGEST_TEXT = 256 * 1024;
const MOST_RULES = 100;
const DAY_MS = 24 * 3_600_000;

export interface ParsedRules {
  /** Those that are right; in force only where there is no problem at all. */
  readonly rules: readonly AlertRule[];
  /** In order of lines. */
  readonly problems: readonly RuleProblem[];
  /** What keeps no rule out of force, and is worth a look. */
  readonly warnings: readonly RuleProblem[];
}

/**
 * Reads rules from YAML or JSON. Never throws: what is wrong is told with its line.
 *
 * @param labels the emotions that the model knows; a rule on another one could never fire, and is a problem.
 * @param withheld roles whose emotions are not looked at; a condition on one is a warning. `withholdRoles` does not judge it.
 */
export function parseAlertRules(
  text: string,
  labels: readonly Emotion[] = EMOTIONS,
  withheld: readonly Role[] = [],
): ParsedRules {
  if (text.length > LONGEST_TEXT) {
    return { rules: [], problems: [{ line: 1, column: 1, message: 'Rules have 256 KiB at most.' }], warnings: [] };
  }
  const reader = new RuleReader();
  const root = reader.parse(text);
  const rules = root === undefined ? [] : readRules(reader, root, labels, withheld);
  return { rules, problems: inOrder(reader.problems), warnings: inOrder(reader.warnings) };
}

const inOrder = (problems: readonly RuleProblem[]): readonly RuleProblem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column);

/**
 * Reads rules from YAML or JSON.
 *
 * @throws UndertoneError `rules-invalid` with every problem and its line.
 */
export function readAlertRules(text: string, labels?: readonly Emotion[]): readonly AlertRule[] {
  const { rules, problems } = parseAlertRules(text, labels);
  if (problems.length === 0) return rules;
  const detail = problems.map(({ line, message }) => `line ${line}: ${message}`).join(' ');
  throw new UndertoneError('rules-invalid', { detail });
}

function readRules(reader: RuleReader, root: Node, labels: readonly Emotion[], withheld: readonly Role[]): AlertRule[] {
  const top = reader.entries(root, 'The file', ['version', 'rules']);
  const version = top?.get('version');
  if (version !== undefined) reader.number(version, 'version', 1, 1);
  const listed = top?.get('rules');
  if (top !== undefined && listed === undefined) reader.problem(root, 'The file has no "rules".');
  const items = listed === undefined ? undefined : reader.items(listed, 'rules');
  if (items === undefined) return [];
  if (items.length > MOST_RULES) reader.problem(items[MOST_RULES]!, `There are ${MOST_RULES} rules at most.`);
  const names = new Set<string>();
  return items
    .slice(0, MOST_RULES)
    .flatMap(
      (item) => readRule(reader, item, names, (node) => new ConditionReader(reader, labels, withheld).read(node)) ?? [],
    );
}

const KEYS = ['name', 'description', 'severity', 'when', 'for', 'clearAfter', 'cooldown', 'during'] as const;

function readRule(
  reader: RuleReader,
  node: Node,
  names: Set<string>,
  readCondition: (node: Node) => Condition | undefined,
): AlertRule | undefined {
  const entries = reader.entries(node, 'A rule', KEYS);
  if (entries === undefined) return undefined;
  const known = reader.problems.length;
  const name = readName(reader, node, entries, names);
  const when = entries.get('when');
  if (when === undefined) reader.problem(node, 'A rule needs "when".');
  const condition = when === undefined ? undefined : readCondition(when);
  const description = optional(entries, 'description', (value) => reader.text(value, 'description', 500));
  const severity = optional(entries, 'severity', (value) => reader.choice(value, 'severity', ALERT_SEVERITIES));
  const time = (key: string): number => optional(entries, key, (value) => reader.duration(value, key, DAY_MS)) ?? 0;
  const times = { forMs: time('for'), clearAfterMs: time('clearAfter'), cooldownMs: time('cooldown') };
  const during = optional(entries, 'during', (value) => readRange(reader, value));
  if (name === undefined || condition === undefined || reader.problems.length > known) return undefined;
  return {
    name,
    ...(description !== undefined && { description }),
    severity: severity ?? 'medium',
    when: condition,
    ...times,
    ...(during !== undefined && { during }),
  };
}

function readName(reader: RuleReader, rule: Node, entries: Entries, names: Set<string>): string | undefined {
  const node = entries.get('name');
  if (node === undefined) return reader.problem(rule, 'A rule needs a "name".');
  const name = reader.text(node, 'name', 128);
  if (name === undefined) return undefined;
  if (names.has(name)) return reader.problem(node, `The name "${name}" is taken by a rule above.`);
  names.add(name);
  return name;
}

function readRange(reader: RuleReader, node: Node): TimeRange | undefined {
  const entries = reader.entries(node, 'during', ['from', 'to']);
  if (entries === undefined) return undefined;
  const from = optional(entries, 'from', (value) => reader.bound(value, 'from')) ?? { ms: 0 };
  const to = optional(entries, 'to', (value) => reader.bound(value, 'to')) ?? { ms: Number.POSITIVE_INFINITY };
  const empty =
    ('ms' in from && 'ms' in to && from.ms >= to.ms) || ('share' in from && 'share' in to && from.share >= to.share);
  if (empty) return reader.problem(node, '"from" lies before "to".');
  return { from, to };
}

function optional<T>(entries: Entries, key: string, read: (node: Node) => T | undefined): T | undefined {
  const node = entries.get(key);
  return node === undefined ? undefined : read(node);
}
