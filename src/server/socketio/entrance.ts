import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { asUndertoneError, UndertoneError } from '../../errors.ts';
import { SOCKET_IO_PATH } from '../../protocol/index.ts';
import type { Gate } from '../access.ts';
import { answerError, refuseUpgrade, targetOf } from '../http.ts';
import type { SocketIoGateway } from './gateway.ts';

/** Whether a path is Socket.IO's. */
export const isSocketIoPath = (path: string): boolean =>
  path === SOCKET_IO_PATH || path === SOCKET_IO_PATH.slice(0, -1);

export interface EntranceOptions {
  readonly gate: Gate;
  /** Loads Socket.IO, with the first of those who speak it. */
  readonly load: () => Promise<SocketIoGateway>;
  readonly draining: () => boolean;
  readonly onRefused: (error: UndertoneError) => void;
}

/** The door to the gateway: the same rules as at the other endpoints, in the same words. */
export class SocketIoEntrance {
  readonly #options: EntranceOptions;
  #gateway: Promise<SocketIoGateway> | undefined;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    this.#enter(request).then(
      (gateway) => gateway.request(request, response),
      (thrown) => {
        request.resume();
        answerError(response, this.#refused(thrown));
      },
    );
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', ignore);
    this.#enter(request).then(
      (gateway) => {
        socket.off('error', ignore);
        gateway.upgrade(request, socket, head);
      },
      (thrown) => refuseUpgrade(socket, this.#refused(thrown)),
    );
  }

  /** Resolves when everyone has hung up who is connected now. */
  async farewell(): Promise<void> {
    await (await this.#gateway)?.farewell();
  }

  /** Cuts what is left of it. */
  async close(): Promise<void> {
    (await this.#gateway)?.close();
  }

  async #enter(request: IncomingMessage): Promise<SocketIoGateway> {
    const { gate, load, draining } = this.#options;
    const { query } = targetOf(request);
    // Whoever has a session goes on with it; a key may come with the namespace only.
    if (draining() && query.get('sid') === null) throw new UndertoneError('shutting-down');
    if (!gate.hasKey) gate.checkNeighbour(request);
    this.#gateway ??= load();
    return this.#gateway;
  }

  #refused(thrown: unknown): UndertoneError {
    const error = asUndertoneError(thrown);
    this.#options.onRefused(error);
    return error;
  }
}

const ignore = (): void => {};
