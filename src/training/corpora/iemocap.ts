import { readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { labelOfCode } from '../labels.ts';
import { filesUnder, recordingsUnder, stemOf } from './files.ts';
import type { FoundClip } from './found-clip.ts';

/** Where the lists of labels lie; folders within that one hold each rater's own. */
const LIST = /(?:^|\/)Session\d+\/dialog\/EmoEvaluation\/[^/]+\.txt$/;
const SENTENCE = /(?:^|\/)Session\d+\/sentences\/wav\//;
/** `[6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]`: where in the dialogue, which turn, what most raters heard. */
const LINE = /^\[\d+\.?\d* - \d+\.?\d*\]\s+(Ses(\d\d)[FM]_\w+_([FM])\d+)\s+([a-z]{3})\s+\[/gm;

/**
 * IEMOCAP's layout: lists of labels in `dialog/EmoEvaluation` of each `SessionN`, and the audio of their turns under
 * `sentences/wav` of the same. A turn whose label is no emotion of the table (`xxx`, no agreement, and `oth`), or whose audio is missing, is left out. Two
 * speakers a session, a woman and a man: of a turn it is its last letter that tells who speaks, not that of the dialogue.
 */
export function iemocapClips(corpus: string, folder: string): FoundClip[] {
  const audio = new Map(
    recordingsUnder(corpus, folder)
      .filter((path) => SENTENCE.test(slashed(path)))
      .map((path) => [stemOf(path), path]),
  );
  const clips = new Map<string, FoundClip>();
  for (const list of filesUnder(corpus, folder).filter((path) => LIST.test(slashed(path)))) {
    for (const [, id = '', session = '', gender = '', code] of readFileSync(list, 'utf8').matchAll(LINE)) {
      const label = labelOfCode('iemocap', code);
      const path = audio.get(id);
      if (label === undefined || path === undefined) continue;
      clips.set(id, { id, path, label, speaker: `${session}${gender}`, gender: gender === 'F' ? 'female' : 'male' });
    }
  }
  return [...clips.values()];
}

const slashed = (path: string): string => path.replaceAll(sep, '/');
