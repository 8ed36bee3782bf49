import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UndertoneError } from '../../errors.ts';

/** Test parts by file name, as a published protocol fixes them; what a fold does not test it trains with. */
export interface FoldFile {
  readonly name: string;
  /** Id of the corpus, e.g. `ravdess`. */
  readonly corpus: string;
  /** Per fold: file names without their extension. */
  readonly test: readonly (readonly string[])[];
}

const schema = z.object({
  name: z.string().min(1),
  corpus: z.string().min(1),
  test: z
    .array(z.array(z.string().min(1)).min(1))
    .min(1)
    .refine((folds) => new Set(folds.flat()).size === folds.flat().length, 'a file is tested twice'),
});

/**
 * Reads `{"name": "emobox-ravdess", "corpus": "ravdess", "test": [["03-01-01-01-01-01-01", …], …]}`.
 *
 * @throws `file-missing`, `file-unreadable`.
 */
export function readFoldFile(path: string): FoldFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UndertoneError('file-missing', { path });
  }
  const refuse = (detail: string): UndertoneError => new UndertoneError('file-unreadable', { path, detail });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('it is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(`${issue?.path.join('.') || 'as a whole'}: ${issue?.message}`);
}
