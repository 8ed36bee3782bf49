import type { AlertChange, CallMetrics, MoodAverage, SideMetrics } from '../protocol/index.ts';
import { EMOTION_COLOURS, STACK_ORDER } from './emotion-colours.ts';
import { type CallReport, pairAlerts, type ReportedAlert } from './report.ts';
import { REPORT_STYLE } from './report-style.ts';
import { decimal, evidenceText, lengthOf, percentOf, positionOf, signed, timesOf, UNKNOWN } from './report-words.ts';
import { TimelineRecord } from './timeline-record.ts';
import { timelineSvg } from './timeline-svg.ts';
import { escapeXml } from './xml.ts';

/**
 * The report as one HTML file: timeline, figures per side, emotion shares, alerts. It has no script and asks for nothing
 * outside itself (its Content-Security-Policy forbids it), follows light and dark, and prints.
 */
export function reportHtml(report: CallReport): string {
  const { call, metrics, alerts, note } = report;
  const title = report.title ?? call.callId;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(`Call report: ${title}`)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeXml(title)}</h1>
<p class="faint">${escapeXml(subtitle(report))}</p>
${note === undefined ? '' : `<p>${escapeXml(note)}</p>`}
</header>
<main>
${cards(metrics, alerts)}
<h2>Timeline</h2>
<figure>
${figure(report, title)}
</figure>
<h2>Conversation</h2>
${conversation(metrics)}
<h2>Mood</h2>
<div class="sides">
${metrics.sides.map((side) => mood(side)).join('\n')}
</div>
<h2>Alerts</h2>
${alertTable(pairAlerts(alerts))}
${marks(report)}
</main>
<footer>
${footer(report)}
</footer>
</body>
</html>
`;
}

function subtitle({ call }: CallReport): string {
  const sides = call.sides.map(({ name, role }) => (role === 'unknown' || role === name ? name : `${name} (${role})`));
  return [sides.join(' · '), call.streamId].filter((part) => part !== '').join(' · ');
}

function cards(metrics: CallMetrics, alerts: readonly AlertChange[]): string {
  const raised = alerts.filter(({ state }) => state === 'raised').length;
  const firstAnger = metrics.sides.flatMap(({ name, anger }) =>
    anger.firstMs === null ? [] : [{ name, atMs: anger.firstMs, recovered: anger.recovered === true }],
  );
  const [first] = firstAnger.sort((a, b) => a.atMs - b.atMs);
  const entries: readonly (readonly [term: string, value: string, detail: string])[] = [
    ['Length', lengthOf(metrics.durationMs), metrics.missingMs > 0 ? `${lengthOf(metrics.missingMs)} missing` : ''],
    ['Talk', percentOf(metrics.talkRatio), lengthOf(metrics.talkMs)],
    ['Silence', percentOf(metrics.silenceRatio), `longest ${stretch(metrics.longestSilence)}`],
    ['Overtalk', percentOf(metrics.overtalkRatio), `${lengthOf(metrics.overtalkMs)}, ${timesOf(metrics.overtalks)}`],
    first === undefined
      ? ['First anger', UNKNOWN, 'none was heard']
      : ['First anger', positionOf(first.atMs), `${first.name}, ${first.recovered ? 'recovered' : 'not recovered'}`],
    ['Alerts', String(raised), raised === 0 ? 'none was raised' : ''],
  ];
  const items = entries.map(
    ([term, value, detail]) =>
      `<div><dt>${term}</dt><dd>${value}${detail === '' ? '' : `<small>${escapeXml(detail)}</small>`}</dd></div>`,
  );
  return `<dl class="cards">\n${items.join('\n')}\n</dl>`;
}

function figure({ call, alerts }: CallReport, title: string): string {
  const record = new TimelineRecord();
  if (call.model === undefined) {
    // A subscriber never sees `started`; its sides and windows are known all the same.
    record.channels.push(...call.sides.map(({ name, role }) => ({ name, role, windows: [], turns: [] })));
    const windows = call.sides.flatMap((side) => side.windows.slice(0, 100));
    record.windowMs = Math.max(0, ...windows.map(({ startMs, endMs }) => endMs - startMs));
    record.stepMs = windows[0]?.endMs ?? 0;
  }
  for (const event of call.events) if (event.type !== 'alert') record.add(event);
  for (const { raised, cleared } of pairAlerts(alerts)) {
    record.alerts.push({ rule: raised.rule, startMs: raised.atMs, endMs: cleared?.atMs });
  }
  return timelineSvg(record, { title, inline: true });
}

const stretch = (of: CallMetrics['longestSilence']): string =>
  of === null ? UNKNOWN : `${lengthOf(of.endMs - of.startMs)} at ${positionOf(of.startMs)}`;

/** A row of the table of sides: what it is called, and a side's figure. */
type Row = readonly [name: string, of: (side: SideMetrics) => string];

const CONVERSATION: readonly Row[] = [
  ['Talk time', ({ talkMs, talkRatio }) => `${lengthOf(talkMs)} (${percentOf(talkRatio)})`],
  ['Share of all talk', ({ talkShare }) => percentOf(talkShare)],
  ['Turns', ({ turns }) => String(turns)],
  ['Longest turn', ({ longestTurnMs, turns }) => (turns === 0 ? UNKNOWN : lengthOf(longestTurnMs))],
  ['Longest silence', ({ longestSilence }) => stretch(longestSilence)],
  ['Began while another spoke', ({ overlaps }) => timesOf(overlaps)],
  ['Interrupted', ({ interruptions }) => timesOf(interruptions)],
  ['Pause before answering, mean', ({ answers }) => lengthOf(answers.meanMs)],
  ['Pause before answering, longest', ({ answers }) => lengthOf(answers.longestMs)],
  ['Level now, against own first 20 s', ({ voice }) => signed(voice.levelDb.change, 'dB', 1)],
  ['Pitch now, against own first 20 s', ({ voice }) => signed(voice.pitchSemitones.change, 'semitones', 1)],
  ['Syllables per second', ({ voice }) => decimal(voice.syllablesPerSecond.whole, 1)],
];

function conversation({ sides }: CallMetrics): string {
  const head = sides.map(({ name }) => `<th scope="col" class="number">${escapeXml(name)}</th>`).join('');
  const rows = CONVERSATION.map(
    ([name, of]) =>
      `<tr><th scope="row">${name}</th>${sides.map((side) => `<td class="number">${escapeXml(of(side))}</td>`).join('')}</tr>`,
  );
  return `<div class="wide"><table><thead><tr><th></th>${head}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>`;
}

function mood(side: SideMetrics): string {
  const { mood: of, anger } = side;
  const [first, second, third] = of.thirds;
  const parts: readonly (readonly [string, MoodAverage])[] = [
    ['Call', of.whole],
    ['First third', first],
    ['Second third', second],
    ['Last third', third],
    ['Last 30 s', of.recent],
  ];
  const rows = parts.map(
    ([name, average]) =>
      `<tr><th scope="row">${name}</th><td class="number">${signed(average.valence)}</td><td class="number">${signed(average.arousal)}</td><td>${mostOf(average)}</td></tr>`,
  );
  return `<div>
