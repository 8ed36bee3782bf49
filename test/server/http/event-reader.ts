import { type ClientRequest, type IncomingMessage, request } from 'node:http';

export interface Sent {
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

/**
 * Reads server-sent events by the letter of the standard
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
 */
export class EventReader {
  readonly events: Sent[] = [];
  comments = 0;
  closed = false;
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #rest = '';
  #fields: { id?: string; event: string; data: string[] } = { event: '', data: [] };
  readonly #waiting: (() => void)[] = [];

  static open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const asked = request(url, { agent: false, headers: { Accept: 'text/event-stream', ...headers } }, (response) =>
        resolve(new EventReader(asked, response)),
      );
      asked.on('error', reject);
      asked.end();
    });
  }

  constructor(asked: ClientRequest, response: IncomingMessage) {
    this.#request = asked;
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      // A refusal is no stream of events.
      if (this.status === 200) this.#push(text);
    });
    response.on('error', () => {});
    response.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  /** The JSON of each. */
  get json(): { type: string; [key: string]: unknown }[] {
    return this.events.map(({ data }) => JSON.parse(data) as { type: string });
  }

  async until(found: (events: readonly Sent[]) => boolean): Promise<void> {
    while (!found(this.events)) {
      if (this.closed) throw new Error(`closed after ${JSON.stringify(this.events.slice(-3))}`);
      await this.#change();
    }
  }

  async end(): Promise<void> {
    while (!this.closed) await this.#change();
  }

  /** Reads no more. */
  pause(): void {
    this.response.pause();
  }

  resume(): void {
    this.response.resume();
  }

  leave(): void {
    this.#request.destroy();
  }

  #push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    this.#wake();
  }

  #line(line: string): void {
    if (line === '') {
      const { event, data, id } = this.#fields;
      if (data.length > 0) this.events.push({ ...(id !== undefined && { id }), event, data: data.join('\n') });
      this.#fields = { event: '', data: [] };
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) {
      this.comments += 1;
      return;
    }
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (name === 'id') this.#fields.id = value;
    else if (name === 'event') this.#fields.event = value;
    else if (name === 'data') this.#fields.data.push(value);
    else throw new Error(`no field of an event: ${line}`);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
