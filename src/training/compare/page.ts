import type { Settings } from '../classifiers/classifier.ts';
import type { Interval } from '../evaluation/bootstrap.ts';
import { protocols } from '../evaluation/protocols.ts';
import type { ComparedClassifier, ProtocolComparison } from './comparison.ts';

export interface Comparison {
  readonly formatVersion: 1;
  /** The command that compares the same again. */
  readonly command: string;
  readonly protocols: readonly ProtocolComparison[];
}

const HEAD = [
  'classifier',
  'UA',
  'less than the best by',
  'accuracy',
  'precision',
  'recall',
  'F1',
  'ECE',
  'parameters',
  'training',
  'a window',
];

/** `comparison.md`: a table and a figure per protocol, what they mean, what was chosen, and the command. */
export function comparisonPage(
  { command, protocols: compared }: Comparison,
  figureOf: (protocol: string) => string,
): string {
  return `# Classifiers compared

${compared.map((of) => section(of, figureOf(of.protocol))).join('\n')}
## How to read it

All classifiers learn from the same rows: the functionals of windows of 3 s, one every 500 ms, as the streaming analysis gives them,
z-scored with the mean and deviation of the training rows, with classes in balance. A clip is decided as a served stream decides: by the mean
of its windows' probabilities, weighted by the speech in them, without abstention.

- **UA** is the unweighted average recall, in per cent: the mean of the folds' where a protocol has folds. Precision, recall and F1 are means
  over the classes, of all test clips together; so is accuracy.
- **Intervals** hold the figure with 95 %: a bootstrap over speakers, 2000 resamples. **Less than the best by**: the difference to the first
  row with its interval, speakers drawn once for both; where it holds 0 the two cannot be told apart by these clips.
- **ECE** is the expected calibration error of the guess's probability, ten bins; the temperature comes from validation speakers.
- **Parameters** are the numbers that were learned, or are kept to compare with (support vectors, neighbours).
- **Training** is processor time for a fold, looking for settings included; **a window** that of one window's scores, normalisation
  included, in batches. Both on whatever machine it was; compare them with each other only.

Settings, the moment to stop and the temperature are chosen on validation speakers of the training part, then each is trained again with
them; test clips are seen by neither. What is chosen is below.

Made with

\`\`\`
${command}
\`\`\`

## What was chosen

${compared.map(settingsOf).join('\n')}`;
}

function section(comparison: ProtocolComparison, figure: string): string {
  const { protocol, labels, classifiers, clips, speakers, folds, complete } = comparison;
  const training = new Set(classifiers.map(trainingOf));
  // A column only where rows differ in it.
  const [alike] = training.size === 1 ? training : [];
  const chance = (100 / labels.length).toFixed(1);
  return `## ${protocol}

${protocols[protocol].text}
${complete ? '' : '\n**Not all folds are in it: these figures cannot be compared with others.**\n'}
${clips} test clips of ${speakers} speakers, ${labels.length} classes (${labels.join(', ')}), ${folds} folds${alike === undefined ? '' : `; trained with ${alike}`}. By chance UA is ${chance}.

${markdownTable(
  alike === undefined ? [...HEAD, 'trained with'] : HEAD,
  classifiers.map((of) => (alike === undefined ? [...cellsOf(of), trainingOf(of)] : cellsOf(of))),
)}

![UA of each classifier with its interval](${figure})
`;
}

/** What a classifier was trained with. */
const trainingOf = ({ trainedIn, seeds }: ComparedClassifier): string =>
  `clips ${trainedIn.join(', ')}; ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;

/** The cells of a classifier's row, below `HEAD`. */
function cellsOf(of: ComparedClassifier): readonly string[] {
  return [
    of.classifier,
    `**${percent(of.ua.value)}** ${range(of.ua)}`,
    of.toBest === null
      ? ''
      : `${percent(-of.toBest.value)} (${percent(-of.toBest.high)} to ${percent(-of.toBest.low)})`,
    `${percent(of.accuracy.value)} ${range(of.accuracy)}`,
    `${percent(of.macroPrecision.value)} ${range(of.macroPrecision)}`,
    `${percent(of.macroRecall.value)} ${range(of.macroRecall)}`,
    `${percent(of.macroF1.value)} ${range(of.macroF1)}`,
    of.ece.value.toFixed(3),
    of.parameters.toLocaleString('en'),
    of.trainingCpuSeconds === null ? '' : `${figure2(of.trainingCpuSeconds)} s`,
    of.predictionMicroseconds === null ? '' : `${figure2(of.predictionMicroseconds)} µs`,
  ];
}

/** For a terminal: the same without intervals but that of UA. */
export function comparisonText({ protocols: compared }: Comparison): string {
  return compared
    .map(({ protocol, classifiers, complete }) => {
      const head = [
        'classifier',
        'UA',
        '95 %',
        'accuracy',
        'precision',
        'recall',
        'F1',
        'parameters',
        'training',
        'a window',
      ];
      const rows = classifiers.map((of) => {
        const cells = cellsOf(of);
        const values = [of.accuracy, of.macroPrecision, of.macroRecall, of.macroF1].map(({ value }) => percent(value));
        return [of.classifier, percent(of.ua.value), range(of.ua).slice(1, -1), ...values, ...cells.slice(-3)];
      });
      const widths = head.map((word, column) =>
        Math.max(...[head, ...rows].map((row) => row[column]!.length), word.length),
      );
      const lines = [head, ...rows].map((row) =>
        row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
      );
      return `${protocol}${complete ? '' : ' (not all folds)'}\n${lines.map((line) => `${line}\n`).join('')}`;
    })
    .join('\n');
}

function settingsOf({ protocol, classifiers }: ProtocolComparison): string {
  const rows = classifiers.map(({ classifier, settings }) => [
    classifier,
    settings.map(({ settings: of }) => named(of)).join('; ') || 'nothing',
  ]);
  return `${markdownTable(['classifier', `${protocol}, fold by fold`], rows)}\n`;
}

const named = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const percent = (share: number): string => (Number.isFinite(share) ? (100 * share).toFixed(1) : '–');
const range = ({ low, high }: Interval): string => `(${percent(low)} to ${percent(high)})`;
/** Two figures that count. */
const figure2 = (value: number): string => (value >= 10 ? value.toFixed(0) : String(Number(value.toPrecision(2))));
