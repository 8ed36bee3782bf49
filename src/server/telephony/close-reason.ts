import type { UndertoneError } from '../../errors.ts';

/** RFC 6455, section 5.5: 125 bytes of a control frame, of which two are the code. */
const MAX_BYTES = 123;

/**
 * An error as the reason of a close frame: its code and as much of its sentence as fits. A platform would take a message of ours
 * for something it knows.
 */
export function closeReason({ code, message }: UndertoneError): string {
  const said = Buffer.from(`${code}: ${message}`);
  if (said.length <= MAX_BYTES) return said.toString();
  // Cut at a whole character, with room for the ellipsis.
  let end = MAX_BYTES - 3;
  while ((said[end]! & 0xc0) === 0x80) end -= 1;
  return `${said.subarray(0, end)}…`;
}
