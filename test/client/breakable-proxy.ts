import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose connections a test can cut, so that a client loses a server that lives on. */
export class BreakableProxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  /** Bytes towards the server after which the next connection is cut; one entry per connection. */
  readonly cutAfterBytes: number[] = [];
  connections = 0;
  refuse = false;
  readonly #server = createServer((near) => {
    this.connections += 1;
    if (this.refuse) {
      near.destroy();
      return;
    }
    const far = connect(this.#port, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    let left = this.cutAfterBytes.shift() ?? Number.POSITIVE_INFINITY;
    near.on('data', (bytes) => {
      const passed = bytes.subarray(0, Math.min(bytes.length, left));
      left -= passed.length;
      if (left > 0) {
        far.write(passed);
        return;
      }
      // What was read is delivered, then both ends are cut.
      far.end(passed);
      near.destroy();
    });
    far.on('data', (bytes) => near.write(bytes));
    for (const socket of pair) socket.on('error', () => {});
    near.on('close', () => {
      this.#pairs.delete(pair);
      far.destroy();
    });
    // What the server said last still goes out.
    far.on('close', () => near.end());
  });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
