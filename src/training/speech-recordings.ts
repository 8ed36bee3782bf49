import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readMono16k } from '../audio/index.ts';
import { type Clip, type CorpusSource, findClips } from './clips.ts';
import { speakerFolds } from './folds.ts';
import { labelMap } from './labels.ts';
import { Random } from './random.ts';

export interface Recording {
  readonly path: string;
  /** 16 kHz, the mean of the channels. */
  readonly samples: Float32Array;
}

const AUDIO = /\.(wav|flac|ogg|opus|mp3)$/i;

/** The recordings at these paths: files, or folders with whatever audio is in or below them, in the order of their names. */
export async function recordingsAt(
  paths: readonly string[],
  wanted: (path: string) => boolean = () => true,
): Promise<Recording[]> {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' })
          .filter((name) => AUDIO.test(name))
          .sort()
          .map((name) => join(path, name))
      : [path],
  );
  const recordings: Recording[] = [];
  for (const path of files.filter(wanted)) recordings.push({ path, samples: await readMono16k(path) });
  return recordings;
}

/** The clips of the speakers that are, or are not, left out of the detector's training: a fifth of those of the corpora with many. */
export function speechClips(sources: readonly CorpusSource[], heldOut: boolean): Clip[] {
  const clips = sources.flatMap((source) => findClips(source, labelMap('boredom=neutral,frustration=neutral')));
  const { test } = speakerFolds(clips, 5, 1)[0]!;
  return clips.filter((clip) => test.has(clip.speaker) === heldOut);
}

/** By speaker, a seeded choice of as many clips of each. */
export async function heldInSpeech(sources: readonly CorpusSource[], perSpeaker: number): Promise<Float32Array[][]> {
  return (await speechBySpeaker(speechClips(sources, false), perSpeaker)).map(({ clips }) =>
    clips.map(({ samples }) => samples),
  );
}

export async function speechBySpeaker(
  clips: readonly Clip[],
  perSpeaker: number,
): Promise<{ readonly speaker: string; readonly clips: readonly Recording[] }[]> {
  const bySpeaker = new Map<string, Clip[]>();
  for (const clip of clips) bySpeaker.set(clip.speaker, [...(bySpeaker.get(clip.speaker) ?? []), clip]);
  const chosen: { speaker: string; clips: Recording[] }[] = [];
  for (const [speaker, all] of [...bySpeaker].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const some = new Random(`clips of ${speaker}`).shuffled(all).slice(0, perSpeaker);
    const recordings: Recording[] = [];
    for (const { path } of some) recordings.push({ path, samples: await readMono16k(path) });
    chosen.push({ speaker, clips: recordings });
  }
  return chosen;
}