<h3>${escapeXml(side.name)}</h3>
${shares(of.whole)}
<div class="wide"><table><thead><tr><th></th><th scope="col" class="number">Valence</th><th scope="col" class="number">Arousal</th><th scope="col">Most</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>
<p class="faint">Valence ${signed(of.change.valence)} from the first to the last third, ${signed(of.trend.valencePerMinute)} a minute. ${percentOf(of.coverage)} of the time has a label.</p>
<p class="faint">${angerText(anger)}</p>
</div>`;
}

function angerText({ firstMs, episodes, angryMs, recovered, meanRecoveryMs }: SideMetrics['anger']): string {
  if (firstMs === null) return 'No anger was heard.';
  const count = episodes === 1 ? 'one episode' : `${episodes} episodes`;
  const over = recovered === true ? `over after ${lengthOf(meanRecoveryMs)} on average` : 'the last one not over';
  return `Anger first at ${positionOf(firstMs)}: ${count}, ${lengthOf(angryMs)} in all, ${over}.`;
}

function mostOf({ shares }: MoodAverage): string {
  const [most] = Object.entries(shares).sort(([, a], [, b]) => b - a);
  return most === undefined ? UNKNOWN : most[0];
}

/** One bar of the whole length, and every share with its word beside its colour. */
function shares({ shares }: MoodAverage): string {
  const found = STACK_ORDER.flatMap((emotion) => {
    const share = shares[emotion];
    return share === undefined ? [] : [{ emotion, share, colour: EMOTION_COLOURS[emotion] }];
  });
  if (found.length === 0) return '<p class="faint">No emotion was named.</p>';
  let at = 0;
  const boxes = found.map(({ emotion, share, colour }) => {
    const box = `<rect x="${(at * 100).toFixed(3)}" width="${(share * 100).toFixed(3)}" height="6" fill="${colour}"><title>${emotion} ${percentOf(share)}</title></rect>`;
    at += share;
    return box;
  });
  const items = [...found]
    .sort((a, b) => b.share - a.share)
    .map(
      ({ emotion, share, colour }) =>
        `<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="2" fill="${colour}"/></svg>${emotion} ${percentOf(share)}</li>`,
    );
  return `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="shares of emotions">${boxes.join('')}</svg>
