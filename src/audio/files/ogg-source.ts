import { UndertoneError } from '../../errors.ts';
import type { AudioSource } from './audio-source.ts';
import { type ByteSource, READ_BYTES } from './byte-source.ts';
import { DecodedSource } from './decoded-source.ts';

const OPUS_RATE_HZ = 48_000;
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Ogg Opus (RFC 7845): 48 kHz, `pcm_f32le`.
 *
 * @throws file-truncated, file-not-audio
 */
export async function openOggOpus(source: ByteSource, head: Uint8Array): Promise<AudioSource> {
  const packet = firstPacket(source, head, 19);
  const channels = packet.getUint8(9);
  const preSkip = packet.getUint16(10, true);
  const end = await lastPage(source, head);
  return new DecodedSource(
    source,
    {
      format: checked(source, OPUS_RATE_HZ, channels),
      samples: end.position === undefined ? undefined : Math.max(0, end.position - preSkip),
      // Positions of a cut-out part do not begin at 0; the end of the stream is known by its flag instead.
      tolerance: Number.POSITIVE_INFINITY,
      cut: end.cut,
    },
    async () => {
      const { OggOpusDecoder } = await import('ogg-opus-decoder');
      const decoder = new OggOpusDecoder();
      await decoder.ready;
      return decoder;
    },
  );
}

/**
 * Ogg Vorbis (Vorbis I specification, section 4.2.2 and appendix A): the file's rate, `pcm_f32le`.
 *
 * @throws file-truncated, file-not-audio
 */
export async function openOggVorbis(source: ByteSource, head: Uint8Array): Promise<AudioSource> {
  const packet = firstPacket(source, head, 30);
  const end = await lastPage(source, head);
  return new DecodedSource(
    source,
    {
      format: checked(source, packet.getUint32(12, true), packet.getUint8(11)),
      samples: end.position,
      tolerance: Number.POSITIVE_INFINITY,
      cut: end.cut,
    },
    async () => {
      const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
      const decoder = new OggVorbisDecoder();
      await decoder.ready;
      return decoder;
    },
  );
}

function checked(source: ByteSource, sampleRateHz: number, channels: number) {
  if (sampleRateHz === 0 || channels === 0) {
    throw new UndertoneError('file-not-audio', { path: source.path, detail: 'its Ogg header makes no sense' });
  }
  return { encoding: 'pcm_f32le', sampleRateHz, channels } as const;
}

/** The packet that identifies the codec: it begins behind the first page's table of segments. */
function firstPacket(source: ByteSource, head: Uint8Array, length: number): DataView {
  const at = 27 + head[26]!;
  if (head.length < at + length) {
    throw new UndertoneError('file-truncated', { path: source.path, detail: 'its Ogg header is cut' });
  }
  return view(head.subarray(at, at + length));
}

/** Position (in samples) of the last page of the first page's stream (RFC 3533, section 6), and whether the end is missing. */
async function lastPage(source: ByteSource, head: Uint8Array): Promise<{ position: number | undefined; cut: boolean }> {
  const serial = view(head).getUint32(14, true);
  const tail = await source.read(Math.max(0, source.length - READ_BYTES - 27), READ_BYTES + 27);
  const data = view(tail);
  for (let at = tail.length - 27; at >= 0; at--) {
    if (data.getUint32(at) !== 0x4f676753 || data.getUint32(at + 14, true) !== serial) continue;
    const position = data.getBigInt64(at + 6, true);
    if (position < 0n) continue; // no packet ends on this page
    const isLast = (data.getUint8(at + 5) & 4) !== 0;
    return { position: Number(position), cut: !isLast };
  }
  return { position: undefined, cut: true };
}
