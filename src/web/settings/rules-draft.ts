import { signal } from '@preact/signals';
import type { RulesText } from '../../protocol/index.ts';

/** The rules in force, as the server told them last. */
export const inForce = signal<RulesText | undefined>(undefined);

/** What is being written, and the revision that it was begun from; kept while one looks at other pages. */
export const draft = signal<{ readonly text: string; readonly revision: string } | undefined>(undefined);

/** Whether something is written that the server does not have. */
export const isUnsaved = (): boolean => draft.value !== undefined && draft.value.text !== inForce.value?.text;

/** What Enter puts in at a position: a new line as far in as this one, for the rules are written in YAML. */
export function newLineAt(text: string, at: number): string {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  return `\n${/^ */.exec(text.slice(lineStart, at))?.[0] ?? ''}`;
}

/** Where a line begins, for a caret that is to be put there; lines and columns from 1. */
export function positionOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return Math.min(text.length, at + Math.max(0, column - 1));
}

/** A rule to begin with. */
export const EXAMPLES = [
  {
    name: 'Angry customer',
    text: `  - name: angry customer
    severity: high
    when: { measure: anger, of: customer, above: 0.6, hysteresis: 0.1 }
    for: 6 s
    cooldown: 1 min
`,
  },
  {
    name: 'Dead air',
    text: `  - name: dead air
    when: { measure: silence, of: everyone, above: 10 s }
    cooldown: 30 s
`,
  },
  {
    name: 'Turning sour',
    text: `  - name: turning sour
    description: The customer's valence has fallen by 0.4 within a minute.
    when: { measure: valence, of: customer, average: 5 s, falls: 0.4, within: 1 min, hysteresis: 0.1 }
    cooldown: 2 min
`,
  },
] as const;

/** A text with one more rule at its end. */
export function withExample(text: string, example: string): string {
  if (text.trim() === '') return `version: 1\nrules:\n${example}`;
  const body = /^\s*rules\s*:/m.test(text) ? text : `${text.trimEnd()}\nrules:\n`;
  return `${body.trimEnd().replace(/^rules: *\[\]$/m, 'rules:')}\n\n${example}`;
}
