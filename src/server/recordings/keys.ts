import { createHmac, hkdfSync } from 'node:crypto';
import { UndertoneError } from '../../errors.ts';

export const KEY_BYTES = 32;
export const FINGERPRINT_BYTES = 8;

/**
 * The keys of UNDERTONE_RECORD_KEY: base64 of 32 bytes each, separated by commas. The first one writes; the others read what was
 * written before the key was changed.
 *
 * @throws UndertoneError `record-key`
 * @example
 * const keys = recordingKeys(process.env['UNDERTONE_RECORD_KEY']);
 */
export function recordingKeys(text: string | undefined): readonly Uint8Array[] {
  if (text === undefined || text.trim() === '') throw new UndertoneError('record-key', { detail: 'it is not set' });
  return text.split(',').map((part, index, parts) => {
    const encoded = part.trim();
    const key = Buffer.from(encoded, 'base64');
    const which = parts.length > 1 ? `key ${index + 1} of ${parts.length}` : 'it';
    // What is not the encoding of its own bytes was cut or mistyped; another key would be made of it silently.
    if (key.toString('base64') !== encoded)
      throw new UndertoneError('record-key', { detail: `${which} is not base64` });
    if (key.length !== KEY_BYTES) {
      throw new UndertoneError('record-key', { detail: `${which} has ${key.length} bytes` });
    }
    return key;
  });
}

/** What a file names its key by; it tells nothing of the key. */
export function fingerprintOf(key: Uint8Array): Buffer {
  return createHmac('sha256', key).update('undertone recording: fingerprint').digest().subarray(0, FINGERPRINT_BYTES);
}

/** The key of one file: HKDF-SHA256 (RFC 5869) of the master key, bound to the whole head of the file. */
export function fileKey(master: Uint8Array, salt: Uint8Array, head: Uint8Array): Buffer {
  const info = Buffer.concat([Buffer.from('undertone recording: audio'), head]);
  return Buffer.from(hkdfSync('sha256', master, salt, info, KEY_BYTES));
}
