import { mpegFrameAt } from './mpeg-frame.ts';

/** What a file is, by its first bytes. `other` and `unknown` are left to ffmpeg; `cut` ends before it says what it is. */
export type Container = 'wav' | 'flac' | 'ogg-flac' | 'ogg-vorbis' | 'ogg-opus' | 'mp3' | 'other' | 'unknown' | 'cut';

/** Bytes that `containerOf` wants to see. */
export const SNIFF_BYTES = 4096;

/** Containers that ffmpeg opens: letters at a position. A file of none of these is offered to it too, but may be anything. */
const OTHERS: readonly (readonly [at: number, letters: string])[] = [
  [4, 'ftyp'], // MP4, M4A, 3GP
  [0, '\x1a\x45\xdf\xa3'], // Matroska, WebM
  [0, '#!AMR'],
  [0, 'caff'],
  [0, 'FORM'], // AIFF
  [0, '.snd'], // AU
  [0, 'wvpk'],
  [0, 'MAC '],
  [0, '\x30\x26\xb2\x75'], // ASF, WMA
  [0, 'riff'], // Wave64
  [0, 'RIFF'], // AVI and relatives
  [0, 'FLV'],
  [0, 'OggS'], // Speex and others
  [0, '\xff\xf1'], // AAC
  [0, '\xff\xf9'],
  [0, '\x0b\x77'], // AC-3
];

/** @param head the first `SNIFF_BYTES` of the file, or fewer when it is shorter */
export function containerOf(head: Uint8Array): Container {
  const has = (at: number, letters: string): boolean =>
    [...letters].every((letter, i) => head[at + i] === letter.charCodeAt(0));
  if ((has(0, 'RIFF') || has(0, 'RF64') || has(0, 'BW64')) && (has(8, 'WAVE') || head.length < 12)) return 'wav';
  if (has(0, 'fLaC')) return 'flac';
  if (has(0, 'OggS')) {
    const packet = 27 + (head[26] ?? 0); // behind the table of segments
    if (head.length < packet + 8) return 'cut';
    if (has(packet, 'OpusHead')) return 'ogg-opus';
    if (has(packet, '\x01vorbis')) return 'ogg-vorbis';
    if (has(packet, '\x7fFLAC')) return 'ogg-flac';
  }
  if (has(0, 'ID3') || mpegFrameAt(head, 0)) return 'mp3';
  return OTHERS.some(([at, letters]) => has(at, letters)) ? 'other' : 'unknown';
}
