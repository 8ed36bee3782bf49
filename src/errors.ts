/**
 * The one table of errors. Every code has a sentence that says what to do, the HTTP status, the WebSocket close code
 * (RFC 6455, section 7.4: 4000 to 4999 are ours; ours is 4000 + the HTTP status where one fits) and whether the same
 * request may succeed later. Words in braces are filled in.
 */
export const errorTable = {
  // Messages
  'not-json': {
    text: 'The text message is not JSON; send one JSON object per text message, and audio as binary.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'invalid-message': { text: 'The message is not valid: {detail}.', http: 400, close: 4400, retryable: false },
  'unknown-type': {
    text: 'The message type "{type}" is unknown; send start, mark or stop, and audio as binary.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'audio-before-start': {
    text: 'Audio came before a start message; send start with the audio format first.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'not-started': {
    text: 'A {type} message came before start; send start with the audio format first.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'already-started': {
    text: 'This connection has started a stream already; open another connection for another stream.',
    http: 409,
    close: 4409,
    retryable: false,
  },
  'after-stop': {
    text: 'The stream has been stopped; open another connection for another stream.',
    http: 409,
    close: 4409,
    retryable: false,
  },
  'message-too-large': {
    text: 'The message is over the limit of {limit} bytes; send smaller messages.',
    http: 413,
    close: 1009,
    retryable: false,
  },
  'start-timeout': {
    text: 'No start message came within {seconds} s; send start right after connecting.',
    http: 408,
    close: 4408,
    retryable: true,
  },
  'unsupported-subprotocol': {
    text: 'None of the offered subprotocols is supported; offer undertone.v1.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  // Formats
  'unknown-encoding': {
    text: 'The encoding "{encoding}" is unknown; use one of {allowed}.',
    http: 415,
    close: 4415,
    retryable: false,
  },
  'rate-out-of-range': {
    text: 'A sample rate of {value} Hz is not supported; use a whole number from {min} to {max} Hz.',
    http: 415,
    close: 4415,
    retryable: false,
  },
  'channels-out-of-range': {
    text: '{value} channels are not supported; use {min} to {max} interleaved channels.',
    http: 415,
    close: 4415,
    retryable: false,
  },
  'too-many-channel-names': {
    text: '{names} channels are named but the format has {channels}; name at most as many as there are.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'window-out-of-range': {
    text: 'A window of {value} ms is not supported; use a multiple of 10 from {min} to {max} ms.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'step-out-of-range': {
    text: 'A step of {value} ms is not supported; use a multiple of 10 from {min} ms to the window of {max} ms.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'unknown-descriptor': {
    text: 'The descriptor "{name}" is unknown; use some of {allowed}.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'audio-not-finite': {
    text: 'The audio holds NaN or infinite samples; send finite floats, normally from -1 to 1.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  // Streams
  'duplicate-stream': {
    text: 'The stream "{streamId}" exists already; choose another streamId, or leave it out to get one.',
    http: 409,
    close: 4409,
    retryable: false,
  },
  'unknown-stream': {
    text: 'There is no stream "{streamId}"; check the id, or wait for it by leaving out wait=false (--no-wait).',
    http: 404,
    close: 4404,
    retryable: true,
  },
  'unknown-token': {
    text: 'The resume token is unknown or has expired; start a new stream.',
    http: 410,
    close: 4410,
    retryable: false,
  },
  'invalid-query': { text: 'The query is not valid: {detail}.', http: 400, close: 4400, retryable: false },
  'too-many-streams': {
    text: 'The server holds its limit of {limit} streams; try again later.',
    http: 503,
    close: 1013,
    retryable: true,
  },
  overloaded: {
    text: 'The server is overloaded; try again in {seconds} s.',
    http: 503,
    close: 1013,
    retryable: true,
  },
  'analysis-unavailable': {
    text: 'The analysis has failed several times in the last minute; try again in a minute.',
    http: 503,
    close: 1013,
    retryable: true,
  },
  'too-many-subscribers': {
    text: 'The server holds its limit of {limit} subscribers; try again later.',
    http: 503,
    close: 1013,
    retryable: true,
  },
  'slow-consumer': {
    text: 'This subscriber reads too slowly; read faster, or subscribe to fewer streams.',
    http: 503,
    close: 1013,
    retryable: true,
  },
  'audio-too-fast': {
    text: 'Audio comes faster than it is acknowledged: {bytes} bytes wait, the limit is {limit}; wait for the acknowledgement of audio before sending more.',
    http: 429,
    close: 4429,
    retryable: true,
  },
  'idle-timeout': {
    text: 'Nothing arrived for {seconds} s; send audio or stop the stream.',
    http: 408,
    close: 4408,
    retryable: true,
  },
  replaced: {
    text: 'The stream has gone on over another connection with its resume token.',
    http: 409,
    close: 4409,
    retryable: false,
  },
  // Access and life cycle
  unauthorized: {
    text: 'The API key is missing or wrong; send it as "Authorization: Bearer KEY" or as the query parameter key (--api-key or UNDERTONE_API_KEY on the command line).',
    http: 401,
    close: 4401,
    retryable: false,
  },
  'origin-not-allowed': {
    text: 'A page of {origin} may not connect without an API key; open it from this machine, or start the server with a key.',
    http: 403,
    close: 4403,
    retryable: false,
  },
  'host-not-allowed': {
    text: 'The server without an API key answers to this machine only, not to the name {host}; start it with a key.',
    http: 403,
    close: 4403,
    retryable: false,
  },
  'key-required': {
    text: 'Listening on {host} needs an API key; pass --api-key, set UNDERTONE_API_KEY, or listen on 127.0.0.1.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  'not-found': {
    text: 'There is nothing at {path}; GET /openapi.yaml tells all there is.',
    http: 404,
    close: 4404,
    retryable: false,
  },
  'upgrade-required': {
    text: '{path} is a WebSocket endpoint; connect with ws:// or wss://.',
    http: 426,
    close: 4426,
    retryable: false,
  },
  'method-not-allowed': {
    text: 'The method {method} is not allowed at {path}.',
    http: 405,
    close: 4405,
    retryable: false,
  },
  'shutting-down': {
    text: 'The server is shutting down; connect again in a moment.',
    http: 503,
    close: 1001,
    retryable: true,
  },
  'port-in-use': {
    text: 'Port {port} on {host} is in use; choose another with --port, or 0 for a free one.',
    http: 500,
    close: 1011,
    retryable: true,
  },
  'address-unavailable': {
    text: 'The server cannot listen on {host}: {detail}.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  internal: {
    text: 'Something failed inside the server; try again, and report it with the time if it stays.',
    http: 500,
    close: 1011,
    retryable: true,
  },
  // HTTP
  'bad-request': {
    text: 'The request is not HTTP that can be understood: {detail}.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'headers-too-large': {
    text: 'The address and the headers of the request are over the limit of {limit} bytes; send fewer or shorter ones.',
    http: 431,
    close: 4431,
    retryable: false,
  },
  'request-timeout': {
    text: 'The request did not come whole in time; send it faster.',
    http: 408,
    close: 4408,
    retryable: true,
  },
  'invalid-body': { text: 'The body is not valid: {detail}.', http: 400, close: 4400, retryable: false },
  'body-too-large': {
    text: 'The body is over the limit of {limit} bytes; send less.',
    http: 413,
    close: 4413,
    retryable: false,
  },
  'name-required': {
    text: 'Who does this is kept: give a name as by, or percent-encoded in the header X-Undertone-By.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'range-outside': {
    text: 'The range lies outside of the {bytes} bytes that there are; ask for one inside.',
    http: 416,
    close: 4416,
    retryable: false,
  },
  // Calls
  'unknown-call': {
    text: 'There is no call "{callId}"; it may have been erased, or never kept (see GET /v1/calls).',
    http: 404,
    close: 4404,
    retryable: false,
  },
  'unknown-alert': {
    text: 'There is no alert "{alertId}"; its name is STREAM:CURSOR of the event that raised it.',
    http: 404,
    close: 4404,
    retryable: false,
  },
  'unknown-analysis': {
    text: 'There is no analysis "{analysisId}" of this call, or it has not ended (see analyses of GET /v1/calls/ID).',
    http: 404,
    close: 4404,
    retryable: true,
  },
  'unknown-correction': {
    text: 'There is no correction "{correctionId}" (see corrections of GET /v1/calls/ID).',
    http: 404,
    close: 4404,
    retryable: false,
  },
  'unknown-model': {
    text: 'There is no model "{name}"; there are: {known} (--models).',
    http: 404,
    close: 4404,
    retryable: false,
  },
  'no-store': {
    text: 'This server keeps no calls; start it with --store, or give startServer a store.',
    http: 404,
    close: 4404,
    retryable: false,
  },
  'no-recordings': {
    text: 'This server keeps no audio; start it with --record.',
    http: 404,
    close: 4404,
    retryable: false,
  },
  'no-webhooks': {
    text: 'This server sends no webhooks; start it with --webhooks.',
    http: 404,
    close: 4404,
    retryable: false,
  },
  // Models
  'model-missing': {
    text: 'There is no model at {path}; give a folder that holds manifest.json, model.json and weights.bin.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  'model-corrupt': {
    text: 'The model at {path} cannot be read: {detail}; fetch or train it again.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  'model-feature-set': {
    text: 'The model at {path} was trained on feature set {found}, this version computes {expected}; train it again with undertone train.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  'runtime-unavailable': {
    text: 'No TensorFlow.js runtime could be started: {detail}.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  // Files
  'file-missing': { text: '{path} does not exist.', http: 404, close: 4404, retryable: false },
  'file-unreadable': { text: '{path} cannot be read: {detail}.', http: 400, close: 4400, retryable: false },
  'file-empty': { text: '{path} is empty.', http: 400, close: 4400, retryable: false },
  'file-not-audio': {
    text: '{path} is not audio that can be read: {detail}.',
    http: 415,
    close: 4415,
    retryable: false,
  },
  'file-truncated': { text: '{path} ends too early: {detail}.', http: 400, close: 4400, retryable: false },
  'file-damaged': { text: '{path} is damaged: {detail}.', http: 400, close: 4400, retryable: false },
  'ffmpeg-missing': {
    text: '{path} needs ffmpeg to be read; install ffmpeg, or convert the file to WAV, FLAC, MP3 or Ogg.',
    http: 415,
    close: 4415,
    retryable: false,
  },
  'file-unwritable': { text: '{path} cannot be written: {detail}.', http: 500, close: 1011, retryable: false },
  'corpus-invalid': {
    text: 'The corpus {name} at {path} cannot be used: {detail}.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'trained-on-test-speakers': {
    text: 'The model {model} was trained with speakers that it is to be measured on ({speakers}), so the figures would say nothing of others; use other speakers, or --classifier to train anew for each fold.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'rules-invalid': {
    text: 'The alert rules are not valid. {detail}',
    http: 400,
    close: 4400,
    retryable: false,
  },
  conflict: {
    text: 'Somebody else was first: {detail}.',
    http: 409,
    close: 4409,
    retryable: false,
  },
  // Store
  'store-in-use': {
    text: 'The store is in use by another process that serves from it; end that one, or give this one a store of its own with --store.',
    http: 500,
    close: 1011,
    retryable: true,
  },
  'store-newer': {
    text: 'The store has schema {found} and this version knows {known}; use the version of Undertone that wrote it, or a newer one.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  'store-unreadable': {
    text: 'The store cannot be opened: {detail}.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  'store-unavailable': {
    text: 'The store does not answer: {detail}. The live service goes on.',
    http: 503,
    close: 1013,
    retryable: true,
  },
  // Webhooks and recordings
  'webhooks-invalid': {
    text: 'The webhook endpoints are not valid. {detail}',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'webhook-disabled': {
    text: 'The endpoint {name} has answered 410 Gone and gets nothing; enable it first.',
    http: 409,
    close: 4409,
    retryable: false,
  },
  'record-key': {
    text: 'Recordings are encrypted with a key of 32 bytes in base64, in the environment as UNDERTONE_RECORD_KEY: {detail}. Make one with "openssl rand -base64 32".',
    http: 500,
    close: 1011,
    retryable: false,
  },
  'recording-key-unknown': {
    text: 'The recording was made with the key {fingerprint}, which is not given; add it to UNDERTONE_RECORD_KEY, behind the present one and a comma.',
    http: 500,
    close: 1011,
    retryable: false,
  },
  'recording-missing': {
    text: 'There is no recording of this call; start the server with --record to keep audio.',
    http: 404,
    close: 4404,
    retryable: false,
  },
  'recording-rates': {
    text: 'The streams of this call have different sample rates, so they are no one WAV file; ask for one of them with stream=ID.',
    http: 400,
    close: 4400,
    retryable: false,
  },
  'analysis-busy': {
    text: 'Another recording is being analysed; try again when it is done.',
    http: 503,
    close: 1013,
    retryable: true,
  },
  // Client
  'connection-failed': { text: 'No connection to {url}: {detail}.', http: 502, close: 1006, retryable: true },
  'connection-lost': {
    text: 'The connection to {url} was lost (close code {code}).',
    http: 502,
    close: 1006,
    retryable: true,
  },
  'call-refused': {
    text: 'The server has refused the call: {detail}.',
    http: 502,
    close: 4502,
    retryable: false,
  },
  'connection-closed': {
    text: 'The {what} has ended; open another one.',
    http: 409,
    close: 4409,
    retryable: false,
  },
  'send-buffer-full': {
    text: '{bytes} bytes of audio wait to be sent, the limit is {limit}; wait for the promise of send before sending more.',
    http: 503,
    close: 1013,
    retryable: true,
  },
  'events-not-read': {
    text: 'More than {limit} events wait to be read; read the iterator faster, or use events$.',
    http: 503,
    close: 1013,
    retryable: false,
  },
  usage: { text: '{detail}', http: 400, close: 4400, retryable: false },
} as const satisfies Record<string, ErrorEntry>;

export interface ErrorEntry {
  readonly text: string;
  readonly http: number;
  readonly close: number;
  readonly retryable: boolean;
}

export type ErrorCode = keyof typeof errorTable;

type Placeholder<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;
export type ErrorParams<C extends ErrorCode> = {
  readonly [K in Placeholder<(typeof errorTable)[C]['text']>]: string | number;
};
type ErrorArguments<C extends ErrorCode> =
  Placeholder<(typeof errorTable)[C]['text']> extends never ? [] : [params: ErrorParams<C>];

/**
 * An error of the table.
 *
 * @example
 * throw new UndertoneError('rate-out-of-range', { value: 96000, min: 8000, max: 48000 });
 */
export class UndertoneError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly httpStatus: number;
  readonly closeCode: number;
  readonly retryable: boolean;

  constructor(code: C, ...[params]: ErrorArguments<C>) {
    const entry: ErrorEntry = errorTable[code];
    const values: Readonly<Record<string, string | number>> = params ?? {};
    super(entry.text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '')));
    this.name = 'UndertoneError';
    this.code = code;
    this.httpStatus = entry.http;
    this.closeCode = entry.close;
    this.retryable = entry.retryable;
  }
}

/** Any thrown value as an error of the table; what is not one becomes `internal`, with the original as its cause. */
export function asUndertoneError(thrown: unknown): UndertoneError {
  if (thrown instanceof UndertoneError) return thrown;
  const error = new UndertoneError('internal');
  error.cause = thrown;
  return error;
}

/** An error that another process reported, with the sentence it sent. */
export function reportedError(code: ErrorCode, message: string): UndertoneError {
  // The sentence comes filled in, so the parameters of this code's own are not needed.
  const error = new (UndertoneError as unknown as new (code: ErrorCode) => UndertoneError)(code);
  error.message = message;
  return error;
}
