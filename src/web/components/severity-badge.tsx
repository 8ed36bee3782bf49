import type { JSX } from 'preact';
import type { AlertSeverity } from '../../protocol/index.ts';

const WORDS: Readonly<Record<AlertSeverity, string>> = { high: 'High', medium: 'Medium', low: 'Low' };

/** Bars as many as the severity is high, and a word: the rule's name, or the severity's own. */
export function SeverityBadge(props: { readonly severity: AlertSeverity; readonly text?: string }): JSX.Element {
  const { severity, text = WORDS[severity] } = props;
  const bars = severity === 'high' ? 3 : severity === 'medium' ? 2 : 1;
  return (
    <span class={`severity ${severity}`}>
      <svg class="shape" viewBox="0 0 12 12" aria-hidden="true">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={bar * 4.2}
            y={8 - 3.5 * bar}
            width="2.800"
            height={4 + 3.5 * bar}
            rx="1"
            fill="currentColor"
            opacity={bar < bars ? 1 : 0.25}
          />
        ))}
      </svg>
      <span>{text}</span>
      {text !== WORDS[severity] && <span class="unseen">, {WORDS[severity].toLowerCase()} severity</span>}
    </span>
  );
}
