/** The header of an MPEG audio frame (ISO/IEC 11172-3, 2.4.2.3; 13818-3). */
export interface MpegFrame {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly samples: number;
  /** Bytes from this header to the next. */
  readonly bytes: number;
  /** Where an encoder's information (Xing, Info) begins in its first frame. */
  readonly infoAt: number;
}

const V1_KBPS = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
] as const;
const V2_KBPS = [
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const V1_RATES = [44_100, 48_000, 32_000] as const;

/** The frame at this position, when another frame or the end of the file follows it: one alone may be chance. */
export function mpegFrameAt(bytes: Uint8Array, at: number): MpegFrame | undefined {
  const frame = parseMpegFrame(bytes, at);
  if (frame === undefined) return undefined;
  const next = at + frame.bytes;
  return next === bytes.length || continues(bytes, at, next) ? frame : undefined;
}

/** Whether a frame of the same version, layer and rate is there. */
function continues(bytes: Uint8Array, at: number, next: number): boolean {
  const same = (offset: number, mask: number) => ((bytes[at + offset]! ^ bytes[next + offset]!) & mask) === 0;
  return parseMpegFrame(bytes, next) !== undefined && same(1, 0xfe) && same(2, 0x0c);
}

function parseMpegFrame(bytes: Uint8Array, at: number): MpegFrame | undefined {
  const b1 = bytes[at + 1] ?? 0;
  const b2 = bytes[at + 2] ?? 0;
  const b3 = bytes[at + 3];
  if (b3 === undefined || bytes[at] !== 0xff || (b1 & 0xe0) !== 0xe0) return undefined;
  const version = (b1 >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const layer = 4 - ((b1 >> 1) & 3); // 1 to 3; 4 is reserved
  const baseRate = V1_RATES[(b2 >> 2) & 3];
  const kbps = (version === 3 ? V1_KBPS : V2_KBPS)[layer - 1]?.[b2 >> 4];
  if (version === 1 || layer === 4 || !baseRate || !kbps) return undefined;
  const sampleRateHz = version === 3 ? baseRate : version === 2 ? baseRate / 2 : baseRate / 4;
  const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
  const length = frameBytes(layer, kbps, sampleRateHz, samples, (b2 >> 1) & 1);
  const channels = b3 >> 6 === 3 ? 1 : 2;
  const sideInformation = version === 3 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  return { sampleRateHz, channels, samples, bytes: length, infoAt: at + 4 + sideInformation };
}

function frameBytes(layer: number, kbps: number, sampleRateHz: number, samples: number, padding: number): number {
  // Layer I counts in slots of four bytes.
  if (layer === 1) return 4 * (Math.floor((12_000 * kbps) / sampleRateHz) + padding);
  return Math.floor((samples * 125 * kbps) / sampleRateHz) + padding;
}
