import { addressOf } from '../request.ts';

/** What a voice comes from: where its samples go, and what ends it. */
export interface Capture {
  readonly sampleRateHz: number;
  stop(): void;
}

/** The wire takes 48 kHz at most. */
const HIGHEST_RATE_HZ = 48_000;

/** Why there is no microphone, in words that say what to do. */
export class MicrophoneError extends Error {}

/**
 * Opens the microphone, and gives its samples (−1 to 1, one channel) in pieces of about 40 ms. The browser's own noise
 * suppression and gain stay off: they would change what is to be heard.
 *
 * @throws MicrophoneError
 */
export async function openMicrophone(
  deviceId: string | undefined,
  onSamples: (samples: Float32Array) => void,
  onLost: () => void,
): Promise<Capture> {
  if (!globalThis.isSecureContext || navigator.mediaDevices === undefined) {
    throw new MicrophoneError(
      'Browsers give the microphone only to pages from https:// or from this machine. Open this page so, or drop a recording.',
    );
  }
  const media = await askForMicrophone(deviceId);
  const context = await contextFor(media);
  const source = context.createMediaStreamSource(media);
  const node = new AudioWorkletNode(context, 'capture', {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: 'explicit',
  });
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => onSamples(data);
  source.connect(node);
  for (const track of media.getTracks()) track.addEventListener('ended', onLost);
  return {
    sampleRateHz: context.sampleRate,
    stop: () => {
      node.port.onmessage = null;
      source.disconnect();
      for (const track of media.getTracks()) {
        track.removeEventListener('ended', onLost);
        track.stop();
      }
      context.close().catch(() => {});
    },
  };
}

/** Microphones by name; their names are empty until one was allowed. */
export async function microphones(): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return devices
    .filter(({ kind, deviceId, label }) => kind === 'audioinput' && deviceId !== '' && label !== '')
    .map(({ deviceId, label }) => ({ id: deviceId, name: label }));
}

async function askForMicrophone(deviceId: string | undefined): Promise<MediaStream> {
  const wanted: MediaTrackConstraints = {
    channelCount: 1,
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
    ...(deviceId !== undefined && { deviceId: { exact: deviceId } }),
  };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: wanted });
  } catch (thrown) {
    const name = thrown instanceof DOMException ? thrown.name : '';
    if (name === 'NotAllowedError') {
      throw new MicrophoneError(
        'The browser does not let this page use the microphone. Allow it beside the address, then start again.',
      );
    }
    if (name === 'NotFoundError' || name === 'OverconstrainedError') {
      throw new MicrophoneError('No such microphone is connected. Connect one, or choose another.');
    }
    throw new MicrophoneError('The microphone could not be opened; another program may be using it.');
  }
}

async function contextFor(media: MediaStream): Promise<AudioContext> {
  try {
    let context = new AudioContext({ latencyHint: 'interactive' });
    if (context.sampleRate > HIGHEST_RATE_HZ) {
      await context.close();
      context = new AudioContext({ latencyHint: 'interactive', sampleRate: HIGHEST_RATE_HZ });
    }
    await context.audioWorklet.addModule(addressOf('/capture.worklet.js'));
    await context.resume();
    return context;
  } catch {
    for (const track of media.getTracks()) track.stop();
    throw new MicrophoneError('The browser could not start its audio. Reload the page, then start again.');
  }
}
