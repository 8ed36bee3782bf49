import type { JSX } from 'preact';
import { EMOTION_LOOKS, emotionVariable, type Label, type Shape } from '../emotions.ts';

const SHAPES: Readonly<Record<Shape, string>> = {
  triangle: 'M6 .8L11.600 10.800H.4z',
  drop: 'M6 .4c2.200 2.700 3.900 4.700 3.900 7A3.900 3.900 0 0 1 2.100 7.400C2.100 5.100 3.800 3.100 6 .4z',
  diamond: 'M6 .3L11.700 6 6 11.700.3 6z',
  circle: 'M6 .9a5.100 5.100 0 1 1 0 10.200A5.100 5.100 0 0 1 6 .9z',
  bar: 'M1.300 4.300h9.400a1.200 1.200 0 0 1 1.200 1.200v1a1.200 1.200 0 0 1-1.200 1.200H1.300A1.200 1.200 0 0 1 .1 6.500v-1a1.200 1.200 0 0 1 1.200-1.200z',
  hexagon: 'M3.100 1h5.800l2.900 5-2.900 5H3.100L.2 6z',
  star: 'M6 0l1.600 4.400L12 6 7.600 7.600 6 12 4.400 7.600 0 6l4.400-1.600z',
  ring: '',
};

/** The shape of an emotion in its colour; what it means is said beside it. */
export function EmotionShape({ label }: { readonly label: Label }): JSX.Element {
  const { shape } = EMOTION_LOOKS[label];
  const colour = `var(${emotionVariable(label)})`;
  return (
    <svg class="shape" viewBox="0 0 12 12" aria-hidden="true">
      {shape === 'ring' ? (
        <circle
          cx="6"
          cy="6"
          r="4.700"
          fill="none"
          stroke={colour}
          stroke-width="1.500"
          stroke-dasharray="2.200 1.500"
        />
      ) : (
        <path d={SHAPES[shape]} fill={colour} />
      )}
    </svg>
  );
}
