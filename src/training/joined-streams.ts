import type { Clip } from './clips.ts';
import type { StreamSource } from './extract.ts';
import { groupBy } from './group-by.ts';
import { Random } from './random.ts';

/** A long stream made of one speaker's clips, emotion by emotion. */
export interface JoinedStream extends StreamSource {
  readonly speaker: string;
  readonly clips: readonly Clip[];
}

/** Clips of one stream at most: about two minutes. */
const CLIPS = 45;
/** One emotion lasts for so many clips. */
const RUN = [3, 6] as const;
const PAUSE_MS = [200, 1000] as const;

/**
 * One stream per speaker: runs of 3 to 6 clips of one emotion, then of another, with pauses of 200 to 1000 ms. What a caller's
 * changes of mood would look like, as far as acted clips can show it.
 */
export function joinedStreams(clips: readonly Clip[], seed: number): readonly JoinedStream[] {
  return [...groupBy(clips, (clip) => clip.speaker)].map(([speaker, own]) => {
    const random = new Random(`${seed} joined ${speaker}`);
    const left = new Map([...groupBy(own, (clip) => clip.label)].map(([label, of]) => [label, random.shuffled(of)]));
    const chosen: Clip[] = [];
    let last: string | undefined;
    while (chosen.length < CLIPS) {
      const open = [...left].filter(([label, of]) => label !== last && of.length > 0);
      if (open.length === 0) break;
      const [label, of] = open[random.index(open.length)]!;
      chosen.push(...of.splice(0, RUN[0] + random.index(RUN[1] - RUN[0] + 1)));
      last = label;
    }
    return {
      id: `${speaker}+`,
      speaker,
      clips: chosen,
      paths: chosen.map(({ path }) => path),
      ...(chosen.some(({ section }) => section) && { sections: chosen.map(({ section }) => section) }),
      pausesMs: chosen.map(() => Math.round(random.between(...PAUSE_MS))),
    };
  });
}
