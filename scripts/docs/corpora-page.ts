import { corpora } from '../../src/training/corpora.ts';
import { CORPUS_LABELS, DEFAULT_LABELS, isEmotion, LABEL_CODES } from '../../src/training/labels.ts';

/** What a file of each looks like, in whatever folder it lies; made-up names in the official form. */
const LAYOUTS: Readonly<Record<string, string>> = {
  ravdess: '`03-01-06-01-02-01-12.wav`: speech, fear, actor 12',
  emodb: '`03a01Fa.wav`: speaker 03, sentence a01, happiness',
  nemo: '`EB0_anger_12.wav`: speaker EB0, anger, sentence 12',
  tess: '`OAF_back_angry.wav`',
  turev: '`1157_kz_acik.wav` in a folder `Angry`, `Calm`, `Happy` or `Sad`',
  savee: '`DC_sa01.wav`, or `sa01.wav` in a folder `DC`',
  emovo: '`gio-f1-b1.wav`: happiness, woman 1, sentence b1',
  cremad:
    '`1001_DFA_ANG_XX.wav`; the gender of actors from `VideoDemographics.csv`, where it lies in the folder or beside it',
  iemocap:
    '`Session1/dialog/EmoEvaluation/*.txt` with the labels, `Session1/sentences/wav/*/Ses01F_impro01_F000.wav` with the turns',
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The corpora that can be read and the one table of labels as a page. */
export function corporaPage(): string {
  const known = corpora.map(({ id, name, language, style, licence, nonCommercial, testable }) => {
    const layout = LAYOUTS[id];
    if (layout === undefined) throw new Error(`there is no layout of ${id}`);
    return [
      `\`${id}\``,
      name,
      language,
      style,
      nonCommercial ? `${licence}; no commercial use` : licence,
      testable ? 'yes' : 'no: trained with only',
      layout,
    ];
  });
  const labels = CORPUS_LABELS.map((label) => {
    const target = DEFAULT_LABELS[label];
    const own = label === 'calm' || label === 'boredom';
    return [
      label,
      target === 'drop' ? 'dropped' : target,
      own ? '`keep` makes it a class, to compare and evaluate' : '',
    ];
  });
  const codes = Object.entries(LABEL_CODES).map(([id, of]) => [
    `\`${id}\``,
    Object.entries(of)
      .map(([code, label]) => (code === label ? `\`${code}\`` : `\`${code}\` ${label}`))
      .join(', '),
  ]);
  return `# Corpora

\`undertone train\`, \`evaluate\` and \`compare\` read corpora of emotional speech as they are handed out: \`--corpus NAME=DIR\`, as often as
there are corpora. Files are known by their official names, in whatever folders they lie, as WAV, FLAC, Opus, Ogg or MP3. A clip that
lies there twice counts once, and so does the one recording that RAVDESS has under two names. None comes with Undertone.

${table(['NAME', 'corpus', 'language', 'style', 'licence', 'tested on', 'a file'], known)}

*Tested on*: whether it has the speakers and sentences to claim anything about voices that were not heard.

## Your own recordings

\`--corpus csv=FILE\` reads a list in CSV with a header; columns may be in any order, others are ignored:

\`\`\`csv
path,label,speaker,start,end,gender
calls/0001.wav,anger,customer-17,12.5,15.25,female
calls/0001.wav,neutral,agent-3,15.25,19,male
clips/hello.flac,happy,anna,,,
\`\`\`

- \`path\` is relative to the list; \`label\` one of the labels below, or an adjective of the row \`csv\`;
  \`speaker\` any name, the same for the same voice: nobody is tested who was trained with.
- \`start\` and \`end\`, in seconds, take a part of the recording; without them all of it is a clip.
- \`gender\` is female or male (f, m), where figures are wanted by it.

A line that cannot be used is named in the error. Several lists are told apart by their file names.

## Labels

What corpora call their clips becomes a class by one table; \`--labels\` changes rows of it: \`--labels calm=drop,frustration=anger\`.

${table(['label', 'class', ''], labels)}

A model that is served has emotions only (${CORPUS_LABELS.filter(
    (label) => label !== 'excitement' && label !== 'frustration',
  )
    .filter(isEmotion)
    .join(', ')}).
*calm* and *boredom* are none of them, but published protocols count them: \`--labels calm=keep\` gives the eight classes of RAVDESS, \`--labels boredom=keep\` the seven of EmoDB. The protocols of EmoBox keep them by themselves.

How each corpus writes them:

${table(['NAME', 'codes'], codes)}

Generated from \`src/training/corpora.ts\` and \`src/training/labels.ts\` by \`npm run docs\`.
`;
}
