import { wavHeader } from '../../audio/index.ts';

const BYTES_PER_SAMPLE = 2;
/** What fits into the 32 bits of a RIFF size. */
const LONGEST_RIFF_BYTES = 0xffff_ffff - 64;
const PCM = 1;
const IN_DS64 = 0xffff_ffff;

/**
 * What stands before `frames` frames of 16-bit audio: a RIFF/WAVE header, and beyond 4 GiB that of RF64 (ITU-R BS.2088), which has the
 * sizes in 64 bits.
 */
export function wavHead(sampleRateHz: number, channels: number, frames: number): Uint8Array {
  const dataBytes = frames * channels * BYTES_PER_SAMPLE;
  if (dataBytes <= LONGEST_RIFF_BYTES) {
    return wavHeader({ encoding: 'pcm_s16le', sampleRateHz, channels }, dataBytes);
  }
  const head = Buffer.alloc(80);
  head.write('RF64', 0);
  head.writeUInt32LE(IN_DS64, 4);
  head.write('WAVEds64', 8);
  head.writeUInt32LE(28, 16);
  head.writeBigUInt64LE(BigInt(head.length - 8 + dataBytes), 20);
  head.writeBigUInt64LE(BigInt(dataBytes), 28);
  head.writeBigUInt64LE(BigInt(frames), 36);
  head.write('fmt ', 48);
  head.writeUInt32LE(16, 52);
  head.writeUInt16LE(PCM, 56);
  head.writeUInt16LE(channels, 58);
  head.writeUInt32LE(sampleRateHz, 60);
  head.writeUInt32LE(sampleRateHz * channels * BYTES_PER_SAMPLE, 64);
  head.writeUInt16LE(channels * BYTES_PER_SAMPLE, 68);
  head.writeUInt16LE(8 * BYTES_PER_SAMPLE, 70);
  head.write('data', 72);
  head.writeUInt32LE(IN_DS64, 76);
  return head;
}
