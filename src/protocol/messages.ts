import * as z from 'zod';
import type { AnalysisSettings, ChannelDescription } from './events.ts';
import { ROLES } from './events.ts';
import { MAX_DESCRIPTORS, MAX_METADATA_BYTES, MAX_NAME_LENGTH, type WireFormat } from './limits.ts';
import { isPrintableId, isPrintableName } from './printable.ts';

// Every phrase below continues the name of its field: "streamId must be …".
const name = z
  .string('must be a string')
  .refine(isPrintableName, `must be 1 to ${MAX_NAME_LENGTH} printable characters`);
/** Of a call, which is a part of a path in the HTTP API. */
const id = name.refine(isPrintableId, 'must not be "." or ".."');
/** `*` is what a subscription calls all streams. */
const streamId = id.refine((text) => text !== '*', 'must not be "*"');
const number = z.number('must be a finite number');
const flat = z.union([z.string(), number, z.boolean()], 'must be a string, a number or a boolean');
const bytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

const format = z.strictObject(
  { encoding: z.string('must be a string'), sampleRateHz: number, channels: number },
  'must be an object with encoding, sampleRateHz and channels',
);
const channel = z.strictObject(
  { name, role: z.enum(ROLES, `must be one of ${ROLES.join(', ')}`).exactOptional() },
  'must be an object with a name',
);
const analysis = z.strictObject(
  {
    windowMs: number.exactOptional(),
    stepMs: number.exactOptional(),
    descriptors: z
      .array(name, 'must be a list')
      .max(MAX_DESCRIPTORS, `must be at most ${MAX_DESCRIPTORS} names`)
      .exactOptional(),
  },
  'must be an object',
);
const metadata = z
  .record(z.string(), flat, 'must be an object')
  .refine((value) => bytes(value) <= MAX_METADATA_BYTES, `must be at most ${MAX_METADATA_BYTES} bytes of JSON`);
const resume = z.strictObject(
  {
    token: name,
    from: z.int('must be a whole number').nonnegative('must not be negative').exactOptional(),
  },
  'must be an object with a token',
);

/** What a client may send, as it is on the wire. Values with errors of their own (rates, windows, …) are checked after. */
export const clientSchemas = {
  start: z.strictObject({
    type: z.literal('start'),
    streamId: streamId.exactOptional(),
    callId: id.exactOptional(),
    format,
    // More names than any format has channels get their own error; a list beyond all measure is no list of names.
    channels: z.array(channel, 'must be a list').max(64, 'must be at most 64 channels').exactOptional(),
    analysis: analysis.exactOptional(),
    metadata: metadata.exactOptional(),
    resume: resume.exactOptional(),
  }),
  mark: z.strictObject({ type: z.literal('mark'), name }),
  stop: z.strictObject({ type: z.literal('stop') }),
};

/** `start` as a client writes it. */
export type StartRequest = z.input<typeof clientSchemas.start>;
export type ClientRequest = StartRequest | MarkMessage | StopMessage;

export type Metadata = Readonly<Record<string, string | number | boolean>>;

/** Opens a stream. As a client writes it most fields may be left out; here every default is filled in. */
export interface StartMessage {
  readonly type: 'start';
  /** Left out: chosen by the server. */
  readonly streamId?: string;
  /** Joins streams into one call; left out, the stream is a call of its own. */
  readonly callId?: string;
  /** How the audio that follows is laid out. */
  readonly format: WireFormat;
  /** Names and roles, in the order of the channels; one per channel of the format. */
  readonly channels: readonly ChannelDescription[];
  /** What is left out is the server's option, or else what the model was trained for. */
  readonly analysis: AnalysisSettings;
  /** Whatever the client wants to keep with the stream: flat, a few KiB of JSON. */
  readonly metadata: Metadata;
  /**
   * Goes on with a stream whose connection was lost, at the sample that `started` tells. `from` is the first cursor that
   * the client has not seen; left out, events go on from the loss of the connection.
   */
  readonly resume?: { readonly token: string; readonly from?: number };
}

/** A named moment, at the present stream position. */
export interface MarkMessage {
  readonly type: 'mark';
  /** What it is called. */
  readonly name: string;
}

/** Ends the stream: the last windows, then `ended`, then the server closes. */
export interface StopMessage {
  readonly type: 'stop';
}

export type ClientMessage = StartMessage | MarkMessage | StopMessage;
