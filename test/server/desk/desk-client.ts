import type { FloorChanges, FloorSnapshot } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';

export const httpOf = ({ url }: RunningServer): string => url.replace(/^ws/, 'http');

export interface Answered<T> {
  readonly status: number;
  readonly body: T;
}

/** An independent client of the HTTP API: it knows JSON, and nothing of the server. */
export async function ask<T>(server: RunningServer, method: string, path: string, body?: object): Promise<Answered<T>> {
  const response = await fetch(`${httpOf(server)}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as T };
}

export type FloorMessage =
  | { readonly event: 'floor'; readonly data: FloorSnapshot; readonly atMs: number }
  | { readonly event: 'changes'; readonly data: FloorChanges; readonly atMs: number };

/** Somebody who watches the floor by server-sent events. */
export class Watcher {
  readonly messages: FloorMessage[] = [];
  readonly #abort = new AbortController();
  readonly #waiting: (() => void)[] = [];

  static async open(server: RunningServer): Promise<Watcher> {
    const watcher = new Watcher();
    const response = await fetch(`${httpOf(server)}/v1/floor`, { signal: watcher.#abort.signal });
    void watcher.#read(response).catch(() => {});
    return watcher;
  }

  /** Resolves with the first message, from those that came on, of which that holds. */
  async until(holds: (message: FloorMessage) => boolean): Promise<FloorMessage> {
    for (let seen = 0; ; ) {
      for (; seen < this.messages.length; seen += 1) if (holds(this.messages[seen]!)) return this.messages[seen]!;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  leave(): void {
    this.#abort.abort();
  }

  /** The floor as a page has it after all messages: those of `changes` laid over the first. */
  get floor(): FloorSnapshot {
    let calls = new Map<string, FloorSnapshot['calls'][number]>();
    let at = '';
    for (const { event, data } of this.messages) {
      at = data.at;
      if (event === 'floor') calls = new Map(data.calls.map((call) => [call.callId, call]));
      else {
        for (const callId of data.gone) calls.delete(callId);
        for (const call of data.calls) calls.set(call.callId, call);
      }
    }
    return { at, calls: [...calls.values()] };
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.#message(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  }

  #message(block: string): void {
    const field = (name: string): string | undefined => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
    const [event, data] = [field('event'), field('data')];
    if (event === undefined || data === undefined) return;
    this.messages.push({ event, data: JSON.parse(data), atMs: performance.now() } as FloorMessage);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
