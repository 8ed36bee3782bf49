import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpusSource, findClips } from '../../src/training/clips.ts';
import { corpusNamed, corpusOf } from '../../src/training/corpora.ts';
import { isTestable } from '../../src/training/folds.ts';
import { DEFAULT_LABELS, labelMap } from '../../src/training/labels.ts';

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-layout-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** The turns of a list as IEMOCAP writes them: made up, in its form, with the votes of raters below each. */
function evaluation(turns: readonly (readonly [turn: string, label: string])[]): string {
  const blocks = turns.map(
    ([turn, label], index) =>
      `[${index}.2901 - ${index + 1}.8]\t${turn}\t${label}\t[2.5000, 2.5000, 2.5000]\nC-E2:\tNeutral;\t()\nC-E4:\tSadness; Anger;\t(hm)\nA-E3:\tval 3; act 2; dom  2;\t()\nA-M1:\tval 2; act 3; dom  1;\t()\n`,
  );
  return `% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n${blocks.join('\n')}`;
}

const wav = (turn: string): string =>
  `Session${Number(turn.slice(3, 5))}/sentences/wav/${turn.slice(0, -5)}/${turn}.wav`;

describe("IEMOCAP's layout", () => {
  const turns = [
    ['Ses01F_impro01_F000', 'neu'],
    ['Ses01F_impro01_M000', 'exc'],
    ['Ses01F_impro01_M001', 'xxx'],
    ['Ses01F_impro01_F001', 'fru'],
    ['Ses01F_impro01_F002', 'oth'],
    ['Ses01F_impro01_M002', 'ang'],
  ] as const;
  const scripted = [
    ['Ses05M_script01_1b_F010', 'sad'],
    ['Ses05M_script01_1b_M011', 'hap'],
    ['Ses05M_script01_1b_MXX0', 'hap'],
  ] as const;
  const files: Readonly<Record<string, string>> = {
    'Session1/dialog/EmoEvaluation/Ses01F_impro01.txt': evaluation(turns),
    'Session5/dialog/EmoEvaluation/Ses05M_script01_1b.txt': evaluation(scripted).replaceAll('\n', '\r\n'),
    // One rater's own opinion, which is not the label.
    'Session1/dialog/EmoEvaluation/Categorical/Ses01F_impro01_e2_cat.txt': evaluation([['Ses01F_impro01_F000', 'ang']]),
    'Session1/dialog/EmoEvaluation/._Ses01F_impro01.txt': 'resource fork',
    // Dialogues lie beside sentences.
    'Session1/dialog/wav/Ses01F_impro01.wav': '',
    ...Object.fromEntries([...turns, ...scripted].map(([turn]) => [wav(turn), ''])),
  };

  it('takes the labels of lists, who speaks from the turn, and drops what is no emotion of ours', () => {
    const clips = findClips(corpusSource(`iemocap=${folderOf(files)}`), DEFAULT_LABELS);
    expect(
      clips.map(({ id, speaker, gender, corpusLabel, label }) => [id, speaker, gender, corpusLabel, label]),
    ).toEqual([
      ['iemocap/Ses01F_impro01_F000', 'iemocap/01F', 'female', 'neutral', 'neutral'],
      ['iemocap/Ses01F_impro01_M000', 'iemocap/01M', 'male', 'excitement', 'happiness'],
      ['iemocap/Ses01F_impro01_M002', 'iemocap/01M', 'male', 'anger', 'anger'],
      ['iemocap/Ses05M_script01_1b_F010', 'iemocap/05F', 'female', 'sadness', 'sadness'],
      ['iemocap/Ses05M_script01_1b_M011', 'iemocap/05M', 'male', 'happiness', 'happiness'],
    ]);
    expect(clips.every(({ id, path }) => path.endsWith(`${id.slice('iemocap/'.length)}.wav`))).toBe(true);
  });

  it('follows --labels', () => {
    const source = corpusSource(`iemocap=${folderOf(files)}`);
    const labels = (changes: string) => findClips(source, labelMap(changes)).map(({ label }) => label);
    expect(labels('excitement=drop')).toEqual(['neutral', 'anger', 'sadness', 'happiness']);
    expect(labels('frustration=anger')).toEqual(['neutral', 'anger', 'happiness', 'anger', 'sadness', 'happiness']);
  });

  it('is found in a folder above, and leaves out turns without audio', () => {
    const { [wav('Ses01F_impro01_M002')]: _, ...rest } = files;
    const above = folderOf(
      Object.fromEntries(Object.entries(rest).map(([path, content]) => [`IEMOCAP_full_release/${path}`, content])),
    );
    expect(findClips(corpusSource(`iemocap=${above}`), DEFAULT_LABELS)).toHaveLength(4);
  });

  it('says so where there is none', () => {
    expect(() => findClips(corpusSource(`iemocap=${folderOf({ 'a.wav': '' })}`), DEFAULT_LABELS)).toThrow(
      expect.objectContaining({ code: 'corpus-invalid' }),
    );
  });
});

describe('CREMA-D', () => {
  const clips = {
    'AudioWAV/1001_DFA_ANG_XX.wav': '',
    'AudioWAV/1002_IEO_SAD_LO.wav': '',
    'AudioWAV/1003_IEO_SAD_LO.wav': '',
  };
  const demographics =
    'ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,Caucasian,Not Hispanic\n1002,21,Female,Caucasian,Not Hispanic\n';
  const genders = (folder: string) =>
    findClips(corpusSource(`cremad=${folder}`), DEFAULT_LABELS).map(({ gender }) => gender);

  it('knows the gender of actors where the list of them is there, in the folder or beside it', () => {
    const folder = folderOf({ ...clips, 'VideoDemographics.csv': demographics });
    expect(genders(folder)).toEqual(['male', 'female', undefined]);
    expect(genders(join(folder, 'AudioWAV'))).toEqual(['male', 'female', undefined]);
    expect(genders(folderOf(clips))).toEqual([undefined, undefined, undefined]);
  });
});

