import { asUndertoneError, UndertoneError } from '../../errors.ts';
import type { Dialect, DialectAction, DialectSession, DialectStart, Handshake } from '../dialect.ts';
import { encodeEvent } from '../encode.ts';
import type { EndReason, TimelineEvent } from '../events.ts';
import { wireFrameBytes } from '../limits.ts';
import { type AudiohookMedia, channelsOf, chooseMedia, formatOf } from './audiohook-media.ts';
import {
  type AudiohookEnvelope,
  type AudiohookMessage,
  isUuid,
  NULL_UUID,
  type OpenParameters,
  readAudiohook,
} from './audiohook-message.ts';
import { nextState, STEPS, type State, type Step } from './audiohook-state.ts';
import { metadataOf } from './call-metadata.ts';
import { own } from './json.ts';
import { type ByteOrder, byteOrderOf } from './l16.ts';
import { OneLeg, startOf } from './one-leg.ts';
import { checkLength } from './refuse-text.ts';
import { readReturnedEvents } from './return-events.ts';
import { swapBytes16 } from './samples.ts';
import { type CallOptions, queryOf, readCallOptions } from './url-options.ts';

/**
 * Genesys Cloud AudioHook, version 2: JSON for what is agreed, binary PCMU or L16 at 8 kHz for the audio. External is the customer, internal
 * the agent. A pause and audio that was discarded are gaps: the timeline jumps by what `discarded` says. A connection test, which opens with
 * the null UUID as its conversation, is answered and gives no stream. With `?events=…` what was heard goes back as entities of `event`.
 *
 * Sources: developer.genesys.cloud/devapps/audiohook, purecloudlabs/audiohook-reference-implementation.
 */
export const audiohook: Dialect = dialect(true);

/** Answers `open` with `disconnect`, reason `unauthorized`: for a request whose signature is wrong, after its delay. */
export const unauthorizedAudiohook: Dialect = dialect(false);

function dialect(authorized: boolean): Dialect {
  return {
    name: 'audiohook',
    subprotocols: [],
    open: (handshake) => new AudiohookSession(handshake, authorized),
    claims: (_, first) =>
      first.kind === 'text' && own(first.object, 'version') === '2' && own(first.object, 'type') === 'open',
  };
}

class AudiohookSession implements DialectSession {
  readonly #call: CallOptions;
  readonly #returned: (event: TimelineEvent) => boolean;
  readonly #returnsAny: boolean;
  readonly #order: ByteOrder;
  readonly #authorized: boolean;
  readonly #organizationId: string | undefined;
  readonly #leg = new OneLeg();
  #state: State = 'preparing';
  /** `undefined` until the session has one: from the header, else from the first message. */
  #id: string | undefined;
  #clientseq = 0;
  #serverseq = 0;
  #media: AudiohookMedia | undefined;
  #probe = false;

  /** @throws UndertoneError `invalid-query` */
  constructor(handshake: Handshake, authorized: boolean) {
    this.#call = readCallOptions(queryOf(handshake.url));
    this.#returned = readReturnedEvents(handshake);
    this.#returnsAny = !['false', undefined].includes(queryOf(handshake.url)('events'));
    this.#order = byteOrderOf(handshake, 'little');
    this.#authorized = authorized;
    this.#organizationId = handshake.headers['audiohook-organization-id'];
    const id = handshake.headers['audiohook-session-id'];
    this.#id = isUuid(id) && id !== NULL_UUID ? id : undefined;
  }

