import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { atMostPerSpeaker, type Clip, corpusSource, findClips } from '../../src/training/clips.ts';
import { readName } from '../../src/training/corpora/file-names.ts';
import { DEFAULT_LABELS, labelMap } from '../../src/training/labels.ts';
import { emotionsOf, labelsOf } from '../../src/training/window-rows.ts';

/** Empty files: what counts here are names. */
function folderOf(paths: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-names-'));
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  return folder;
}

const parse = (corpus: keyof typeof readName, stem: string, folder = 'wav') => readName[corpus](stem, folder);

describe('official file names', () => {
  // Each corpus's own documentation of its names.
  it.each([
    ['ravdess', '03-01-06-01-02-01-12', '', { label: 'fear', speaker: '12', gender: 'female' }],
    ['ravdess', '03-01-02-02-01-02-01', '', { label: 'calm', speaker: '01', gender: 'male' }],
    ['ravdess', '03-01-08-02-01-02-23', '', { label: 'surprise', speaker: '23', gender: 'male' }],
    ['emodb', '03a01Fa', '', { label: 'happiness', speaker: '03', gender: 'male' }],
    ['emodb', '16b10Wb', '', { label: 'anger', speaker: '16', gender: 'female' }],
    ['emodb', '08a05Lc', '', { label: 'boredom', speaker: '08', gender: 'female' }],
    ['emodb', '10b03Ec', '', { label: 'disgust', speaker: '10', gender: 'male' }],
    ['emodb', '12a02Ac', '', { label: 'fear', speaker: '12', gender: 'male' }],
    ['emodb', '13a04Tb', '', { label: 'sadness', speaker: '13', gender: 'female' }],
    ['emodb', '14b09Na', '', { label: 'neutral', speaker: '14', gender: 'female' }],
    ['nemo', 'EB0_anger_1', '', { label: 'anger', speaker: 'EB0', gender: 'female' }],
    ['nemo', 'WR0_surprised_64', '', { label: 'surprise', speaker: 'WR0', gender: 'male' }],
    ['tess', 'OAF_back_ps', '', { label: 'surprise', speaker: 'OAF', gender: 'female' }],
    ['tess', 'YAF_dog_angry', '', { label: 'anger', speaker: 'YAF', gender: 'female' }],
    ['tess', 'OA_bite_neutral', '', { label: 'neutral', speaker: 'OAF', gender: 'female' }],
    ['turev', '1157_kz_acik', 'Angry', { label: 'anger', speaker: '1157' }],
    ['turev', '6783_sk_bugu', 'Calm', { label: 'calm', speaker: '6783' }],
    ['savee', 'DC_sa01', '', { label: 'sadness', speaker: 'DC', gender: 'male' }],
    ['savee', 'su15', 'KL', { label: 'surprise', speaker: 'KL', gender: 'male' }],
    ['savee', 'a03', 'JE', { label: 'anger', speaker: 'JE', gender: 'male' }],
    ['emovo', 'gio-f1-b1', '', { label: 'happiness', speaker: 'f1', gender: 'female' }],
    ['emovo', 'pau-m3-n5', '', { label: 'fear', speaker: 'm3', gender: 'male' }],
    ['cremad', '1001_DFA_ANG_XX', '', { label: 'anger', speaker: '1001' }],
    ['cremad', '1091_IEO_HAP_HI', '', { label: 'happiness', speaker: '1091' }],
  ] as const)('%s: %s', (corpus, stem, folder, expected) => {
    expect(parse(corpus, stem, folder || undefined)).toEqual(expected);
  });

  it.each([
    ['ravdess', '03-02-06-01-02-01-12'], // song
    ['ravdess', '01-01-06-01-02-01-12'], // video
    ['ravdess', '03-01-03-01-02-01-07'], // the exact duplicate of 03-01-03-01-02-02-07
    ['emodb', '03a01Xa'],
    ['nemo', 'EB0_disgust_1'],
    ['tess', 'XYZ_back_angry'],
    ['savee', 'sa01'],
    ['emodb', '03a01Wa.x'],
    ['emovo', 'xyz-f1-b1'],
    ['turev', '1157_kz_acik'], // in no folder of a label
    ['cremad', '1001_DFA_XXX_XX'],
    ['cremad', '1001_DFA_constructor_XX'],
  ] as const)('%s has no clip %s', (corpus, stem) => {
    expect(parse(corpus, stem)).toBeUndefined();
  });
});

