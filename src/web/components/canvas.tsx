import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { dark } from '../theme.ts';

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}

/**
 * A canvas that fills its parent, sharp on every display, painted in the next frame after its size, the theme or a signal
 * that `paint` reads has changed. What it shows is said in words elsewhere.
 */
export function Canvas(props: { readonly paint: (surface: Surface) => void }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef(0);
  const paint = useRef(props.paint);
  paint.current = props.paint;
  const draw = (): void => {
    frame.current = 0;
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined) return;
    const { width, height } = element.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    const scale = globalThis.devicePixelRatio;
    const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
    if (element.width !== columns || element.height !== rows) {
      element.width = columns;
      element.height = rows;
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    paint.current({ context, width, height, dark: dark.peek() });
  };
  const soon = (): void => {
    frame.current ||= requestAnimationFrame(draw);
  };
  useEffect(() => {
    const sizes = new ResizeObserver(soon);
    if (canvas.current !== null) sizes.observe(canvas.current);
    return () => {
      sizes.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, []);
  useSignalEffect(() => {
    dark.value;
    soon();
  });
  useEffect(soon);
  return (
    <span class="canvas" aria-hidden="true">
      <canvas ref={canvas} />
    </span>
  );
}
