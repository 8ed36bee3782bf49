import { UndertoneError } from '../errors.ts';
import { resolveAnalysis } from './analysis.ts';
import { checkFormat, nameChannels } from './format.ts';
import { type AnalysisLimits, DEFAULT_ANALYSIS_LIMITS, MAX_TEXT_BYTES } from './limits.ts';
import { type ClientMessage, clientSchemas, type StartMessage, type StartRequest } from './messages.ts';
import { excerpt } from './printable.ts';
import { sentence } from './sentence.ts';

/**
 * A client's text message, checked and with its defaults filled in.
 *
 * @throws UndertoneError `message-too-large`, `not-json`, `invalid-message`, `unknown-type`, and for `start`
 * `unknown-encoding`, `rate-out-of-range`, `channels-out-of-range`, `too-many-channel-names`, `window-out-of-range`,
 * `step-out-of-range`, `unknown-descriptor`
 * @example
 * parseClientMessage('{"type":"start","format":{"encoding":"mulaw","sampleRateHz":8000,"channels":1}}');
 */
export function parseClientMessage(text: string, limits: AnalysisLimits = DEFAULT_ANALYSIS_LIMITS): ClientMessage {
  const value = readObject(text);
  const type = Object.hasOwn(value, 'type') ? value.type : undefined;
  if (type === undefined) throw new UndertoneError('invalid-message', { detail: 'type is missing' });
  if (typeof type !== 'string') throw new UndertoneError('invalid-message', { detail: 'type must be a string' });
  switch (type) {
    case 'start':
      return completeStart(check(clientSchemas.start, value), limits);
    case 'mark':
      return check(clientSchemas.mark, value);
    case 'stop':
      return check(clientSchemas.stop, value);
    default:
      throw new UndertoneError('unknown-type', { type: excerpt(type) });
  }
}

/** The JSON object of a text message. */
export function readObject(text: string): { readonly type?: unknown } {
  // A code unit is 1 to 3 bytes of UTF-8, so most texts need no count of their bytes.
  if (3 * text.length > MAX_TEXT_BYTES && new TextEncoder().encode(text).length > MAX_TEXT_BYTES) {
    throw new UndertoneError('message-too-large', { limit: MAX_TEXT_BYTES });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UndertoneError('not-json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UndertoneError('invalid-message', { detail: 'it must be a JSON object with a type' });
  }
  return value;
}

type Schema = (typeof clientSchemas)[keyof typeof clientSchemas];

function check<S extends Schema>(schema: S, value: unknown): S['_zod']['output'] {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UndertoneError('invalid-message', { detail: sentence(result.error.issues, value) });
}

function completeStart(request: StartRequest, limits: AnalysisLimits): StartMessage {
  const format = checkFormat(request.format);
  return {
    type: 'start',
    ...(request.streamId !== undefined && { streamId: request.streamId }),
    ...(request.callId !== undefined && { callId: request.callId }),
    format,
    channels: nameChannels(request.channels ?? [], format.channels),
    analysis: resolveAnalysis(request.analysis ?? {}, limits),
    metadata: request.metadata ?? {},
    ...(request.resume !== undefined && { resume: request.resume }),
  };
}
