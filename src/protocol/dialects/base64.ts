import { UndertoneError } from '../../errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const INVALID = 0xff;
/** The six bits of an ASCII code; INVALID for what is not of the alphabet. */
const BITS = new Uint8Array(128).fill(INVALID);
for (let value = 0; value < 64; value += 1) BITS[ALPHABET.charCodeAt(value)] = value;

/**
 * The bytes of base64 text (RFC 4648, section 4). Strict: padded to whole groups of four characters, no character outside of the
 * alphabet and no bits left over, so that a payload that was cut or garbled is refused and not heard as noise.
 *
 * @param field what the error names
 * @throws UndertoneError `invalid-message`
 * @example
 * decodeBase64('f39/fw==', 'media.payload'); // Uint8Array [127, 127, 127, 127]
 */
export function decodeBase64(text: string, field: string): Uint8Array {
  const { length } = text;
  if (length % 4 !== 0) throw refused(field);
  if (length === 0) return new Uint8Array(0);
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  const whole = padding === 0 ? length : length - 4;
  let at = 0;
  // Six bits a character; a character outside of the alphabet sets a bit above them.
  let seen = 0;
  for (let index = 0; index < whole; index += 4) {
    const a = bitsAt(text, index);
    const b = bitsAt(text, index + 1);
    const c = bitsAt(text, index + 2);
    const d = bitsAt(text, index + 3);
    seen |= a | b | c | d;
    bytes[at] = (a << 2) | (b >> 4);
    bytes[at + 1] = (b << 4) | (c >> 2);
    bytes[at + 2] = (c << 6) | d;
    at += 3;
  }
  if (padding > 0) {
    const a = bitsAt(text, whole);
    const b = bitsAt(text, whole + 1);
    const c = padding === 1 ? bitsAt(text, whole + 2) : 0;
    seen |= a | b | c;
    const left = padding === 1 ? c & 0b11 : b & 0b1111;
    if (left !== 0) throw refused(field);
    bytes[at] = (a << 2) | (b >> 4);
    if (padding === 1) bytes[at + 1] = (b << 4) | (c >> 2);
  }
  if (seen > 63) throw refused(field);
  return bytes;
}

/** Base64 text of bytes, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const group = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text += ALPHABET[group >> 18]! + ALPHABET[(group >> 12) & 63]!;
    text += left > 1 ? ALPHABET[(group >> 6) & 63]! : '=';
    text += left > 2 ? ALPHABET[group & 63]! : '=';
  }
  return text;
}

function bitsAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? BITS[code]! : INVALID;
}

const refused = (field: string): UndertoneError =>
  new UndertoneError('invalid-message', { detail: `${field} must be whole, padded base64` });
