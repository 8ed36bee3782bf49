import { UndertoneError } from '../../errors.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';

/** @throws UndertoneError `message-too-large`, else `invalid-message`: the dialect has no text */
export function refuseText(message: string, why: string): never {
  checkLength(message);
  throw new UndertoneError('invalid-message', { detail: `it must be binary: ${why}` });
}

/** @throws UndertoneError `message-too-large` for text that no dialect has a use for */
export function checkLength(message: string): void {
  if (message.length > MAX_MESSAGE_BYTES) throw new UndertoneError('message-too-large', { limit: MAX_MESSAGE_BYTES });
}
