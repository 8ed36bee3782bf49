import type { JSX } from 'preact';
import { EmotionShape } from '../components/index.ts';
import { EMOTION_LOOKS } from '../emotions.ts';
import type { CallModel } from './call-model.ts';
import type { ChartKind } from './paint-leg.ts';

/** Which lines mean what. */
const LINES = { mood: ['valence', 'arousal'], voice: ['level', 'pitch'] } as const;

/** What the colours, or the lines, of the chart are. */
export function ChartLegend(props: {
  readonly kind: ChartKind;
  readonly labels: CallModel['labels']['value'];
}): JSX.Element {
  if (props.kind !== 'emotions') {
    const [full, dashed] = LINES[props.kind];
    return (
      <ul class="call-legend" aria-label="Lines">
        <li>
          <i class="call-line" /> {full}
        </li>
        <li>
          <i class="call-line dashed" /> {dashed}
        </li>
      </ul>
    );
  }
  return (
    <ul class="call-legend" aria-label="Emotions">
      {props.labels.map((label) => (
        <li key={label}>
          <EmotionShape label={label} />
          {EMOTION_LOOKS[label].word}
        </li>
      ))}
    </ul>
  );
}

/** What the lanes under the chart mean. */
export function LaneLegend(props: {
  readonly sides: number;
  readonly corrected: boolean;
  readonly recorded: boolean;
}): JSX.Element {
  return (
    <ul class="call-legend call-lanes" aria-label="How to read it">
      <li>
        <i class="call-swatch speaks" /> speaks
      </li>
      {props.sides > 1 && (
        <li>
          <i class="call-swatch both" /> both at once
        </li>
      )}
      <li>
        <i class="call-swatch unsure" /> not sure (under 50 %)
      </li>
      <li>
        <i class="call-swatch none" /> no label: silence, noise, or nothing probable enough
      </li>
      {props.corrected && (
        <li>
          <i class="call-swatch corrected" /> set right by somebody
        </li>
      )}
      {props.recorded && (
        <li>
          <i class="call-swatch wave" /> recording
        </li>
      )}
    </ul>
  );
}
