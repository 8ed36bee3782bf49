import { readFileSync } from 'node:fs';
import { UndertoneError } from '../../errors.ts';
import { CLASS_LABELS, type ClassLabel } from '../labels.ts';

/** What was made of one clip. */
export interface ClipPrediction {
  readonly clip: string;
  /** `corpus/speaker`. */
  readonly speaker: string;
  readonly gender: 'female' | 'male' | '';
  readonly truth: ClassLabel;
  readonly guess: ClassLabel;
  /** Of each class, in the order of the file's labels; five decimals. */
  readonly probabilities: readonly number[];
}

/** One fold's clips in one condition. */
export interface Predictions {
  readonly labels: readonly ClassLabel[];
  readonly rows: readonly ClipPrediction[];
}

const HEAD = ['clip', 'speaker', 'gender', 'truth', 'guess'] as const;
const PREFIX = 'p.';

/** As CSV (RFC 4180, but with \n): `clip,speaker,gender,truth,guess,p.anger,…`. */
export function predictionsCsv({ labels, rows }: Predictions): string {
  const lines = [
    [...HEAD, ...labels.map((label) => `${PREFIX}${label}`)],
    ...rows.map(({ clip, speaker, gender, truth, guess, probabilities }) => [
      clip,
      speaker,
      gender,
      truth,
      guess,
      ...probabilities.map((value) => value.toFixed(5)),
    ]),
  ];
  return lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
}

const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/**
 * What `predictionsCsv` wrote.
 *
 * @throws `file-unreadable` where it is anything else: an unknown class, a guess that is not the most probable class, probabilities
 * that do not sum to 1.
 */
export function readPredictions(path: string): Predictions {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UndertoneError('file-missing', { path });
  }
  return parsePredictions(text, path);
}

export function parsePredictions(text: string, path: string): Predictions {
  const refuse = (line: number, what: string): UndertoneError =>
    new UndertoneError('file-unreadable', { path, detail: `line ${line}: ${what}` });
  const [head = [], ...lines] = cellsOf(text);
  const labels = head.slice(HEAD.length).map((name) => classNamed(name.slice(PREFIX.length)));
  const known = labels.filter((label) => label !== undefined);
  if (HEAD.some((name, index) => head[index] !== name) || known.length < 2 || known.length < labels.length) {
    throw refuse(1, `expected ${HEAD.join(',')} and a column ${PREFIX}… for each class`);
  }
  const rows = lines.map((cells, index): ClipPrediction => {
    const line = index + 2;
    const [clip = '', speaker = '', gender = '', truthName = '', guessName = '', ...values] = cells;
    const [truth, guess] = [classNamed(truthName), classNamed(guessName)];
    if (values.length !== known.length) throw refuse(line, `${values.length} probabilities of ${known.length} classes`);
    if (truth === undefined || guess === undefined) throw refuse(line, 'a class that does not exist');
    if (gender !== '' && gender !== 'female' && gender !== 'male') throw refuse(line, `the gender "${gender}"`);
    const probabilities = values.map(Number);
    const total = probabilities.reduce((sum, value) => sum + value, 0);
    // Each is rounded to five decimals.
    if (!(Math.abs(total - 1) < 1e-4)) throw refuse(line, `the probabilities sum to ${total}`);
    if (!(probabilities[known.indexOf(guess)]! >= Math.max(...probabilities))) {
      throw refuse(line, `${guess} is not the most probable class`);
    }
    return { clip, speaker, gender, truth, guess, probabilities };
  });
  return { labels: known, rows };
}

const classNamed = (name: string): ClassLabel | undefined => CLASS_LABELS.find((label) => label === name);

/** Records of fields, with quotes taken off. */
function cellsOf(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (const [, quotedCell, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (quotedCell === undefined && plain === '' && end === '' && record.length === 0) break;
    record.push(quotedCell === undefined ? plain : quotedCell.replaceAll('""', '"'));
    if (end === ',') continue;
    records.push(record);
    record = [];
    if (end === '') break;
  }
  return records;
}
