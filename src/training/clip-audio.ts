import { ANALYSIS_RATE_HZ, readMono16k } from '../audio/index.ts';
import type { Section } from './corpora/found-clip.ts';

/** The recording that was read last: parts of one file come one after the other. */
let last: { readonly path: string; readonly samples: Promise<Float32Array> } | undefined;

/**
 * A clip's samples at 16 kHz, one channel: of the section where there is one, else of all of its file.
 *
 * @throws what `readMono16k` throws; `Error` for a section that begins after the end of its recording.
 */
export async function readClip(clip: {
  readonly path: string;
  readonly section?: Section | undefined;
}): Promise<Float32Array> {
  if (clip.section === undefined) return readMono16k(clip.path);
  if (last?.path !== clip.path) last = { path: clip.path, samples: readMono16k(clip.path) };
  const samples = await last.samples;
  const at = (ms: number): number => Math.round((ms * ANALYSIS_RATE_HZ) / 1000);
  if (at(clip.section.startMs) >= samples.length) throw new Error('it begins after the end of its recording');
  return samples.slice(at(clip.section.startMs), at(clip.section.endMs));
}
