/** What a dialect allows, and so what its messages may be put through without changing their meaning. */
export interface Traits {
  /** Its audio has numbers: messages may change places, come twice, or be lost, and the timeline knows. */
  readonly numbered: boolean;
  /** Its audio is a bare run of bytes: it may be cut and joined anywhere. */
  readonly bytes: boolean;
  /** A message of the platform ends its stream. */
  readonly stops: boolean;
  /** Closing the socket is how its streams end. */
  readonly closeEnds: boolean;
  /** Whose audio a message is, and its number of those that have one; `undefined` for what is no audio. */
  readonly audio: (message: string | Uint8Array) => { readonly track: string; readonly number: number } | undefined;
}

interface Written {
  readonly event?: string;
  readonly kind?: string;
  readonly media?: { readonly track?: string; readonly tag?: string; readonly chunk?: string | number };
  readonly audioData?: { readonly participantRawID?: string };
}

const read = (message: string | Uint8Array): Written =>
  typeof message === 'string' ? (JSON.parse(message) as Written) : {};

/** Media in the shape that most took from Twilio. */
const media = (message: string | Uint8Array): { track: string; number: number } | undefined => {
  const { event, media } = read(message);
  return event === 'media' && media !== undefined
    ? { track: media.track ?? media.tag ?? '', number: Number(media.chunk) }
    : undefined;
};

const azureAudio = (message: string | Uint8Array): { track: string; number: number } | undefined => {
  const { kind, audioData } = read(message);
  return kind === 'AudioData' ? { track: audioData?.participantRawID ?? '', number: 0 } : undefined;
};

/** Every binary message is audio. */
const binaryAudio = (message: string | Uint8Array): { track: string; number: number } | undefined =>
  typeof message === 'string' ? undefined : { track: '', number: 0 };

/** Bare audio of which the end is the end of the socket. */
const bare: Traits = { numbered: false, bytes: true, stops: false, closeEnds: true, audio: binaryAudio };

const numbered = { numbered: true, bytes: false, stops: true, closeEnds: false, audio: media };

/** Of every dialect of the registry; one without its line fails the suite. */
export const traits: Readonly<Record<string, Traits>> = {
  twilio: numbered,
  signalwire: numbered,
  telnyx: numbered,
  exotel: numbered,
  plivo: { ...numbered, stops: false, closeEnds: true },
  vobiz: { ...numbered, stops: false, closeEnds: true },
  voximplant: numbered,
  azure: { numbered: false, bytes: false, stops: false, closeEnds: true, audio: azureAudio },
  funasr: {
    numbered: false,
    bytes: true,
    stops: true,
    closeEnds: false,
    audio: (message) => (typeof message === 'string' ? undefined : { track: '', number: 0 }),
  },
  // Its audio comes in whole samples of every channel, and what stands between has numbers of its own.
  audiohook: { ...bare, bytes: false, stops: true, closeEnds: false },
  vonage: bare,
  asterisk: bare,
  // Its bytes may be cut anywhere, but they are framed: reads-audiosocket-bytes.test.ts.
  audiosocket: {
    ...bare,
    bytes: false,
    stops: true,
    audio: (message) =>
      typeof message !== 'string' && message[0]! >= 0x10 && message[0]! <= 0x18 ? { track: '', number: 0 } : undefined,
  },
  sinch: bare,
  jambonz: bare,
  // On the wire there are two channels: heard-as-one is the adapter's doing.
  livekit: { ...bare, bytes: false },
  freeswitch: bare,
  raw: bare,
};
