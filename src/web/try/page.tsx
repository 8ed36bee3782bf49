import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { DeskPolicy, Role } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { Banner, Button, EmptyState, Segmented } from '../components/index.ts';
import { HearingView } from './hearing-view.tsx';
import { Listening, type Pace } from './listening.ts';
import { microphones } from './microphone.ts';
import { decodeRecording } from './recording.ts';

const PACES = [
  { value: 'real-time', text: 'As it sounds' },
  { value: 'fast', text: 'As fast as it goes' },
] as const satisfies readonly { readonly value: Pace; readonly text: string }[];

/** Who is heard first, and second where there are two sides. */
const SPEAKERS = [
  { value: 'nobody', text: 'Anybody', roles: ['unknown', 'unknown'] },
  { value: 'customer', text: 'Customer, then employee', roles: ['customer', 'employee'] },
  { value: 'employee', text: 'Employee, then customer', roles: ['employee', 'customer'] },
] as const satisfies readonly { readonly value: string; readonly text: string; readonly roles: readonly Role[] }[];

/** The microphone or a recording, through the public protocol, with its timeline as one speaks. */
export function TryPage(): JSX.Element {
  const listening = useSignal(new Listening());
  const pace = useSignal<Pace>('real-time');
  const devices = useSignal<readonly { readonly id: string; readonly name: string }[]>([]);
  const device = useSignal<string>('');
  const speakers = useSignal<string>('nobody');
  const policy = useSignal<DeskPolicy | undefined>(undefined);
  const reading = useSignal(false);
  const over = useSignal(false);
  const refused = useSignal<string | undefined>(undefined);
  const chooser = useRef<HTMLInputElement>(null);
  const { state } = listening.value;
  const busy = state.value === 'opening' || state.value === 'live' || state.value === 'finishing';

  const listDevices = (): void => {
    microphones().then(
      (found) => {
        devices.value = found;
      },
      () => {},
    );
  };
  const rolesOf = (): readonly Role[] => SPEAKERS.find(({ value }) => value === speakers.peek())?.roles ?? [];
  useEffect(() => {
    api.settings().then(
      (settings) => {
        policy.value = settings.policy;
      },
      () => {},
    );
    listDevices();
    navigator.mediaDevices?.addEventListener('devicechange', listDevices);
    return () => {
      navigator.mediaDevices?.removeEventListener('devicechange', listDevices);
      // Whoever leaves the page is not listened to any more.
      listening.peek().stop();
    };
  }, []);

  // Anywhere on the page; the button for files does the same for the keyboard.
  const drop = useRef<(file: File | undefined) => void>(() => {});
  useEffect(() => {
    const drag = (event: DragEvent): void => {
      event.preventDefault();
      over.value = event.type === 'dragover';
      if (event.type === 'drop') drop.current(event.dataTransfer?.files[0]);
    };
    for (const type of ['dragover', 'dragleave', 'drop'] as const) addEventListener(type, drag);
    return () => {
      for (const type of ['dragover', 'dragleave', 'drop'] as const) removeEventListener(type, drag);
    };
  }, []);

  const begin = (run: (fresh: Listening) => Promise<void>): void => {
    refused.value = undefined;
    const fresh = new Listening();
    listening.value = fresh;
    run(fresh).then(listDevices, () => {});
  };
  const hearFile = async (file: File | undefined): Promise<void> => {
    if (file === undefined || busy || reading.peek()) return;
    reading.value = true;
    refused.value = undefined;
    try {
      const recording = await decodeRecording(file);
      begin((fresh) => fresh.recording(recording, pace.peek(), rolesOf()));
    } catch (thrown) {
      refused.value = thrown instanceof Error ? thrown.message : 'The file could not be read.';
    } finally {
      reading.value = false;
    }
  };
  drop.current = hearFile;

  return (
    <div class="try">
      <div class="page-head">
        <div>
          <h1>Try it</h1>
          <p class="soft">Speak, or drop a recording, and watch what is heard.</p>
        </div>
      </div>
      <div class="try-controls">
        {busy ? (
          <Button
            kind="primary"
            icon="pause"
            disabled={state.value === 'finishing'}
            onClick={() => listening.value.stop()}
          >
            {state.value === 'finishing' ? 'Hearing the rest …' : 'Stop'}
          </Button>
        ) : (
          <Button
            kind="primary"
            icon="microphone"
            onClick={() =>
              begin((fresh) => fresh.microphone(device.peek() === '' ? undefined : device.peek(), rolesOf()[0]))
            }
          >
            Listen to the microphone
          </Button>
        )}
        {busy && <Level listening={listening.value} />}
        {!busy && (
          <>
            <Button icon="download" busy={reading.value} onClick={() => chooser.current?.click()}>
              {reading.value ? 'Reading it …' : 'Choose a recording'}
            </Button>
            <input
              ref={chooser}
              class="unseen"
              type="file"
              accept="audio/*,.flac,.ogg,.opus"
              aria-label="Recording"
              tabIndex={-1}
              onChange={(event) => {
                const [file] = event.currentTarget.files ?? [];
                event.currentTarget.value = '';
                hearFile(file);
              }}
            />
            <Segmented
              label="How a recording is played"
              value={pace.value}
              options={PACES}
              onChange={(value) => {
                pace.value = value;
              }}
            />
            <div class="field">
              <label for="try-speakers">Who speaks</label>
              <select
                id="try-speakers"
                class="input"
                value={speakers.value}
                onChange={(event) => {
                  speakers.value = event.currentTarget.value;
                }}
              >
                {SPEAKERS.map(({ value, text }) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </select>
            </div>
            {devices.value.length > 1 && (
              <div class="field">
                <label for="try-device">Microphone</label>
                <select
                  id="try-device"
                  class="input"
                  value={device.value}
                  onChange={(event) => {
                    device.value = event.currentTarget.value;
                  }}
                >
                  <option value="">The system's choice</option>
                  {devices.value.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </select>
              </div>
            )}
          </>
        )}
      </div>
      {(refused.value ?? listening.value.problem.value) !== undefined && (
        <Banner kind="error">{refused.value ?? listening.value.problem.value}</Banner>
      )}
      {listening.value.condition.value !== undefined && busy && (
        <Banner kind="warning">{listening.value.condition.value}</Banner>
      )}
      {listening.value.sides.value.length > 0 ? (
        <HearingView listening={listening.value} analysed={policy.value?.analysedRoles} />
      ) : (
        <div class={over.value ? 'try-drop over' : 'try-drop'}>
          <EmptyState icon="microphone" title={state.value === 'opening' ? 'Opening …' : 'Nothing is heard yet'}>
            Drop a recording here, of one voice or two. A few seconds of speech are enough for a first impression.
          </EmptyState>
        </div>
      )}
      <p class="soft small try-note">
        The audio goes to this Undertone server and nowhere else, over the same protocol that any client uses. The
        server hears it and keeps what it says of it as any call's; the audio itself is kept only where the server was
        started to record.
      </p>
    </div>
  );
}

/** How loud it is now; drawn every frame, past the components. */
function Level({ listening }: { readonly listening: Listening }): JSX.Element {
  const bar = useRef<HTMLElement>(null);
  useSignalEffect(() => {
    if (listening.state.value === 'done') return;
    let frame = 0;
    let shown = 0;
    const draw = (): void => {
      shown = Math.max(listening.level, shown * 0.92);
      if (bar.current !== null) bar.current.style.transform = `scaleX(${shown.toFixed(3)})`;
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  });
  return (
    <div class="try-level" aria-hidden="true">
      <i ref={bar} />
    </div>
  );
}
