import { readFile } from 'node:fs/promises';
import type { Emotion } from '../emotions.ts';
import { UndertoneError } from '../errors.ts';
import { type AlertRule, readAlertRules } from '../streams/index.ts';
import { readError } from './recordings.ts';

/** The text of a file of rules. @throws UndertoneError `file-missing`, `file-unreadable` */
export async function rulesText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') {
      throw new UndertoneError('file-missing', { path });
    }
    throw readError(path, thrown);
  }
}

/** The rules of a file, for a model that knows these emotions. @throws UndertoneError, `rules-invalid` too */
export async function loadRules(path: string, labels: readonly Emotion[]): Promise<readonly AlertRule[]> {
  return readAlertRules(await rulesText(path), labels);
}
