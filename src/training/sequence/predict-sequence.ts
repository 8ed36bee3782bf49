import { ROW_LENGTH } from '../../features/index.ts';
import { type HeardWindow, type SequenceSide, sequenceSide } from '../../inference/index.ts';
import type { WindowGrid } from '../clip-windows.ts';
import type { TrainedSequence } from './fit-sequence.ts';
import type { HopRow } from './hop-windows.ts';

/** Windows of one clip, by their ends, rising. */
export interface ClipWindowEnds {
  /** `ROW_LENGTH` descriptors of each hop. */
  readonly hops: Float32Array;
  readonly endHops: readonly number[];
}

/** Clips that are heard at a time. */
const TOGETHER = 32;

/** A network that is trained, as it is served. */
export const heardBy = ({ shape, members, normalisation }: TrainedSequence): SequenceSide =>
  sequenceSide(shape, members, normalisation);

/** Logits of windows, clip after clip, as a stream of each clip would have them. */
export function predictClips(
  side: SequenceSide,
  classes: number,
  clips: readonly ClipWindowEnds[],
  grid: WindowGrid,
): Float32Array {
  const out = new Float32Array(clips.reduce((total, { endHops }) => total + endHops.length, 0) * classes);
  let at = 0;
  for (let first = 0; first < clips.length; first += TOGETHER) {
    const windows = clips.slice(first, first + TOGETHER).flatMap(({ hops, endHops }) => {
      const ear = side.listen(grid);
      const row = new Float32Array(ROW_LENGTH);
      let next = 0;
      return endHops.flatMap((end): HeardWindow[] => {
        for (; next < end; next++) {
          row.set(hops.subarray(next * ROW_LENGTH, (next + 1) * ROW_LENGTH));
          ear.push(row);
        }
        return [ear.due() ?? []].flat();
      });
    });
    out.set(side.answer(windows), at);
    at += windows.length * classes;
  }
  return out;
}

/** Logits of rows; those of one stream come one after the other, in time. */
export function predictRows(side: SequenceSide, classes: number, rows: readonly HopRow[]): Float32Array {
  const out = new Float32Array(rows.length * classes);
  for (let first = 0; first < rows.length; ) {
    const { grid } = rows[first]!;
    const clips: { hops: Float32Array; endHops: number[] }[] = [];
    let next = first;
    for (; next < rows.length && rows[next]!.grid === grid; next++) {
      const { hops, endHop } = rows[next]!;
      const last = clips.at(-1);
      if (last?.hops === hops && last.endHops.at(-1)! <= endHop) last.endHops.push(endHop);
      else clips.push({ hops, endHops: [endHop] });
    }
    out.set(predictClips(side, classes, clips, grid), first * classes);
    first = next;
  }
  return out;
}
