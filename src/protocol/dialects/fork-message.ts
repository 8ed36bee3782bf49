import { z } from 'zod';
import { UndertoneError } from '../../errors.ts';
import { excerpt, isPrintableName } from '../printable.ts';
import { count, text } from './fields.ts';
import { type JsonObject, own } from './json.ts';

export const MIX_TYPES = ['mono', 'mixed', 'stereo'] as const;
/** `mono` is the far end of the channel alone, `mixed` both sides in one, `stereo` one side each. */
export type MixType = (typeof MIX_TYPES)[number];

/** A day: longer than any pause. */
const MAX_GAP_MS = 24 * 3_600_000;

/** What the first text may say of the layout. */
export const announced = z.object({ sampleRate: count.nullish(), mixType: text.nullish() });

/**
 * What a user's own script may say in between: `{"mark":"consent"}`, and `{"gapMs":12000}` after a pause, of which the module itself
 * says nothing. Texts may be anything, so what is not like that means nothing.
 */
export function readControl(read: JsonObject): { readonly mark: string | undefined; readonly gapMs: number } {
  const mark = own(read, 'mark');
  const gapMs = own(read, 'gapMs');
  return {
    mark: typeof mark === 'string' && isPrintableName(mark) ? mark : undefined,
    gapMs: typeof gapMs === 'number' && gapMs > 0 && gapMs <= MAX_GAP_MS ? gapMs : 0,
  };
}

/** @throws UndertoneError `invalid-query` */
export function mixTypeOf(text: string | null | undefined): MixType | undefined {
  if (text === null || text === undefined) return undefined;
  const mixType = MIX_TYPES.find((known) => known === text);
  if (mixType !== undefined) return mixType;
  const detail = `mixType must be one of ${MIX_TYPES.join(', ')}, not "${excerpt(text)}"`;
  throw new UndertoneError('invalid-query', { detail });
}
