import type { JSX } from 'preact';
import type { CallDetail } from '../../protocol/index.ts';
import { Canvas, type Surface } from '../components/index.ts';
import { ROLE_WORDS, sideName } from '../format.ts';
import type { CallModel, GrowingLeg } from './call-model.ts';
import type { CallView } from './call-view.ts';
import {
  type ChartKind,
  LEG_LAYOUT,
  legHeight,
  MOOD_LINES,
  paintCorrections,
  paintEmotions,
  paintLabels,
  paintLines,
  paintTurns,
  paintWithheld,
  VOICE_LINES,
} from './paint-leg.ts';

export interface LegProps {
  readonly model: CallModel;
  readonly view: CallView;
  readonly detail: CallDetail;
  readonly leg: GrowingLeg;
  readonly kind: ChartKind;
  /** Paints the waveform of the side from a height on, px; `undefined` without a recording. */
  readonly wave: ((surface: Surface, top: number, height: number) => void) | undefined;
}

const summaryOf = ({ legs }: CallDetail, { streamId, channel }: GrowingLeg) =>
  legs.find((leg) => leg.streamId === streamId && leg.channel === channel);

export const isWithheld = (detail: CallDetail, leg: GrowingLeg): boolean =>
  leg.withheld === true || summaryOf(detail, leg)?.withheld === true;

/** The height of a side with the lanes that it has. */
export function heightOf({ model, wave, leg }: Pick<LegProps, 'model' | 'wave' | 'leg'>): string {
  return `${legHeight(wave !== undefined, otherOf(model, leg) !== undefined)}px`;
}

const otherOf = (model: CallModel, leg: GrowingLeg) =>
  model.other.value?.legs.find(({ streamId, channel }) => streamId === leg.streamId && channel === leg.channel);

/** One side on the time axis. */
export function Leg(props: LegProps): JSX.Element {
  const { model, view, leg, kind, detail, wave } = props;
  // Drawn again when the call has grown or something else is in sight.
  model.grown.value;
  view.fromMs.value;
  view.toMs.value;
  const others = model.legs.value.filter((each) => each !== leg);
  const corrections = detail.corrections.filter(
    ({ streamId, channel }) => streamId === leg.streamId && channel === leg.channel,
  );
  const other = otherOf(model, leg);
  const withheld = isWithheld(detail, leg);
  return (
    <div class="call-leg" style={{ height: heightOf(props) }}>
      <Canvas
        paint={(surface) => {
          if (kind === 'voice') paintLines(surface, leg, VOICE_LINES, view);
          else if (withheld) paintWithheld(surface);
          else if (kind === 'emotions') paintEmotions(surface, leg, model.labels.peek(), view);
          else paintLines(surface, leg, MOOD_LINES, view);
          paintLabels(surface, leg.points, view, LEG_LAYOUT.bandTop);
          paintCorrections(surface, corrections, view);
          paintTurns(surface, leg, others, view);
          wave?.(surface, LEG_LAYOUT.waveTop, LEG_LAYOUT.wave);
          if (other !== undefined) {
            paintLabels(surface, other.points, view, legHeight(wave !== undefined, false));
          }
        }}
      />
    </div>
  );
}

export function LegName(props: Omit<LegProps, 'kind' | 'view'>): JSX.Element {
  const { leg, detail, model } = props;
  const name = sideName(leg.channelName, leg.role);
  const role = ROLE_WORDS[leg.role];
  return (
    <div class="call-leg-name" style={{ '--leg-height': heightOf(props) }}>
      <strong title={leg.channelName}>{name}</strong>
      {name !== role && leg.role !== 'unknown' && <span class="soft small">{role}</span>}
      {isWithheld(detail, leg) && <span class="soft small">not analysed, by policy</span>}
      {otherOf(model, leg) !== undefined && <span class="soft small call-other-name">other model, below</span>}
    </div>
  );
}
