import { type ModelManifest, servedWeights } from '../inference/index.ts';
import type { ClipFigures } from './clip-decisions.ts';
import { corpusNamed, corpusOf } from './corpora.ts';
import {
  type CardEvaluation,
  carbonText,
  evaluationsSection,
  percent,
  streamingSection,
  table,
} from './evaluation/card-sections.ts';
import type { StreamingSummary } from './evaluation/streaming/streaming-summary.ts';
import type { SequenceFitOptions } from './sequence/fit-sequence.ts';
import type { TrainingReport } from './training-report.ts';

/** What was measured of a model beside its training. */
export interface Measured {
  /** By published protocols, of the same recipe trained for each fold, or of the model itself. */
  readonly evaluations?: readonly CardEvaluation[];
  readonly streaming?: StreamingSummary | undefined;
}

/** `CARD.md`: what a model is for and not, what it was made from, how it was measured, and where it fails. */
export function modelCard(
  manifest: Omit<ModelManifest, 'files'>,
  report: TrainingReport,
  { evaluations = [], streaming }: Measured = {},
): string {
  return `# Model card: ${manifest.name} ${manifest.version}

${manifest.description}

Labels: ${manifest.labels.join(', ')}. ${report.parameters.toLocaleString('en')} parameters: ${structureText(manifest, report)}
${report.quick ? '\n**Made with `--quick`: it shows that training works and is no model to use.**\n' : ''}
## For what, and for what not

For research and for tools in which a person looks at the timeline: which parts of a call to listen to, how a voice agent's words are received.
It hears *how* something is said, from acted speech. It does not know what a person feels.

Not for decisions about a person (employment, credit, insurance, health, policing), not for lie detection, and not for workplaces and schools in the European Union,
where inferring emotions is prohibited but for medical and safety reasons (Regulation (EU) 2024/1689, article 5(1)(f)). Elsewhere tell those who are heard.

## Data and licences

${dataSection(manifest)}

## Protocol

Cross-validation over speakers, ${report.folds.length} folds: each speaker of the corpora in the tables below is tested once, by a model that has heard no clip of theirs. ${
    manifest.kind === 'sequence'
      ? `The number of epochs (${report.epochs}) was fixed beforehand; the\ntemperature of each fold comes from what the other folds' models made of speakers that they had not heard. The shipped model\ntrains on all speakers; it is not itself measured here, the fold models are.`
      : `The number of epochs and the\ntemperature of each fold come from other held-out speakers (validation), never from the test speakers; after that the fold's model trains on the validation speakers too. The shipped model\ntrains on all speakers, for the mean of the folds' epochs (${report.epochs}); it is not itself measured here, the fold models are.`
  }
Features are those of the serving pipeline, computed from a stream that starts with the clip. A clip's decision is the mean of its windows' probabilities, weighted by the speech in them; no abstention.
\`phone\` is 300 to 3400 Hz, 8 kHz, μ-law; \`noise-10\` is office noise 10 dB below the speech, from recordings that this network is not trained with (the speech detector of the features is).

Figures are comparable only with others of the same protocol: speakers that are also trained with raise them by 10 to 30 points.

## Clips of speakers not heard before

${clipTable(report)}

UA is the unweighted average recall (mean over classes), in %; chance is 100 divided by the number of classes. ECE is the expected calibration error of the clip's top probability, 10 bins.

### By class, clean

${classTables(report)}

### By group, clean

${groupTable(report)}

${
  evaluations.length === 0
    ? ''
    : `## By protocol

${evaluationsSection(evaluations)}

`
}## Streams

${
  streaming === undefined
    ? ''
    : `Settings were tried on streams of training speakers who were held out. With intervals over speakers:

${streamingSection(streaming)}

As the training measured it:

`
}Streams of about two minutes made of one held-out speaker's clips: runs of 3 to 6 clips of one emotion, then another, pauses of 0.2 to 1 s. Smoothing (time constant ${manifest.smoothing.timeConstantMs} ms, hysteresis ${manifest.smoothing.hysteresis}) and the
threshold of confidence (${manifest.calibration.threshold}) were chosen on these same streams, so the figures are a little optimistic.

${streamTable(report)}

"followed": changes of emotion that the label follows before the next one; the median delay counts a change that is missed as infinite (–). \`unknown\` counts as a flip.
In \`noise-10\` the noise lies 10 dB below the mean of the stream's speech. RAVDESS's soft clips are up to 30 dB softer than its loud ones and so lie under it; such windows are \`unknown\` for \`noise\`.
The confidence's expected calibration error, each fold's by the map of the others: ${report.confidence.ece.toFixed(3)}.

## Limits

- Acted speech of ${report.folds.flatMap(({ test }) => test).length} tested speakers in few languages. Real calls are subtler; a model of this kind loses 25 to 40 points outside of its corpora (EmoBox, arXiv 2406.07162). Nothing here measures real calls.
- Disgust, fear and surprise rest on fewer speakers than the others, and not every corpus has every emotion.
- ${manifest.kind === 'sequence' ? 'Words' : 'Functionals of a window do not see the order of sounds in it; words'} are not recognised.
- A speaker's usual voice is not known to it: a hoarse or high voice can be mistaken for an emotion.

## Training

This run took ${report.trainingMinutes.toFixed(1)} minutes on a processor, not counting what earlier ones had left in the cache (features, folds): ${carbonText(report.trainingMinutes)}.${measuringText(evaluations)} Seed ${report.seed}, the only one tried. Reproduce with

\`\`\`
${manifest.training.command}
\`\`\`
`;
}

