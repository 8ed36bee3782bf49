import { UndertoneError } from '../../errors.ts';
import type { DialectAction, DialectStart } from '../dialect.ts';
import type { ChannelDescription } from '../events.ts';
import type { WireFormat } from '../limits.ts';
import { MAIN } from './media-message.ts';
import type { CallOptions } from './url-options.ts';

type Metadata = NonNullable<DialectStart['metadata']>;
type StatusCode = Extract<DialectAction, { kind: 'status' }>['code'];

/** The one stream of a socket, which opens once and closes once. What comes before or after means nothing to it, but for audio. */
export class OneLeg {
  #state: 'waiting' | 'open' | 'closed' = 'waiting';

  get state(): 'waiting' | 'open' | 'closed' {
    return this.#state;
  }

  /** @throws UndertoneError `already-started` */
  open(start: DialectStart): DialectAction[] {
    if (this.#state !== 'waiting') throw new UndertoneError('already-started');
    this.#state = 'open';
    return [{ kind: 'open', leg: MAIN, start }];
  }

  /** @throws UndertoneError `audio-before-start` */
  audio(bytes: Uint8Array): DialectAction[] {
    if (this.#state === 'waiting') throw new UndertoneError('audio-before-start');
    return this.#state === 'open' && bytes.length > 0 ? [{ kind: 'audio', leg: MAIN, bytes }] : [];
  }

  gap(durationMs: number): DialectAction[] {
    return this.#state === 'open' && durationMs > 0 ? [{ kind: 'gap', leg: MAIN, durationMs }] : [];
  }

  mark(name: string): DialectAction[] {
    return this.#state === 'open' ? [{ kind: 'mark', leg: MAIN, name }] : [];
  }

  status(code: StatusCode, message: string): DialectAction[] {
    return this.#state === 'open' ? [{ kind: 'status', leg: MAIN, code, message }] : [];
  }

  close(reason: 'stop' | 'disconnect'): DialectAction[] {
    const { state } = this;
    this.#state = 'closed';
    return state === 'open' ? [{ kind: 'close', leg: MAIN, reason }] : [];
  }
}

/** What a dialect knows of a stream without being told. */
export interface KnownStart {
  readonly format: WireFormat;
  /** One per channel of the format. */
  readonly channels: readonly ChannelDescription[];
  readonly callId?: string | undefined;
  readonly metadata?: Metadata | undefined;
}

/**
 * How a stream starts: what the URL says of it, else what the dialect knows.
 *
 * @throws UndertoneError `too-many-channel-names`
 */
export function startOf(known: KnownStart, call: CallOptions): DialectStart {
  const { format } = known;
  if (call.channels.length > format.channels) {
    throw new UndertoneError('too-many-channel-names', { names: call.channels.length, channels: format.channels });
  }
  const channels = known.channels.map((channel, index) => ({
    name: call.channels[index]?.name ?? channel.name,
    role: call.channels[index]?.role ?? channel.role,
  }));
  const callId = call.callId ?? known.callId;
  const metadata = known.metadata ?? {};
  return {
    format,
    channels,
    ...(callId !== undefined && { callId }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}
