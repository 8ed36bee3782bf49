import type { JSX } from 'preact';
import { useId, useRef } from 'preact/hooks';
import type { RulesProblem } from '../../protocol/index.ts';
import { newLineAt, positionOf } from './rules-draft.ts';

/**
 * Text with numbered lines and marks where something is wrong. Enter keeps the indentation; Tab leaves the field, as
 * everywhere on the page.
 */
export function RulesEditor(props: {
  readonly text: string;
  readonly problems: readonly RulesProblem[];
  readonly onChange: (text: string) => void;
}): JSX.Element {
  const { text, problems } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const listId = useId();
  const lines = text.split('\n').length;
  const goTo = ({ line, column }: RulesProblem): void => {
    const element = area.current;
    if (element === null) return;
    const at = positionOf(text, line, column);
    element.focus();
    element.setSelectionRange(at, at);
    element.scrollTop = Math.max(0, (element.scrollHeight * (line - 4)) / lines);
  };
  const worst = (line: number): RulesProblem | undefined => {
    const here = problems.filter((problem) => problem.line === line);
    return here.find(({ warning }) => warning !== true) ?? here[0];
  };
  return (
    <div class="settings-editor">
      <div class="settings-code">
        <div class="settings-gutter" ref={gutter} aria-hidden="true">
          {Array.from({ length: lines }, (_, at) => {
            const problem = worst(at + 1);
            const kind = problem === undefined ? '' : problem.warning === true ? 'warned' : 'wrong';
            return (
              <span key={String(at)} class={kind} title={problem?.message}>
                {at + 1}
              </span>
            );
          })}
        </div>
        <textarea
          ref={area}
          class="settings-text"
          aria-label="Alert rules, YAML or JSON"
          aria-describedby={listId}
          aria-invalid={problems.some(({ warning }) => warning !== true)}
          spellcheck={false}
          autocapitalize="off"
          wrap="off"
          rows={Math.min(28, Math.max(12, lines + 1))}
          value={text}
          onInput={(event) => props.onChange(event.currentTarget.value)}
          onScroll={(event) => {
            if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.isComposing || event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            // At once, so that the next key already finds it.
            const area = event.currentTarget;
            area.setRangeText(
              newLineAt(area.value, area.selectionStart),
              area.selectionStart,
              area.selectionEnd,
              'end',
            );
            props.onChange(area.value);
          }}
        />
      </div>
      <div id={listId} role="status">
        <ul class="settings-problems" aria-label="Problems of the rules">
          {problems.map((problem) => (
            <li
              key={`${problem.line}:${problem.column}:${problem.message}`}
              class={problem.warning === true ? 'warned' : 'wrong'}
            >
              <button type="button" onClick={() => goTo(problem)}>
                Line {problem.line}
              </button>
              <span>
                {problem.warning === true && 'Warning: '}
                {problem.message}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