describe('a list in CSV', () => {
  const audio = { 'a.wav': '', 'deep/b c.wav': '', 'call.wav': '' };
  const read = (text: string | Buffer, name = 'calls.csv') => {
    const folder = folderOf(audio);
    writeFileSync(join(folder, name), text);
    return { folder, clips: findClips(corpusSource(`csv=${join(folder, name)}`), labelMap('boredom=keep')) };
  };

  it('gives paths relative to itself, speakers, and labels of ours or as adjectives', () => {
    const { folder, clips } = read('path,label,speaker\na.wav,Happy,anna\ndeep/b c.wav,anger,bob\n');
    expect(clips).toEqual([
      {
        id: 'csv:calls/a.wav',
        path: join(folder, 'a.wav'),
        corpus: 'csv:calls',
        speaker: 'csv:calls/anna',
        corpusLabel: 'happiness',
        label: 'happiness',
      },
      {
        id: 'csv:calls/deep/b c.wav',
        path: join(folder, 'deep/b c.wav'),
        corpus: 'csv:calls',
        speaker: 'csv:calls/bob',
        corpusLabel: 'anger',
        label: 'anger',
      },
    ]);
  });

  it('takes parts of recordings in seconds, and gender, with columns in any order', () => {
    const { clips } = read(
      'Speaker,gender,start,end,label,path,note\nanna,f,0,1.25,sad,call.wav,x\nbob,Male,1.25,3,bored,call.wav,\nbob,,,,calm,a.wav,"x, y"\n',
    );
    expect(clips.map(({ id, section, gender, label }) => [id, section, gender, label])).toEqual([
      ['csv:calls/a.wav', undefined, undefined, 'neutral'],
      ['csv:calls/call.wav@0-1250', { startMs: 0, endMs: 1250 }, 'female', 'sadness'],
      ['csv:calls/call.wav@1250-3000', { startMs: 1250, endMs: 3000 }, 'male', 'boredom'],
    ]);
  });

  it('reads what spreadsheets write: a byte order mark, quotes, CRLF, empty lines', () => {
    const { clips } = read(
      Buffer.from('\ufeffpath,label,speaker\r\n"deep/b c.wav","sad","Müller, ""Bo"""\r\n\r\n a.wav , sad , x \r\n'),
    );
    expect(clips.map(({ speaker }) => speaker)).toEqual(['csv:calls/x', 'csv:calls/Müller, "Bo"']);
  });

  it.each([
    ['a missing column', 'path,label\na.wav,sad\n', 'its header lacks speaker'],
    [
      'an unknown label',
      'path,label,speaker\na.wav,sad,x\ncall.wav,grumpy,x\n',
      'line 3: the label "grumpy" is unknown',
    ],
    ['a label of Object', 'path,label,speaker\na.wav,constructor,x\n', 'the label "constructor" is unknown'],
    ['a missing file', 'path,label,speaker\nb.wav,sad,x\n', 'line 2: there is no file b.wav'],
    ['no path', 'path,label,speaker\n,sad,x\n', 'line 2: the path is missing'],
    ['no speaker', 'path,label,speaker\na.wav,sad,\n', 'line 2: the speaker is missing'],
    ['a clip twice', 'path,label,speaker\na.wav,sad,x\na.wav,sad,x\n', 'line 3: a.wav is listed twice'],
    ['an end before its start', 'path,label,speaker,start,end\na.wav,sad,x,2,1\n', 'line 2: start and end'],
    ['a start without an end', 'path,label,speaker,start,end\na.wav,sad,x,2,\n', 'line 2: start and end'],
    ['a start that is no number', 'path,label,speaker,start,end\na.wav,sad,x,0x1,7\n', 'line 2: start and end'],
    ['a negative start', 'path,label,speaker,start,end\na.wav,sad,x,-1,7\n', 'line 2: start and end'],
    ['a gender that is none', 'path,label,speaker,gender\na.wav,sad,x,q\n', 'the gender "q"'],
    ['too few columns', 'path,label,speaker\na.wav,sad\n', 'it is not CSV'],
    ['a quote that does not end', 'path,label,speaker\n"a.wav,sad,x\n', 'it is not CSV'],
    ['nothing', '', 'nothing there'],
    ['a header only', 'path,label,speaker\n', 'nothing there'],
  ])('names what is wrong: %s', (_, text, detail) => {
    let thrown: unknown;
    try {
      read(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'corpus-invalid' });
    expect(String(thrown)).toContain(detail);
  });

  it('says so where the list is missing', () => {
    expect(() => findClips(corpusSource('csv=/nowhere/list.csv'), DEFAULT_LABELS)).toThrow('the list cannot be read');
  });

  it('is a corpus of its own name: several lists are told apart, and it can be tested on', () => {
    const { clips } = read('path,label,speaker\na.wav,sad,x\n', 'Support Calls.csv');
    expect(clips[0]!.corpus).toBe('csv:support calls');
    expect(isTestable(clips[0]!.corpus)).toBe(true);
    const spec = corpusOf('csv:support calls');
    expect(spec).toMatchObject({ name: 'support calls (CSV)', nonCommercial: undefined });
    expect(corpusNamed(spec!.name)).toMatchObject({ id: 'csv:support calls' });
    expect(corpusOf('csv')).toBeUndefined();
    expect(corpusNamed('RAVDESS')).toMatchObject({ id: 'ravdess' });
  });
});
