import { UndertoneError } from '../../errors.ts';
import type { AudioSource } from './audio-source.ts';
import type { ByteSource } from './byte-source.ts';
import { SNIFF_BYTES } from './container.ts';
import { DecodedSource } from './decoded-source.ts';
import { type MpegFrame, mpegFrameAt } from './mpeg-frame.ts';

/** `Xing` for a variable rate, `Info` for a constant one. */
const XING = 0x58696e67;
const INFO = 0x496e666f;
/** Tags in front of the audio that are skipped; more are no MP3. */
const MAX_TAGS = 8;

/**
 * MPEG audio, layers I to III, as `pcm_f32le`. Undefined when no frame is where one must be (ffmpeg may know better).
 */
export async function openMp3(source: ByteSource): Promise<AudioSource | undefined> {
  const head = await source.read(await behindTags(source), SNIFF_BYTES);
  const at = firstFrame(head);
  const frame = mpegFrameAt(head, at);
  if (frame === undefined) return undefined;
  const samples = statedSamples(head.subarray(at), { ...frame, infoAt: frame.infoAt - at });
  return new DecodedSource(
    source,
    {
      format: { encoding: 'pcm_f32le', sampleRateHz: frame.sampleRateHz, channels: frame.channels },
      samples,
      tolerance: 2 * frame.samples, // decoders differ in what they trim
    },
    async () => {
      const { MPEGDecoder } = await import('mpg123-decoder');
      const decoder = new MPEGDecoder();
      await decoder.ready;
      return decoder;
    },
  );
}

/** Where the ID3v2 tags end (id3.org, ID3v2.4.0, section 3.1): ten bytes, the last four a size of 7 bits each. */
async function behindTags(source: ByteSource): Promise<number> {
  let at = 0;
  for (let tag = 0; tag < MAX_TAGS; tag++) {
    const head = await source.read(at, 10);
    if (head.length < 10) {
      throw new UndertoneError('file-truncated', { path: source.path, detail: 'it holds a tag but no audio' });
    }
    if (head[0] !== 0x49 || head[1] !== 0x44 || head[2] !== 0x33) return at;
    const footer = (head[5]! & 0x10) !== 0 ? 10 : 0;
    at += 10 + footer + ((head[6]! << 21) | (head[7]! << 14) | (head[8]! << 7) | head[9]!);
  }
  return at;
}

/** Some writers pad their tag with zeros that its size leaves out. */
function firstFrame(head: Uint8Array): number {
  const at = head.findIndex((byte) => byte !== 0);
  return Math.max(0, at);
}

/**
 * Samples a channel as the encoder's first frame tells (the Xing header and LAME's extension of it): frames, less the
 * encoder's delay and padding.
 */
function statedSamples(head: Uint8Array, frame: MpegFrame): number | undefined {
  const data = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const at = frame.infoAt;
  if (at + 144 > head.length) return undefined;
  const id = data.getUint32(at);
  const fields = data.getUint32(at + 4);
  if ((id !== XING && id !== INFO) || (fields & 1) === 0) return undefined;
  const coded = data.getUint32(at + 8) * frame.samples;
  // The extension lies behind all four fields: letters, rates and gains (21 bytes), then delay and padding, 12 bits each.
  if ((fields & 15) !== 15 || head[at + 120] === 0) return coded;
  const trimmed = data.getUint32(at + 140) & 0xff_ffff;
  return Math.max(0, coded - (trimmed >> 12) - (trimmed & 0xfff));
}
