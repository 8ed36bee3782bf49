import { z } from 'zod';
import { UndertoneError } from '../../errors.ts';
import { excerpt } from '../printable.ts';
import { object, text } from './fields.ts';
import { check, own, parseObject } from './json.ts';

/** Code units of a text message; longer ones are an error (protocol reference, and the reference implementation). */
const MAX_TEXT = 65_535;
/** Longer than any call: a duration beyond it is a mistake. */
const MAX_DURATION_MS = 24 * 3_600_000;

export const NULL_UUID = '00000000-0000-0000-0000-000000000000';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (value: string | undefined): value is string => value !== undefined && UUID.test(value);

const uuid = z.string('must be a UUID').regex(UUID, 'must be a UUID');
const sequence = z.int('must be a whole number from 0').min(0, 'must be a whole number from 0');
const flag = z.boolean('must be true or false');

/** ISO 8601 as far as AudioHook has it: `PT12.3S`; in ms. */
const duration = z.string('must be a duration such as PT1.5S').transform((value, context) => {
  const seconds = value.length > 32 ? undefined : /^PT((?:\d*\.)?\d+)S$/.exec(value)?.[1];
  const ms = seconds === undefined ? Number.NaN : Number(seconds) * 1000;
  if (ms <= MAX_DURATION_MS) return ms;
  context.addIssue('must be a duration such as PT1.5S, of 24 hours at most');
  return z.NEVER;
});

const PARAMETERS = {
  open: object({
    organizationId: uuid,
    conversationId: uuid,
    participant: object({ id: uuid }),
    media: z.array(z.unknown(), 'must be a list').max(64, 'must be at most 64 offers'),
    language: text.exactOptional(),
    supportedLanguages: flag.exactOptional(),
    continuedSessions: z
      .array(object({ id: uuid, serverseq: sequence, clientseq: sequence }), 'must be a list')
      .max(64, 'must be at most 64 sessions')
      .exactOptional(),
    customConfig: z.unknown().optional(),
  }),
  close: object({
    reason: z.enum(['end', 'error', 'disconnect', 'reconnect'], 'must be end, error, disconnect or reconnect'),
  }),
  ping: object({ rtt: duration.exactOptional() }),
  paused: object({}),
  resumed: object({ start: duration, discarded: duration }),
  discarded: object({ start: duration, discarded: duration }),
  update: object({ language: text }),
  error: object({ code: sequence, message: text }),
} as const;

type Parameters = { readonly [T in keyof typeof PARAMETERS]: z.output<(typeof PARAMETERS)[T]> };
export type AudiohookType = keyof Parameters;
export type OpenParameters = Parameters['open'];

/** A message of the client as it should be; `parameters` are those of its type. */
export type AudiohookMessage = {
  readonly [T in AudiohookType]: {
    readonly type: T;
    readonly id: string;
    readonly seq: number;
    readonly serverseq: number;
    readonly parameters: Parameters[T];
  };
}[AudiohookType];

/** What has to be right before the rest is looked at: a message with a wrong number is refused for its number. */
export interface AudiohookEnvelope {
  readonly id: string;
  readonly seq: number;
  readonly serverseq: number;
}

const envelope = z.object({
  version: z.literal('2', 'must be "2"'),
  id: uuid,
  type: text,
  seq: sequence,
  serverseq: sequence,
  position: duration,
});

/**
 * Reads a text message in two steps, as the numbers and the id are checked between them.
 *
 * @throws UndertoneError `message-too-large`, `not-json`, `invalid-message`, `unknown-type`
 */
export function readAudiohook(message: string): {
  readonly envelope: AudiohookEnvelope;
  parameters(): AudiohookMessage;
} {
  if (message.length > MAX_TEXT) throw new UndertoneError('message-too-large', { limit: MAX_TEXT });
  const read = parseObject(message);
  const { id, type, seq, serverseq } = check(envelope, read);
  return {
    envelope: { id, seq, serverseq },
    parameters: () => {
      if (!isType(type)) throw new UndertoneError('unknown-type', { type: excerpt(type) });
      const given = own(read, 'parameters');
      const { parameters } = check(object({ parameters: PARAMETERS[type] }), { parameters: given });
      // The schema is the one of the type, which the compiler cannot follow through an index.
      return { type, id, seq, serverseq, parameters } as AudiohookMessage;
    },
  };
}

const isType = (type: string): type is AudiohookType => Object.hasOwn(PARAMETERS, type);
