import type { ChannelDescription } from '../events.ts';
import type { WireFormat } from '../limits.ts';
import type { JsonObject } from './json.ts';

/** A stream that a platform begins, as its adapter has read it. */
export interface MediaStart {
  /** Tells a repeated message from another stream; left out where the platform has nothing that could. */
  readonly id?: string;
  /** Of one track. */
  readonly format: WireFormat;
  /** Whether its 16-bit samples come in network order. */
  readonly bigEndian?: boolean;
  /** The tracks that will come; left out where the platform does not say. */
  readonly tracks?: readonly string[];
  readonly callId?: string;
  /** The user's own parameters; they become metadata. */
  readonly parameters?: unknown;
}

/** What a message of a platform that sends base64 in JSON means, whatever its words. */
export type MediaMessage =
  | { readonly kind: 'start'; readonly leg: string; readonly start: MediaStart }
  | {
      readonly kind: 'media';
      readonly leg: string;
      readonly track: string;
      readonly chunk?: number | undefined;
      readonly timestampMs?: number | undefined;
      /** Base64. */
      readonly payload: string;
    }
  | { readonly kind: 'mark'; readonly leg: string; readonly name: string }
  | { readonly kind: 'stop'; readonly leg: string };

/** The only stream of a socket that has but one. */
export const MAIN = 'main';

/** What an adapter knows of its platform. */
export interface MediaDialect {
  /** The meaning of a message; `undefined` for one that means nothing to us. Throws errors of the table. */
  read(message: JsonObject): MediaMessage | undefined;
  /** What is known of a track without being told. */
  describe(leg: string, track: string): ChannelDescription;
  /** The order of channels of tracks that the platform does not announce. */
  readonly order?: readonly string[];
  /** Whether a stream may start again on the same socket without a stop between. */
  readonly restarts?: boolean;
  /** Whether the platform has no other way to end a stream than to close the socket. */
  readonly closeEnds?: boolean;
  /** The name of the field with the audio, for errors. */
  readonly payloadField?: string;
}
