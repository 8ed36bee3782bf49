import type { Dialect, DialectAction, DialectSession, DialectStart, Handshake } from '../dialect.ts';
import { nameChannels } from '../format.ts';
import { formatOfQuery, readFormatQuery, readNamedOptions } from './format-query.ts';
import { OneLeg, startOf } from './one-leg.ts';
import { refuseText } from './refuse-text.ts';
import { queryOf } from './url-options.ts';

/**
 * Bare audio, of which the URL says everything: `?encoding=pcm_s16le&sampleRateHz=16000&channels=2&names=caller,agent&roles=customer,employee&callId=…`.
 * Encodings, rates and channels are those of the wire protocol; without `encoding` it is `pcm_s16le`, and without `channels` there are as
 * many as names, or one. Messages may be cut anywhere. The stream ends when the socket is closed.
 */
export const raw: Dialect = {
  name: 'raw',
  subprotocols: [],
  open: (handshake) => new RawSession(handshake),
  claims: ({ url }, first) => first.kind === 'binary' && queryOf(url)('sampleRateHz') !== undefined,
};

class RawSession implements DialectSession {
  readonly #start: DialectStart;
  readonly #leg = new OneLeg();

  /** @throws UndertoneError `invalid-query`, `unknown-encoding`, `rate-out-of-range`, `channels-out-of-range`, `too-many-channel-names` */
  constructor({ url }: Handshake) {
    const call = readNamedOptions(url);
    const format = formatOfQuery(readFormatQuery(url), call.channels.length);
    this.#start = startOf({ format, channels: nameChannels([], format.channels) }, call);
  }

  text(message: string): DialectAction[] {
    return this.#leg.state === 'closed' ? [] : refuseText(message, 'the URL says all there is to say');
  }

  binary(bytes: Uint8Array): DialectAction[] {
    const opened = this.#leg.state === 'waiting' ? this.#leg.open(this.#start) : [];
    return [...opened, ...this.#leg.audio(bytes)];
  }

  ended(how: 'closed' | 'lost'): DialectAction[] {
    return this.#leg.close(how === 'closed' ? 'stop' : 'disconnect');
  }
}
