import { WebSocket } from 'ws';

const TOO_LARGE = 1009;

/**
 * A WebSocket that lets its owner speak before it closes for a message over the limit; `ws` itself would close without a
 * word, and before the last events of the stream are out.
 */
export class ServerSocket extends WebSocket {
  /** Called once instead of closing; the owner closes when it is done. Nothing more is received by then. */
  onTooLarge: (() => void) | undefined;

  override close(code?: number, reason?: string | Buffer): void {
    const { onTooLarge } = this;
    if (code === TOO_LARGE && onTooLarge !== undefined) {
      this.onTooLarge = undefined;
      onTooLarge();
    } else {
      super.close(code, reason);
    }
  }
}
