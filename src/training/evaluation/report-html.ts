import { escapeXml } from '../../exports/index.ts';
import type { Interval } from './bootstrap.ts';
import type { NamedFigure } from './figures/all-figures.ts';
import { protocols } from './protocols.ts';
import type { ConditionMetrics, EvaluationMetrics } from './summary.ts';

/**
 * An evaluation as one HTML file: figures, tables, how it was measured, and the command that measures it again. It has no script
 * and asks for nothing outside itself (its Content-Security-Policy forbids it).
 */
export function evaluationHtml(
  metrics: EvaluationMetrics,
  figures: readonly NamedFigure[],
  command: string | undefined,
): string {
  const title = `${metrics.subject} by ${metrics.protocol}`;
  const [first] = Object.entries(metrics.conditions);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeXml(title)}</h1>
<p class="faint">${escapeXml(protocols[metrics.protocol].text)}</p>
${metrics.complete ? '' : '<p class="warning">Not all folds of the protocol are in it: its figures cannot be compared with others.</p>'}
${missing(metrics)}
</header>
<main>
${first === undefined ? '' : cards(first[0], first[1], metrics)}
<h2>Conditions</h2>
${conditionTable(metrics)}
<h2>Folds</h2>
${unitTable(metrics)}
${figures.map(({ svg }) => `<figure>\n${svg}</figure>`).join('\n')}
${first === undefined ? '' : `<h2>Classes, ${escapeXml(first[0])}</h2>\n${classTable(first[1])}\n<h2>Speakers, ${escapeXml(first[0])}</h2>\n${speakerTable(first[1])}`}
<h2>How it was measured</h2>
${method(metrics)}
${command === undefined ? '' : `<h2>The command that measures it again</h2>\n<pre>${escapeXml(command)}</pre>`}
</main>
</body>
</html>
`;
}

function missing({ conditions }: EvaluationMetrics): string {
  return Object.entries(conditions)
    .filter(([, of]) => of.missing > 0)
    .map(([name, of]) => `<p class="warning">${escapeXml(name)}: ${of.missing} test clips have no prediction.</p>`)
    .join('\n');
}

const percent = (share: number): string => (Number.isFinite(share) ? (100 * share).toFixed(1) : '–');
const range = ({ low, high }: Interval): string => `${percent(low)}–${percent(high)}`;
const cell = (content: string | number, numeric = true): string =>
  `<td${numeric ? ' class="number"' : ''}>${typeof content === 'number' ? content : escapeXml(content)}</td>`;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const heads = head.map(
    (word, index) => `<th scope="col"${index > 0 ? ' class="number"' : ''}>${escapeXml(word)}</th>`,
  );
  const body = rows.map((row) => `<tr>${row.map((value, index) => cell(value, index > 0)).join('')}</tr>`);
  return `<div class="wide"><table><thead><tr>${heads.join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function cards(condition: string, of: ConditionMetrics, { labels }: EvaluationMetrics): string {
  const entries: readonly (readonly [term: string, value: string, detail: string])[] = [
    [`UA, ${condition}`, `${percent(of.ua.value)} %`, `95 %: ${range(of.ua)}; chance ${percent(1 / labels.length)}`],
    ['Accuracy', `${percent(of.pooled.accuracy.value)} %`, `95 %: ${range(of.pooled.accuracy)}`],
    ['Macro F1', `${percent(of.pooled.macroF1.value)} %`, `95 %: ${range(of.pooled.macroF1)}`],
    [
      'Calibration error',
      of.pooled.ece.value.toFixed(3),
      `95 %: ${of.pooled.ece.low.toFixed(3)}–${of.pooled.ece.high.toFixed(3)}`,
    ],
    [
      'Clips, speakers',
      `${Math.round(of.clips)}, ${of.speakers.length}`,
      `UA of speakers ${percent(of.speakerSpread.lowest)}–${percent(of.speakerSpread.highest)}`,
    ],
  ];
  return `<dl class="cards">${entries.map(([term, value, detail]) => `<div><dt>${escapeXml(term)}</dt><dd>${escapeXml(value)}<small>${escapeXml(detail)}</small></dd></div>`).join('')}</dl>`;
}

function conditionTable({ conditions }: EvaluationMetrics): string {
  const head = [
    '',
    'UA',
    '95 %',
    'UA, pooled',
    'accuracy',
    'macro precision',
    'macro F1',
    'weighted F1',
    'women',
    'men',
    'ECE',
  ];
  const rows = Object.entries(conditions).map(([name, of]) => [
    name,
    percent(of.ua.value),
    range(of.ua),
    percent(of.pooled.ua.value),
    percent(of.pooled.accuracy.value),
    percent(of.pooled.macroPrecision.value),
    percent(of.pooled.macroF1.value),
    percent(of.pooled.weightedF1.value),
    ...['female', 'male'].map((gender) =>
      percent(of.genders.find((one) => one.gender === gender)?.ua.value ?? Number.NaN),
    ),
    of.pooled.ece.value.toFixed(3),
  ]);
  return table(head, rows);
}

function unitTable({ conditions, folds, seeds }: EvaluationMetrics): string {
  const names = Object.keys(conditions);
  const [first] = Object.values(conditions);
  const units = (first?.uaByUnit ?? []).map(({ unit, clips }) => [
    unit,
    Math.round(clips),
    ...Object.values(conditions).flatMap((of) => {
      const own = of.uaByUnit.find((one) => one.unit === unit);
      return own === undefined ? ['–', '–'] : [percent(own.ua.value), range(own.ua)];
    }),
  ]);
  const trained = folds.map(({ fold, seed, clips, speakers, settings, temperature, trainingSeconds }) => [
    fold,
    seed,
    clips.train,
    clips.validation,
    speakers.validation.join(', ') || '–',
    Object.entries(settings)
      .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
      .join(', ') || '–',
    temperature.toFixed(2),
    `${(trainingSeconds / 60).toFixed(1)} min`,
  ]);
  return [
    table(['', 'clips', ...names.flatMap((name) => [`UA, ${name}`, '95 %'])], units),
    `<p>${seeds.length === 1 ? '' : `UA by seed, ${names[0]}: ${(first?.uaBySeed ?? []).map(({ seed, ua }) => `${seed}: ${percent(ua)}`).join(', ')}.`}</p>`,
    `<details><summary>What each fold was trained with</summary>${table(['fold', 'seed', 'clips trained with', 'of validation', 'speakers of validation', 'settings', 'temperature', 'training'], trained)}</details>`,
  ].join('\n');
}

function classTable({ classes }: ConditionMetrics): string {
  return table(
    ['', 'clips', 'precision', '95 %', 'recall', '95 %', 'F1', '95 %'],
    classes.map(({ label, support, precision, recall, f1 }) => [
      label,
      Math.round(support),
      ...[precision, recall, f1].flatMap((of) => [percent(of.value), range(of)]),
    ]),
  );
}

function speakerTable({ speakers, speakerSpread: spread }: ConditionMetrics): string {
  const summary = `UA of the speakers: mean ${percent(spread.mean)}, standard deviation ${percent(spread.deviation)}, quartiles ${percent(spread.lowerQuartile)}, ${percent(spread.median)}, ${percent(spread.upperQuartile)}.`;
  const rows = speakers.map(({ speaker, gender, clips, ua, accuracy }) => [
    speaker,
    gender || '–',
    Math.round(clips),
    percent(ua),
    percent(accuracy),
  ]);
  return `<p>${summary}</p><details><summary>Each of them</summary>${table(['', 'gender', 'clips', 'UA', 'accuracy'], rows)}</details>`;
}

function method({
  retrained,
  parameters,
  trainedIn,
  trainingSeconds,
  bootstrap,
  seeds,
  labels,
}: EvaluationMetrics): string {
  const training = retrained
    ? `Trained anew for each fold, with ${trainedIn.join(', ')} clips; settings and the temperature come from speakers of the training part who are held out, after which it is trained with them too. Training took ${(trainingSeconds / 60).toFixed(0)} minutes in all.`
    : 'A finished model, with the temperature of its manifest; its training has heard none of the test speakers.';
  return `<p>${escapeXml(training)} ${parameters.toLocaleString('en')} parameters. Seeds: ${seeds.join(', ')}. Classes: ${labels.join(', ')}.</p>
<p>Each clip is a stream that starts anew, heard by the streaming engine itself; its decision is the mean of its windows’ probabilities, weighted by the speech in them, without abstention. UA is the unweighted average recall. Intervals are percentiles of ${bootstrap.resamples.toLocaleString('en')} bootstrap resamples of speakers (95 %), seeded. The calibration error (ECE) has ten bins, over all test clips. Every number follows from the folder predictions; <code>undertone evaluate --check</code> recomputes them.</p>`;
}

const STYLE = `
:root { color-scheme: light; --ink: #1f2933; --faint: #52606d; --line: #d8dee6; --card: #f5f7fa; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 66rem; background: #fff; color: var(--ink); font: 15px/1.5 system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.1rem; margin: 2.4rem 0 .6rem; }
p { margin: .4rem 0; max-width: 52rem; }
.faint { color: var(--faint); }
.warning { color: #b42318; font-weight: 600; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .7rem; margin: 1.4rem 0 0; }
.cards div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.cards dt { color: var(--faint); font-size: .85rem; }
.cards dd { margin: 0; font-size: 1.35rem; font-weight: 600; }
.cards dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--faint); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; min-width: 30rem; }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { color: var(--faint); font-weight: 600; font-size: .85rem; }
td.number, th.number { text-align: right; }
figure { margin: 2rem 0 0; overflow-x: auto; border: 1px solid var(--line); border-radius: .6rem; }
figure svg { display: block; margin: 0 auto; max-width: 100%; height: auto; }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--faint); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { figure, tr { break-inside: avoid; } h2 { break-after: avoid; } }
`;
