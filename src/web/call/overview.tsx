import type { JSX } from 'preact';
import { Canvas } from '../components/index.ts';
import type { CallModel } from './call-model.ts';
import type { CallView } from './call-view.ts';
import { paintOverview } from './paint-time.ts';

/** The whole call, with what of it is in sight; a click or a drag goes there. The keys of the timeline do the same. */
export function Overview({ model, view }: { readonly model: CallModel; readonly view: CallView }): JSX.Element {
  const go = (event: PointerEvent): void => {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = (model.durationMs.peek() * (event.clientX - left)) / width;
    view.show(at - view.spanMs / 2, at + view.spanMs / 2);
  };
  return (
    <div
      class="call-overview"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) go(event);
      }}
    >
      <Bands model={model} />
      <InSight model={model} view={view} />
    </div>
  );
}

/** Painted when the call has grown, not when something else is in sight. */
function Bands({ model }: { readonly model: CallModel }): JSX.Element {
  model.grown.value;
  model.legs.value;
  return (
    <Canvas paint={(surface) => paintOverview(surface, model.legs.peek(), Math.max(1, model.durationMs.peek()))} />
  );
}

function InSight({ model, view }: { readonly model: CallModel; readonly view: CallView }): JSX.Element | null {
  if (!view.zoomed.value) return null;
  const duration = Math.max(1, model.durationMs.value);
  const [from, to] = [view.fromMs.value, Math.min(duration, view.toMs.value)];
  return (
    <i
      style={{
        left: `${((100 * from) / duration).toFixed(3)}%`,
        width: `${((100 * (to - from)) / duration).toFixed(3)}%`,
      }}
    />
  );
}
