import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Sends an answer piece by piece, no faster than it is read. What fails on the way cuts the connection: its head has gone
 * out already. Resolves when it is over, whatever happened.
 */
export async function sendBytes(
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  pieces: AsyncIterable<Uint8Array>,
  onFailure: (error: unknown) => void,
): Promise<void> {
  outgoing.writeHead(status, headers);
  try {
    await pipeline(Readable.from(pieces, { objectMode: false }), outgoing);
  } catch (error) {
    // A reader that has left is nobody's error.
    const left = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!left) onFailure(error);
    outgoing.destroy();
  }
}
