import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { UndertoneError } from '../../errors.ts';
import { CORPUS_LABELS, type CorpusLabel, isCorpusLabel, LABEL_CODES, labelOfCode } from '../labels.ts';
import type { FoundClip, Section } from './found-clip.ts';

const REQUIRED = ['path', 'label', 'speaker'] as const;

/** A record by its columns, and the line that it ends on. */
interface Line {
  readonly record: Readonly<Partial<Record<'path' | 'label' | 'speaker' | 'start' | 'end' | 'gender', string>>>;
  readonly number: number;
}

/**
 * The clips of a list in CSV (RFC 4180, with a header; columns in any order, others are ignored):
 * `path,label,speaker[,start,end][,gender]`. Paths are relative to the list, `start` and `end` in seconds, `gender` is
 * female or male (or f, m), labels are ours or the usual adjectives (`LABEL_CODES.csv`).
 *
 * @throws `corpus-invalid`, which names the line that it could not use.
 */
export function csvClips(corpus: string, file: string): FoundClip[] {
  const invalid = (detail: string): UndertoneError =>
    new UndertoneError('corpus-invalid', { name: corpus, path: file, detail });
  const clips = new Map<string, FoundClip>();
  for (const { record, number } of linesOf(file, invalid)) {
    const fail = (detail: string): UndertoneError => invalid(`line ${number}: ${detail}`);
    const { path = '', speaker = '' } = record;
    if (path === '') throw fail('the path is missing');
    if (speaker === '') throw fail('the speaker is missing');
    const whole = resolve(dirname(file), path);
    if (!existsSync(whole)) throw fail(`there is no file ${path}`);
    const section = sectionOf(record, fail);
    const gender = genderOf(record.gender, fail);
    const id = section === undefined ? path : `${path}@${section.startMs}-${section.endMs}`;
    if (clips.has(id)) throw fail(`${path} is listed twice`);
    clips.set(id, {
      id,
      path: whole,
      label: labelOf(record.label ?? '', fail),
      speaker,
      ...(gender && { gender }),
      ...(section && { section }),
    });
  }
  return [...clips.values()];
}

function linesOf(file: string, invalid: (detail: string) => UndertoneError): Line[] {
  let text: Buffer;
  try {
    text = readFileSync(file);
  } catch {
    throw invalid('the list cannot be read');
  }
  try {
    const rows = parse(text, {
      bom: true,
      columns: (header: readonly string[]) => header.map((name) => name.toLowerCase()),
      trim: true,
      skip_empty_lines: true,
      info: true,
    }) as unknown as readonly { readonly record: Line['record']; readonly info: { readonly lines: number } }[];
    const missing = REQUIRED.filter((name) => rows.length > 0 && !(name in rows[0]!.record));
    if (missing.length > 0) throw invalid(`its header lacks ${missing.join(', ')}`);
    return rows.map(({ record, info }) => ({ record, number: info.lines }));
  } catch (thrown) {
    if (thrown instanceof CsvError) throw invalid(`it is not CSV: ${thrown.message}`);
    throw thrown;
  }
}

function labelOf(text: string, fail: (detail: string) => UndertoneError): CorpusLabel {
  const name = text.toLowerCase();
  const label = isCorpusLabel(name) ? name : labelOfCode('csv', name);
  if (label !== undefined) return label;
  const known = [...CORPUS_LABELS, ...Object.keys(LABEL_CODES.csv)].join(', ');
  throw fail(`the label "${text}" is unknown; use one of ${known}`);
}

function sectionOf(
  { start = '', end = '' }: Line['record'],
  fail: (detail: string) => UndertoneError,
): Section | undefined {
  if (start === '' && end === '') return undefined;
  const [from, to] = [start, end].map((text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN));
  if (!(from! < to!)) throw fail(`start and end are seconds, and start comes first; got "${start}" and "${end}"`);
  return { startMs: Math.round(from! * 1000), endMs: Math.round(to! * 1000) };
}

function genderOf(text = '', fail: (detail: string) => UndertoneError): 'female' | 'male' | undefined {
  const gender = { '': undefined, f: 'female', female: 'female', m: 'male', male: 'male' } as const;
  const key = text.toLowerCase();
  if (Object.hasOwn(gender, key)) return gender[key as keyof typeof gender];
  throw fail(`the gender "${text}" is neither female nor male`);
}
