import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { sentence } from '../api-error.ts';
import { Banner, Button, Segmented } from '../components/index.ts';
import { clock } from '../format.ts';
import { type Playback, RATES } from './playback.ts';

const SPEEDS = RATES.map((rate) => ({ value: String(rate), text: `${rate}×` }));

/** Plays the recording; Space does, too, wherever nothing else takes it. */
export function Player({
  playback,
  durationMs,
}: {
  readonly playback: Playback;
  readonly durationMs: number;
}): JSX.Element {
  const toggle = (): void => {
    playback.toggle();
  };
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.key !== ' ' || (target instanceof HTMLElement && target.closest('button, input, select, textarea, a')))
        return;
      event.preventDefault();
      toggle();
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, [playback]);
  const playing = playback.playing.value;
  return (
    <div class="call-player">
      <Button
        kind="primary"
        icon={playing ? 'pause' : 'play'}
        disabled={playback.state.value === 'loading'}
        onClick={toggle}
      >
        {playback.state.value === 'loading' ? 'Fetching …' : playing ? 'Pause' : 'Play'}
      </Button>
      <span class="call-position">
        <Position playback={playback} /> <span class="soft">of {clock(durationMs)}</span>
      </span>
      <Segmented
        label="Speed"
        value={String(playback.rate.value)}
        options={SPEEDS}
        onChange={(rate) => playback.setRate(Number(rate))}
      />
      {playback.only.value !== undefined && (
        <span class="soft small">
          Only {playback.only.value} is heard: the streams of this call have different sample rates.
        </span>
      )}
      {playback.problem.value !== undefined && <Banner kind="error">{sentence(playback.problem.value)}</Banner>}
    </div>
  );
}

/** Of its own, for it changes every frame. */
function Position({ playback }: { readonly playback: Playback }): JSX.Element {
  return <>{clock(playback.positionMs.value)}</>;
}
