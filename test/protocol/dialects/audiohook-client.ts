import {
  type DialectAction,
  type DialectSession,
  dialects,
  type EndedEvent,
  type Handshake,
  unauthorizedAudiohook,
} from '../../../src/protocol/index.ts';

export const SESSION = '30b0e395-84d3-4570-ac13-9a62d8f514c0';
export const ORGANIZATION = 'd7934305-0972-4844-938e-9060eef73d05';
export const CONVERSATION = '090eaa2f-72fa-480a-83e0-8667ff89c0ec';
export const NULL_UUID = '00000000-0000-0000-0000-000000000000';
export const PCMU = { type: 'audio', format: 'PCMU', channels: ['external', 'internal'], rate: 8000 };

export const openParameters = {
  organizationId: ORGANIZATION,
  conversationId: CONVERSATION,
  participant: { id: '883efee8-3d6c-4537-b500-6d7ca4b92fa0', ani: '', aniName: '', dnis: '' },
  media: [PCMU],
};

export interface Said {
  readonly type: string;
  readonly seq: number;
  readonly clientseq: number;
  readonly id: string;
  readonly parameters: {
    readonly media?: unknown;
    readonly reason?: string;
    readonly info?: string;
    readonly entities?: readonly { readonly type: string; readonly data: unknown }[];
  };
}

/** A client that counts as it should, unless it is told otherwise. */
export class Client {
  readonly session: DialectSession;
  readonly replies: Said[] = [];
  #seq = 0;

  constructor(
    query = '',
    headers: Handshake['headers'] = {},
    dialect = dialects.find(({ name }) => name === 'audiohook')!,
  ) {
    const url = new URL(`wss://voice.example.com/v1/telephony/audiohook${query}`);
    this.session = dialect.open({ url, headers, subprotocols: [] });
  }

  static unauthorized(): Client {
    return new Client('', {}, unauthorizedAudiohook);
  }

  say(type: string, parameters: unknown = {}, over: object = {}): DialectAction[] {
    this.#seq += 1;
    const serverseq = this.replies.length;
    const message = {
      version: '2',
      id: SESSION,
      type,
      seq: this.#seq,
      serverseq,
      position: 'PT0S',
      parameters,
      ...over,
    };
    return this.#heard(this.session.text(JSON.stringify(message)));
  }

  text(message: string): DialectAction[] {
    return this.#heard(this.session.text(message));
  }

  open(over: object = {}): DialectAction[] {
    return this.say('open', { ...openParameters, ...over });
  }

  audio(bytes = new Uint8Array(320).fill(0x7f)): DialectAction[] {
    return this.#heard(this.session.binary(bytes));
  }

  streamEnded(reason: EndedEvent['reason'] = 'stop'): DialectAction[] {
    const ended = { type: 'ended', streamId: 's', cursor: 9, reason, durationMs: 20, channels: [] } as const;
    return this.#heard(this.session.event?.(ended) ?? []);
  }

  #heard(actions: readonly DialectAction[]): DialectAction[] {
    for (const action of actions) {
      if (action.kind === 'reply') this.replies.push(JSON.parse(String(action.message)) as Said);
    }
    return [...actions];
  }
}

/** Actions in words: `open`, `gap 500`, `opened` for a reply of that type. */
export const words = (actions: readonly DialectAction[]): string =>
  actions
    .map((action) => {
      switch (action.kind) {
        case 'reply':
          return (JSON.parse(String(action.message)) as Said).type;
        case 'gap':
          return `gap ${action.durationMs}`;
        case 'close':
          return `close ${action.reason}`;
        case 'status':
          return `status ${action.code}`;
        default:
          return action.kind;
      }
    })
    .join(', ');
