import type { TimelinePoint } from '../../protocol/index.ts';
import { emotionColour } from '../emotions.ts';
import type { Surface } from './canvas.tsx';

/** A moment of a side: what a window or a point of a timeline says. */
type Moment = Pick<TimelinePoint, 'endMs' | 'label' | 'valence' | 'arousal'>;

/** How long the trail reaches back. */
const TRAIL_MS = 20_000;
const MARGIN = 26;

/**
 * The circumplex of J. A. Russell, "A circumplex model of affect", Journal of Personality and Social Psychology 39 (1980):
 * valence to the right, arousal upwards, with a trail of where the voice was.
 */
export function paintCircumplex(surface: Surface, windows: readonly Moment[]): void {
  const { context, width, height, dark } = surface;
  const radius = Math.min(width, height) / 2 - MARGIN;
  const [centreX, centreY] = [width / 2, height / 2];
  const ink = dark ? '236 234 230' : '29 29 27';
  context.strokeStyle = `rgb(${ink} / 14%)`;
  context.lineWidth = 1;
  for (const share of [0.5, 1]) {
    context.beginPath();
    context.arc(centreX, centreY, radius * share, 0, 2 * Math.PI);
    context.stroke();
  }
  context.beginPath();
  context.moveTo(centreX - radius, centreY);
  context.lineTo(centreX + radius, centreY);
  context.moveTo(centreX, centreY - radius);
  context.lineTo(centreX, centreY + radius);
  context.stroke();
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = `rgb(${ink} / 72%)`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText('excited', centreX, centreY - radius - 12);
  context.fillText('calm', centreX, centreY + radius + 12);
  vertical(context, 'unpleasant', centreX - radius - 12, centreY, -1);
  vertical(context, 'pleasant', centreX + radius + 12, centreY, 1);

  const endMs = windows.at(-1)?.endMs ?? 0;
  const trail = windows.filter(({ endMs: at, label }) => endMs - at < TRAIL_MS && label !== 'unknown');
  const place = ({ valence, arousal }: Moment): readonly [number, number] => [
    centreX + valence * radius,
    centreY - arousal * radius,
  ];
  for (let n = 1; n < trail.length; n += 1) {
    const age = (endMs - trail[n]!.endMs) / TRAIL_MS;
    context.strokeStyle = `rgb(${ink} / ${Math.round(46 * (1 - age))}%)`;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(...place(trail[n - 1]!));
    context.lineTo(...place(trail[n]!));
    context.stroke();
  }
  const last = trail.at(-1);
  if (last === undefined || last.label === 'unknown') return;
  context.fillStyle = emotionColour(last.label, dark);
  context.globalAlpha = last === windows.at(-1) ? 1 : 0.4;
  context.beginPath();
  context.arc(...place(last), 7, 0, 2 * Math.PI);
  context.fill();
  context.globalAlpha = 1;
}

function vertical(context: CanvasRenderingContext2D, text: string, atX: number, atY: number, turn: 1 | -1): void {
  context.save();
  context.translate(atX, atY);
  context.rotate((turn * Math.PI) / 2);
  context.fillText(text, 0, 0);
  context.restore();
}
