import { UndertoneError } from '../../errors.ts';
import type { Dialect, DialectAction, DialectSession, Handshake } from '../dialect.ts';
import { checkFormat, nameChannels } from '../format.ts';
import { OneLeg, startOf } from './one-leg.ts';
import { refuseText } from './refuse-text.ts';
import { TlvReader } from './tlv-reader.ts';
import { type CallOptions, queryOf, readCallOptions } from './url-options.ts';

const HANGUP = 0x00;
const UUID = 0x01;
const DTMF = 0x03;
const ERROR = 0xff;
const UUID_BYTES = 16;

/** Signed linear, 16-bit little-endian, one channel, by kind. */
const RATE_HZ: Readonly<Record<number, number>> = {
  16: 8_000,
  17: 12_000,
  18: 16_000,
  19: 24_000,
  20: 32_000,
  21: 44_100,
  22: 48_000,
  23: 96_000,
  24: 192_000,
};

/**
 * Asterisk AudioSocket: TCP, of which every piece goes to `binary`, wherever TCP has cut it. The first message is the UUID that the
 * dialplan chose: it names the call, so that two sockets with the same UUID are legs of one call. Who speaks on a socket, the
 * server's own URL for the port says (`?roles=customer`), as AudioSocket has no other place for it.
 *
 * Sources: docs.asterisk.org/Configuration/Channel-Drivers/AudioSocket, asterisk/asterisk res/res_audiosocket.c.
 */
export const audiosocket: Dialect = {
  name: 'audiosocket',
  subprotocols: [],
  open: (handshake) => new AudioSocketSession(handshake),
  // It is no WebSocket: the server that took the connection has made the handshake, with this path.
  claims: ({ url }, first) => first.kind === 'binary' && url.pathname.endsWith('/audiosocket'),
};

class AudioSocketSession implements DialectSession {
  readonly #call: CallOptions;
  readonly #leg = new OneLeg();
  readonly #reader = new TlvReader({ whole: (kind) => RATE_HZ[kind] === undefined, limitBytes: 64 });
  #heldBack: readonly DialectAction[] = [];
  #uuid: string | undefined;
  #kind: number | undefined;

  /** @throws UndertoneError `invalid-query` */
  constructor(handshake: Handshake) {
    this.#call = readCallOptions(queryOf(handshake.url));
  }

  text(message: string): DialectAction[] {
    return this.#leg.state === 'closed' ? [] : refuseText(message, 'AudioSocket has no text');
  }

  binary(bytes: Uint8Array): DialectAction[] {
    const actions: DialectAction[] = [];
    try {
      for (const part of this.#reader.push(bytes)) {
        if (this.#leg.state === 'closed') return actions;
        actions.push(...this.#part(part.kind, part.bytes));
      }
    } catch (error) {
      // One piece may hold good messages before the bad one.
      this.#heldBack = actions;
      throw error;
    }
    return actions;
  }

  ended(how: 'closed' | 'lost'): DialectAction[] {
    const heldBack = this.#heldBack;
    this.#heldBack = [];
    return [...heldBack, ...this.#leg.close(how === 'closed' ? 'stop' : 'disconnect')];
  }

  #part(kind: number, bytes: Uint8Array): DialectAction[] {
    // Whatever else connects to the port is told apart here, and costs nothing more.
    if (this.#uuid === undefined && kind !== UUID && kind !== HANGUP)
      throw invalid('the first message must be the UUID (0x01)');
    if (RATE_HZ[kind] !== undefined) return this.#audio(kind, bytes);
    switch (kind) {
      case UUID:
        return this.#identify(bytes);
      // The digit stays out: it may be of a card or a PIN.
      case DTMF:
        return this.#leg.mark('dtmf');
      case HANGUP:
        return [...this.#leg.close('stop'), { kind: 'hangup', closeCode: 1000, reason: 'hung up' }];
      case ERROR:
        // Bit 0: the calling party has hung up. The others are failures.
        return this.#leg.close((bytes[0]! & 0x01) === 1 ? 'stop' : 'disconnect');
      default:
        return [];
    }
  }

  #identify(bytes: Uint8Array): DialectAction[] {
    if (bytes.length !== UUID_BYTES) throw invalid('the UUID must be 16 bytes');
    if (this.#uuid !== undefined) throw new UndertoneError('already-started');
    const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    this.#uuid = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return [];
  }

  /** The format is known with the first audio. */
  #audio(kind: number, bytes: Uint8Array): DialectAction[] {
    if (this.#kind === undefined) {
      const format = checkFormat({ encoding: 'pcm_s16le', sampleRateHz: RATE_HZ[kind]!, channels: 1 });
      this.#kind = kind;
      const known = { format, channels: nameChannels([], 1), callId: this.#uuid };
      return [...this.#leg.open(startOf(known, this.#call)), ...this.#leg.audio(bytes)];
    }
    if (kind === this.#kind) return this.#leg.audio(bytes);
    throw invalid('the sample rate must stay the same while a call lasts');
  }
}

const invalid = (detail: string): UndertoneError => new UndertoneError('invalid-message', { detail });