<ul class="shares">${items.join('')}</ul>`;
}

const CAUSES = {
  condition: '',
  stale: 'nothing was known of it any more',
  'out-of-range': 'its time range was over',
  ended: 'the call ended',
  'rule-removed': 'its rule was removed',
  interrupted: 'the analysis was interrupted',
} as const;

function alertTable(alerts: readonly ReportedAlert[]): string {
  if (alerts.length === 0) return '<p class="faint">No alert was raised.</p>';
  const rows = alerts.map(({ raised, cleared }) => {
    const cause = cleared?.cause === undefined ? '' : CAUSES[cleared.cause];
    const evidence = raised.evidence
      .filter(({ holds }) => holds !== null)
      .map((one) => `<li>${escapeXml(evidenceText(one))}</li>`);
    return `<tr>
<td>${positionOf(raised.atMs)}</td>
<td>${escapeXml(raised.rule)}</td>
<td><span class="severity ${raised.severity}">${raised.severity}</span></td>
<td>${cleared === undefined ? 'still raised' : lengthOf(cleared.atMs - raised.atMs)}${cause === '' ? '' : `<br><span class="faint">${cause}</span>`}</td>
<td><ul class="evidence">${evidence.join('')}</ul></td>
</tr>`;
  });
  return `<div class="wide"><table class="roomy">
<thead><tr><th scope="col">At</th><th scope="col">Rule</th><th scope="col">Severity</th><th scope="col">Lasted</th><th scope="col">Evidence</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function marks({ call }: CallReport): string {
  if (call.marks.length === 0) return '';
  const rows = call.marks.map(({ name, atMs }) => `<tr><td>${positionOf(atMs)}</td><td>${escapeXml(name)}</td></tr>`);
  return `<h2>Marks</h2>\n<table class="narrow"><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

function footer({ call }: CallReport): string {
  const { model } = call;
  const by = model === undefined ? 'a model' : `the model ${model.name} ${model.version}`;
  return `<p>Emotions are estimated from the voice by ${escapeXml(by)}; they are likely, not certain, and say nothing of what was said. A time without a label was silent, noisy, or not clear enough.</p>
<p>A turn is speech of one side between pauses of 700 ms. An interruption is a turn that began while another side spoke, overlapped with it for 500 ms, and went on when it had ended. An episode of anger is over once 10 s of other labels have followed it. Valence and arousal lie between −1 and 1.</p>`;
}
