import { MAX_NAME_LENGTH } from './limits.ts';

/**
 * Control and format characters (those that turn the writing direction among them), lone surrogates, and line and
 * paragraph separators: none of them belongs in an id, a terminal or a log.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const UNPRINTABLE_ALL = new RegExp(UNPRINTABLE.source, 'gu');

/** Whether the text can be an id or a name: 1 to 128 printable characters, not only spaces. */
export function isPrintableName(text: string): boolean {
  // Twice the limit in code units is the limit in code points at least: a long text is not walked.
  if (text.length > 2 * MAX_NAME_LENGTH || text.trim().length === 0 || UNPRINTABLE.test(text)) return false;
  return [...text].length <= MAX_NAME_LENGTH;
}

/** Whether the text can be the id of a stream or a call: a name, and no step in a path, where no client could ask for it. */
export function isPrintableId(text: string): boolean {
  return isPrintableName(text) && text !== '.' && text !== '..';
}

/** Text that came from outside, made fit for an error sentence: at most 40 printable characters. */
export function excerpt(text: string): string {
  const printable = text.slice(0, 200).replace(UNPRINTABLE_ALL, '\u{fffd}');
  const characters = [...printable];
  return characters.length > 40 ? `${characters.slice(0, 40).join('')}…` : printable;
}