function structureText(
  manifest: Omit<ModelManifest, 'files'>,
  { fit, featureSet, parameters }: TrainingReport,
): string {
  const window = `a window of ${manifest.analysis.windowMs / 1000} s`;
  if ('hidden' in fit) {
    return `${featureSet.length} functionals of ${window} → ${fit.hidden.join(' → ')} → ${manifest.labels.length}, dense layers.`;
  }
  return `${fit.inputs.length} descriptors a hop, normalised by what the stream has shown so far → a convolution to 25 frames a second → ${fit.dilations.length} dilated layers of ${fit.width}, looking back only → mean and deviation over ${window}, by attention and speech → ${manifest.labels.length}; the mean of ${Math.round(parameters / parametersOf(fit, manifest.labels.length))} such networks.`;
}

const parametersOf = ({ inputs, width, dilations, attention }: SequenceFitOptions, classes: number): number =>
  servedWeights({ inputs, width, dilations, attention, classes }).length;

function measuringText(evaluations: readonly CardEvaluation[]): string {
  const minutes = evaluations.reduce((total, { metrics }) => total + metrics.trainingSeconds / 60, 0);
  return minutes === 0
    ? ''
    : ` Training it anew for every fold of the protocols took ${minutes.toFixed(0)} minutes: ${carbonText(minutes)}.`;
}

function dataSection(manifest: Omit<ModelManifest, 'files'>): string {
  const { corpora: used } = manifest.training;
  const specs = used.map(({ name }) => corpusNamed(name));
  const head = ['corpus', 'language', 'style', 'clips', 'speakers', 'hours', 'licence', 'commercial use', 'tested on'];
  const rows = used.map(({ name, licence, clips, speakers, hours }, index) => [
    name,
    specs[index]?.language ?? '',
    specs[index]?.style ?? '',
    clips,
    speakers,
    hours.toFixed(1),
    licence,
    commercialUse(specs[index]?.nonCommercial),
    specs[index]?.testable ? 'yes' : 'no: trained with only',
  ]);
  const barred = used.filter((_, index) => specs[index]?.nonCommercial).map(({ name }) => name);
  const warning =
    barred.length === 0
      ? 'None of the licences stated here forbids commercial use.'
      : `**The licences of ${barred.join(', ')} forbid commercial use. Whether that reaches a model trained on the recordings is not settled; take this model as for non-commercial use, or train your own without them (\`undertone train\` with the other corpora).** No recording is part of this model.`;
  const named = used.some(({ name }) => name === 'TESS' || name === 'TurEV-DB')
    ? '\n\nTESS has two speakers and one phrase, TurEV-DB single words: they are trained with, and nothing is claimed from them.'
    : '';
  return `${table(head, rows)}\n\n${warning}${named}`;
}

const commercialUse = (barred: boolean | undefined): string =>
  barred === undefined ? 'ask its owner' : barred ? '**not allowed**' : 'allowed';

const corpusName = (id: string): string => corpusOf(id)?.name ?? id;

function figures(report: TrainingReport): [corpus: string, condition: string, of: ClipFigures][] {
  return Object.entries(report.clips).flatMap(([corpus, conditions]) =>
    Object.entries(conditions).map(([condition, of]): [string, string, ClipFigures] => [
      corpusName(corpus),
      condition,
      of,
    ]),
  );
}

function clipTable(report: TrainingReport): string {
  return table(
    ['corpus', 'condition', 'clips', 'speakers', 'classes', 'UA', 'accuracy', 'macro F1', 'weighted F1', 'ECE'],
    figures(report).map(([corpus, condition, of]) => [
      corpus,
      condition,
      of.count,
      of.speakers,
      of.support.filter((count) => count > 0).length,
      `**${percent(of.ua)}**`,
      percent(of.accuracy),
      percent(of.macroF1),
      percent(of.weightedF1),
      of.ece.toFixed(3),
    ]),
  );
}

function classTables(report: TrainingReport): string {
  const clean = figures(report).filter(([, condition]) => condition === 'clean');
  return clean
    .map(([corpus, , of]) => {
      const rows = report.labels.flatMap((label, index) =>
        of.support[index] === 0
          ? []
          : [
              [
                label,
                of.support[index]!,
                percent(of.precision[index]!),
                percent(of.recall[index]!),
                percent(of.f1[index]!),
                ...of.confusion[index]!,
              ],
            ],
      );
      const head = ['', 'clips', 'precision', 'recall', 'F1', ...report.labels.map((label) => `→ ${label}`)];
      return `${corpus} (right of F1: how many of the class were taken for what)\n\n${table(head, rows)}`;
    })
    .join('\n\n');
}

function groupTable(report: TrainingReport): string {
  return table(
    ['corpus', 'UA of women', 'UA of men', 'speaker done worst on', 'speaker done best on'],
    figures(report)
      .filter(([, condition]) => condition === 'clean')
      .map(([corpus, , of]) => [
        corpus,
        percent(of.uaByGender.female ?? Number.NaN),
        percent(of.uaByGender.male ?? Number.NaN),
        percent(of.uaOfSpeakers.lowest),
        percent(of.uaOfSpeakers.highest),
      ]),
  );
}

function streamTable(report: TrainingReport): string {
  return table(
    ['condition', 'windows', 'with a label', 'of those right', 'followed', 'median delay', 'flips a minute'],
    Object.entries(report.streaming).map(([condition, of]) => [
      condition,
      of.windows,
      percent(of.coverage),
      percent(of.accuracy),
      percent(of.followed),
      Number.isFinite(of.medianDelayMs) ? `${(of.medianDelayMs / 1000).toFixed(1)} s` : '–',
      of.flipsPerMinute.toFixed(1),
    ]),
  );
}