describe('finding the clips of a corpus', () => {
  it('reads .wav, .flac and .opus alike, in any folder, and nothing else', () => {
    const folder = folderOf([
      'Actor_01/03-01-05-01-01-01-01.wav',
      'deep/er/03-01-01-01-01-01-02.flac',
      '03-01-03-01-01-01-03.opus',
      '03-01-03-01-01-01-04.txt',
      'README.wav',
    ]);
    const clips = findClips(corpusSource(`ravdess=${folder}`), DEFAULT_LABELS);
    expect(clips.map(({ id, speaker, label }) => [id, speaker, label])).toEqual([
      ['ravdess/03-01-01-01-01-01-02', 'ravdess/02', 'neutral'],
      ['ravdess/03-01-03-01-01-01-03', 'ravdess/03', 'happiness'],
      ['ravdess/03-01-05-01-01-01-01', 'ravdess/01', 'anger'],
    ]);
  });

  it.each([
    ['savee', ['AudioData/DC/a01.wav', 'AudioData/KL/a01.wav', 'DC/sa15.wav'], ['DC_a01', 'DC_sa15', 'KL_a01']],
    ['savee', ['DC_a01.wav', 'KL_sa01.wav'], ['DC_a01', 'KL_sa01']],
    ['emovo', ['EMOVO/f1/rab-f1-b1.wav', 'EMOVO/m2/tri-m2-n3.wav'], ['rab-f1-b1', 'tri-m2-n3']],
    [
      'cremad',
      ['AudioWAV/1001_DFA_ANG_XX.wav', 'AudioWAV/1002_IEO_SAD_LO.wav'],
      ['1001_DFA_ANG_XX', '1002_IEO_SAD_LO'],
    ],
  ])('knows %s as it is handed out', (corpus, paths, ids) => {
    const clips = findClips(
      corpusSource(`${corpus}=${folderOf([...paths, 'README.md', '._a01.wav'])}`),
      DEFAULT_LABELS,
    );
    expect(clips.map(({ id }) => id)).toEqual(ids.map((id) => `${corpus}/${id}`));
  });

  it('takes a clip once, though it lies there twice, and leaves the duplicate out', () => {
    const folder = folderOf([
      'a/03-01-03-01-02-02-07.wav',
      'b/03-01-03-01-02-02-07.flac',
      'a/03-01-03-01-02-01-07.wav',
    ]);
    expect(findClips(corpusSource(`ravdess=${folder}`), DEFAULT_LABELS)).toHaveLength(1);
  });

  it('makes calm neutral and drops boredom, unless told otherwise', () => {
    const folder = folderOf(['03a01La.wav', '03a01Nc.wav']);
    const source = corpusSource(`emodb=${folder}`);
    expect(findClips(source, labelMap()).map(({ label }) => label)).toEqual(['neutral']);
    expect(findClips(source, labelMap('boredom=sadness')).map(({ label }) => label)).toEqual(['sadness', 'neutral']);
    const calm = corpusSource(`ravdess=${folderOf(['03-01-02-01-01-01-01.wav', '03-01-01-01-01-01-01.wav'])}`);
    expect(findClips(calm, labelMap()).map(({ label }) => label)).toEqual(['neutral', 'neutral']);
    expect(findClips(calm, labelMap('calm=drop'))).toHaveLength(1);
  });

  it('keeps calm and boredom as classes of their own where it is told to', () => {
    const calm = corpusSource(
      `ravdess=${folderOf(['01', '02', '03', '04', '05', '06', '07', '08'].map((code) => `03-01-${code}-01-01-01-01.wav`))}`,
    );
    // The eight classes of RAVDESS's paper (Livingstone and Russo 2018).
    expect(labelsOf(findClips(calm, labelMap('calm=keep')))).toEqual([
      'anger',
      'disgust',
      'fear',
      'happiness',
      'neutral',
      'sadness',
      'surprise',
      'calm',
    ]);
    expect(labelsOf(findClips(calm, labelMap()))).toHaveLength(7);
    const bored = corpusSource(`emodb=${folderOf(['03a01La.wav', '03a01Nc.wav'])}`);
    expect(labelsOf(findClips(bored, labelMap('boredom=keep')))).toEqual(['neutral', 'boredom']);
  });

  it('lets no class that is no emotion into a model that is served', () => {
    const bored = corpusSource(`emodb=${folderOf(['03a01La.wav', '03a01Nc.wav'])}`);
    expect(emotionsOf(findClips(bored, labelMap()))).toEqual(['neutral']);
    expect(() => emotionsOf(findClips(bored, labelMap('boredom=keep')))).toThrow('"boredom" is none');
  });

  it.each(['joy=happiness', 'calm=joy', 'calm', '=neutral', 'frustration=keep', 'excitement=keep', 'keep=calm'])(
    'refuses the label change %s',
    (change) => {
      expect(() => labelMap(change)).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );

  it.each(['ravdess', 'ravdess=', '=x', 'other=x', 'csv', 'csv=', ''])('refuses the corpus %s', (option) => {
    expect(() => corpusSource(option)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('keeps at most so many clips of a speaker, of each label alike where there are enough', () => {
    const labels = ['anger', 'anger', 'anger', 'anger', 'anger', 'anger', 'fear', 'fear', 'sadness'] as const;
    const clips = ['a', 'b'].flatMap((speaker) =>
      labels.map(
        (label, index): Clip => ({
          id: `${speaker}${index}`,
          path: '',
          corpus: 'x',
          speaker,
          corpusLabel: label,
          label,
        }),
      ),
    );
    const kept = atMostPerSpeaker(clips, 6, 1);
    for (const speaker of ['a', 'b']) {
      const of = kept.filter((clip) => clip.speaker === speaker).map(({ label }) => label);
      expect(of.filter((label) => label === 'anger')).toHaveLength(3);
      expect(of.filter((label) => label === 'fear')).toHaveLength(2);
      expect(of.filter((label) => label === 'sadness')).toHaveLength(1);
    }
    expect(atMostPerSpeaker(clips, 100, 1)).toEqual(clips);
  });
});
