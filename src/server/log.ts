import { createHmac, randomBytes } from 'node:crypto';

/** What the server needs of a logger; pino fits. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const secret = randomBytes(32);

/**
 * A stream id as it may stand in a log. The id is the client's choice and may be a telephone number, so it is hashed, with
 * a secret of this process, for a plain hash of so few numbers can be looked up.
 */
export function logId(streamId: string): string {
  return createHmac('sha256', secret).update(streamId).digest('hex').slice(0, 12);
}