  text(text: string): DialectAction[] {
    if (this.#state === 'closed') return [];
    checkLength(text);
    try {
      const { envelope, parameters } = readAudiohook(text);
      this.#number(envelope);
      const message = parameters();
      return this.#take(STEPS[this.#state][message.type], message);
    } catch (thrown) {
      return this.#refuse(`Client Error: ${asUndertoneError(thrown).message}`);
    }
  }

  binary(bytes: Uint8Array): DialectAction[] {
    switch (STEPS[this.#state].audio) {
      case 'hear':
        return this.#hear(bytes);
      case 'refuse':
        return this.#refuse(`Client Error: audio came in the state ${this.#state}`);
      default:
        return [];
    }
  }

  ended(): DialectAction[] {
    this.#state = 'closed';
    return this.#leg.close('disconnect');
  }

  event(event: TimelineEvent): DialectAction[] {
    const state = this.#state;
    if (state !== 'active' && state !== 'paused' && state !== 'closing') return [];
    const actions: DialectAction[] = [];
    if (this.#returned(event)) {
      const entity = { type: `x-undertone-${event.type}`, data: JSON.parse(encodeEvent(event)) as unknown };
      actions.push(this.#reply('event', { entities: [entity] }));
    }
    if (event.type === 'ended') actions.push(...this.#streamEnded(event.reason));
    return actions;
  }

  /** Checks what every message carries, and takes its number. */
  #number({ id, seq, serverseq }: AudiohookEnvelope): void {
    if (seq !== this.#clientseq + 1) throw invalid('seq must rise by one with every message');
    this.#clientseq = seq;
    if (serverseq > this.#serverseq) throw invalid('serverseq is of a message that was never sent');
    this.#id ??= id;
    if (id !== this.#id) throw invalid('id must be the one of the session');
  }

  #take(step: Step, message: AudiohookMessage): DialectAction[] {
    this.#state = nextState(this.#state, step);
    switch (message.type) {
      case 'open':
        return step === 'open' ? this.#open(message.parameters) : [];
      case 'close':
        return step === 'close' ? this.#close(message.parameters.reason === 'error') : [];
      case 'ping':
        return step === 'answer' ? [this.#reply('pong', {})] : [];
      case 'update':
        return step === 'answer' ? [this.#reply('updated', {})] : [];
      case 'paused':
        return step === 'pause' ? this.#leg.status('paused', 'AudioHook has paused the audio.') : [];
      case 'resumed':
      case 'discarded': {
        if (step !== 'resume' && step !== 'skip') return [];
        const gap = this.#leg.gap(message.parameters.discarded);
        return step === 'skip' ? gap : [...gap, ...this.#leg.status('resumed', 'AudioHook has resumed the audio.')];
      }
      // What went wrong at the client is told before it closes; there is nothing to do about it.
      case 'error':
        return [];
    }
  }

  #open(open: OpenParameters): DialectAction[] {
    const organization = this.#organizationId;
    const foreign = organization !== undefined && organization.toLowerCase() !== open.organizationId.toLowerCase();
    if (!this.#authorized || foreign) return this.#disconnect('unauthorized');
    const media = chooseMedia(open.media);
    this.#probe = open.conversationId === NULL_UUID;
    const start = media === undefined || this.#probe ? undefined : this.#startOf(media, open);
    this.#media = media;
    const opened = this.#reply('opened', {
      media: media === undefined ? [] : [media],
      startPaused: false,
      // No language is told from another: all of them are supported, and none by name.
      ...(open.supportedLanguages === true && { supportedLanguages: [] }),
    });
    return start === undefined ? [opened] : [opened, ...this.#leg.open(start)];
  }

  #startOf(media: AudiohookMedia, open: OpenParameters): DialectStart {
    const continued = open.continuedSessions?.at(-1)?.id;
    const known = {
      format: formatOf(media),
      channels: channelsOf(media),
      callId: open.conversationId,
      metadata: metadataOf({
        ...metadataOf(open.customConfig),
        ...(open.language !== undefined && { language: open.language }),
        ...(continued !== undefined && { continuedSession: continued }),
      }),
    };
    return startOf(known, this.#call);
  }

  #hear(bytes: Uint8Array): DialectAction[] {
    if (this.#probe || this.#leg.state === 'closed') return [];
    if (this.#media === undefined) return this.#refuse('Client Error: audio came, but no media was selected');
    const format = formatOf(this.#media);
    if (bytes.length % wireFrameBytes(format) !== 0) {
      return this.#refuse('Client Error: audio must be whole samples of every channel');
    }
    const swapped = format.encoding === 'pcm_s16le' && this.#order === 'big' && bytes.length > 0;
    return this.#leg.audio(swapped ? swapBytes16(bytes.slice()) : bytes);
  }

  /** `closed` is the last word: with events on it waits until the stream has said its last. */
  #close(failed: boolean): DialectAction[] {
    const waits = this.#returnsAny && this.#leg.state === 'open' && !failed;
    const actions = this.#leg.close(failed ? 'disconnect' : 'stop');
    return waits ? actions : [...actions, ...this.#closed()];
  }

  #closed(): DialectAction[] {
    const closed = this.#reply('closed', {});
    this.#state = 'closed';
    return [closed];
  }

  /** The stream is over, by the client's `close` or by this server's doing. */
  #streamEnded(reason: EndReason): DialectAction[] {
    if (this.#state === 'closing') return this.#closed();
    this.#leg.close('stop');
    if (reason === 'shutdown') return [this.#reply('reconnect', {})];
    return this.#disconnect(reason === 'error' ? 'error' : 'completed');
  }

  #refuse(info: string): DialectAction[] {
    return STEPS[this.#state].failure === 'refuse' ? this.#disconnect('error', info) : [];
  }

  /** The client answers with `close`, which is answered in turn. */
  #disconnect(reason: 'completed' | 'unauthorized' | 'error', info?: string): DialectAction[] {
    this.#state = 'refused';
    return [
      ...this.#leg.close('disconnect'),
      this.#reply('disconnect', { reason, ...(info !== undefined && { info }) }),
    ];
  }

  #reply(type: string, parameters: object): DialectAction {
    this.#serverseq += 1;
    const message = { version: '2', id: this.#id ?? NULL_UUID, type, seq: this.#serverseq, clientseq: this.#clientseq };
    return { kind: 'reply', message: JSON.stringify({ ...message, parameters }) };
  }
}

const invalid = (detail: string): UndertoneError => new UndertoneError('invalid-message', { detail });
