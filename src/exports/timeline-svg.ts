import { clock, clockSeconds } from '../clock.ts';
import { EMOTIONS, type Emotion } from '../emotions.ts';
import type { Probabilities } from '../protocol/index.ts';
import { EMOTION_COLOURS, STACK_ORDER } from './emotion-colours.ts';
import type { RecordedChannel, RecordedWindow, TimelineRecord } from './timeline-record.ts';
import { escapeXml } from './xml.ts';

const WIDTH = 1200;
const LEFT = 132;
const RIGHT = 28;
const HEADER = 116;
/** The part of it that is a heading, above the legend. */
const HEADING = 66;
const RIBBON = 24;
const AREA = 132;
const SPEECH = 10;
const PANEL = RIBBON + AREA + SPEECH + 12;
const PANEL_GAP = 34;
const FOOTER = 74;
const LANE = 20;
const LANE_GAP = 14;
/** Rules that a figure has room for. */
const MAX_ALERT_LANES = 8;
/** Fills and strokes with a class beside them, so that a style sheet around an inline figure can give it other inks. */
const INK = 'fill="#1F2933"';
const FAINT = 'class="faint" fill="#616E7C"';
const FAINT_LINE = 'class="faint-line" stroke="#616E7C"';
const PAPER = 'class="paper" fill="#FFFFFF"';
const PANEL_FILL = 'class="panel" fill="#F8F9FB"';
const GRID = 'class="grid" stroke="#CBD2D9"';
const MOMENT = 'class="moment" stroke="#1F2933"';
const SPEECH_SHADE = 'class="shade" fill="#DCE4EE"';
const ALERT = 'class="alert" fill="#B42318"';
const SPEECH_INK = 'class="speech" fill="#52606D"';
/** On an emotion's colour. */
const LABEL = { dark: 'fill="#1F2933"', light: 'fill="#FFFFFF"' };
/** More points a channel than pixels only make the file large; neighbours are averaged beyond this. */
const MAX_POINTS = 1200;

export interface FigureText {
  readonly title: string;
  /** A sentence under the figure, on the right. */
  readonly note?: string;
  /** Without its heading, for a page that has one. */
  readonly inline?: boolean;
}

/**
 * The timeline as an SVG document: per channel a ribbon of labels, the smoothed probabilities as stacked areas, and the
 * speech that was heard, shaded. A point lies where its window ends, since no window looks ahead; where a window holds
 * silence or noise nothing is drawn.
 */
export function timelineSvg(record: TimelineRecord, text: FigureText): string {
  const durationMs = Math.max(record.durationMs, 1);
  const rules = [...new Set(record.alerts.map(({ rule }) => rule))].slice(0, MAX_ALERT_LANES);
  const lanesTop = HEADER + record.channels.length * (PANEL + PANEL_GAP) - PANEL_GAP + LANE_GAP;
  const height = lanesTop - LANE_GAP + (rules.length > 0 ? LANE_GAP + rules.length * LANE : 0) + FOOTER;
  const axisY = height - FOOTER + 8;
  const top = text.inline === true ? HEADING : 0;
  const x: Scale = (ms) => LEFT + (Math.min(ms, durationMs) / durationMs) * (WIDTH - LEFT - RIGHT);
  const panels = record.channels.map((channel, index) =>
    panel(channel, HEADER + index * (PANEL + PANEL_GAP), x, record.stepMs),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 ${top} ${WIDTH} ${height - top}" width="${WIDTH}" height="${height - top}" role="img" aria-labelledby="title description" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13" ${INK}>`,
    `<title id="title">${escapeXml(`Emotion timeline of ${text.title}`)}</title>`,
    `<desc id="description">${escapeXml(description(record))}</desc>`,
    `<rect width="${WIDTH}" height="${height}" ${PAPER}/>`,
    text.inline === true ? '' : heading(text.title),
    legend(record),
    ...panels,
    ...rules.map((rule, index) => alertLane(record, rule, lanesTop + index * LANE, x)),
    moments(record, x, axisY),
    axis(durationMs, x, axisY),
    footer(record, text.note, height),
    '</svg>',
    '',
  ]
    .filter((line, index, lines) => line !== '' || index === lines.length - 1)
    .join('\n');
}

type Scale = (ms: number) => number;

function heading(title: string): string {
  return [
    `<text x="${LEFT}" y="38" font-size="22" font-weight="600">${escapeXml(shorten(title, 80))}</text>`,
    `<text x="${LEFT}" y="60" ${FAINT}>smoothed probability of each emotion, and the label it gives, on every channel</text>`,
  ].join('\n');
}

function legend(record: TimelineRecord): string {
  const emotions = STACK_ORDER.filter((emotion) => (record.model?.labels ?? EMOTIONS).includes(emotion)).toReversed();
  let at = LEFT;
  const entry = (swatch: string, word: string): string => {
    const item = `<g transform="translate(${at} 74)">${swatch}<text x="20" y="12">${word}</text></g>`;
    at += 20 + word.length * 7.2 + 22;
    return item;
  };
  return [
    ...emotions.map((emotion) =>
      entry(`<rect width="14" height="14" rx="3" fill="${EMOTION_COLOURS[emotion]}"/>`, emotion),
    ),
    entry(
      `<rect width="14" height="14" rx="3" ${SPEECH_SHADE}/><rect y="10" width="14" height="4" rx="2" ${SPEECH_INK}/>`,
      'speech',
    ),
  ].join('\n');
}

function panel(channel: RecordedChannel, top: number, x: Scale, stepMs: number): string {
  const areaTop = top + RIBBON + 4;
  const areaBottom = areaTop + AREA;
  const right = WIDTH - RIGHT;
  const shade = channel.turns.map(
    ({ startMs, endMs }) =>
      `<rect x="${n(x(startMs))}" y="${top}" width="${n(x(endMs) - x(startMs))}" height="${PANEL}" ${SPEECH_SHADE}/>`,
  );
  const spoken = channel.turns.map(
    ({ startMs, endMs }) =>
      `<rect x="${n(x(startMs))}" y="${areaBottom + 5}" width="${n(Math.max(1, x(endMs) - x(startMs)))}" height="${SPEECH}" rx="3" ${SPEECH_INK}><title>speech ${clock(startMs)} to ${clock(endMs)}</title></rect>`,
  );
  const grid = [0, 0.5, 1].map((share) => {
    const y = n(areaBottom - share * AREA);
    return `<line x1="${LEFT}" x2="${right}" y1="${y}" y2="${y}" ${GRID} stroke-width="${share === 0.5 ? 0.5 : 1}"/><text x="${LEFT - 8}" y="${y}" dy="4" text-anchor="end" font-size="11" ${FAINT}>${share * 100} %</text>`;
  });
  const role = channel.role === 'unknown' ? '' : channel.role;
  return [
    `<g><title>${escapeXml(channel.name)}</title>`,
    `<rect x="${LEFT}" y="${top}" width="${right - LEFT}" height="${PANEL}" ${PANEL_FILL}/>`,
    ...shade,
    `<text x="20" y="${top + 17}" font-size="15" font-weight="600">${escapeXml(shorten(channel.name, 12))}</text>`,
    role === '' || role === channel.name ? '' : `<text x="20" y="${top + 35}" font-size="12" ${FAINT}>${role}</text>`,
    `<text x="${LEFT - 8}" y="${areaBottom + 14}" text-anchor="end" font-size="11" ${FAINT}>speech</text>`,
    ...grid.slice(0, 1),
    ...areas(channel.windows, x, areaBottom, stepMs),
    ...grid.slice(1),
    ...ribbon(channel.windows, x, top, stepMs),
    ...spoken,
    '</g>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

const hasSpeech = (window: RecordedWindow): boolean => window.reason !== 'silence' && window.reason !== 'noise';

/** One path per emotion; it starts anew after every window without speech. */
function areas(windows: readonly RecordedWindow[], x: Scale, bottom: number, stepMs: number): string[] {
  const points = thinned(windows);
  const spread = Math.ceil(windows.length / Math.max(1, points.length)) * stepMs;
  const runs: RecordedWindow[][] = [];
  points.forEach((window, index) => {
    if (!hasSpeech(window)) return;
    const before = points[index - 1];
    if (before === undefined || !hasSpeech(before)) runs.push([]);
    runs.at(-1)?.push(window);
  });
  return STACK_ORDER.flatMap((emotion, depth) => {
    const below = STACK_ORDER.slice(0, depth);
    const path = runs.map((run) => runPath(run, emotion, below, x, bottom, spread)).join('');
    return path === '' ? [] : [`<path d="${path}" fill="${EMOTION_COLOURS[emotion]}"><title>${emotion}</title></path>`];
  });
}

/** The outline of one emotion's area over one run of windows, from the start of the step that the first one ends. */
function runPath(
  run: readonly RecordedWindow[],
  emotion: Emotion,
  below: readonly Emotion[],
  x: Scale,
  bottom: number,
  spreadMs: number,
): string {
  const sum = (probabilities: Probabilities): number =>
    below.reduce((total, other) => total + (probabilities[other] ?? 0), 0);
  const points = run.flatMap((window, index) => {
    const low = sum(window.probabilities);
    const high = low + (window.probabilities[emotion] ?? 0);
    const at = { low: n(bottom - low * AREA), high: n(bottom - high * AREA) };
    const ends = { x: n(x(window.endMs)), ...at };
    return index === 0 ? [{ x: n(x(Math.max(0, window.endMs - spreadMs))), ...at }, ends] : [ends];
  });
  if (points.every((point) => point.low === point.high)) return '';
  const upper = points.map((point) => `${point.x} ${point.high}`).join('L');
  const lower = points
    .toReversed()
    .map((point) => `${point.x} ${point.low}`)
    .join('L');
  return `M${upper}L${lower}Z`;
}

/** At most MAX_POINTS windows: means of neighbours that all hold speech, or a neighbour that does not. */
function thinned(windows: readonly RecordedWindow[]): readonly RecordedWindow[] {
  const size = Math.ceil(windows.length / MAX_POINTS);
  if (size <= 1) return windows;
  return Array.from({ length: Math.ceil(windows.length / size) }, (_, index) => {
    const group = windows.slice(index * size, (index + 1) * size);
    const spoken = group.filter(hasSpeech);
    const last = group.at(-1) as RecordedWindow;
    if (spoken.length * 2 < group.length) return { ...last, label: 'unknown', reason: 'silence' };
    const mean = (emotion: Emotion): number =>
      spoken.reduce((total, window) => total + (window.probabilities[emotion] ?? 0), 0) / spoken.length;
    const probabilities = Object.fromEntries(EMOTIONS.map((emotion) => [emotion, mean(emotion)]));
    return { ...last, reason: undefined, probabilities };
  });
}

/** Stretches of one label, with the word where there is room for it. */
function ribbon(windows: readonly RecordedWindow[], x: Scale, top: number, stepMs: number): string[] {
  const stretches: { label: Emotion | 'unknown'; startMs: number; endMs: number }[] = [];
  for (const { label, endMs } of windows) {
    const last = stretches.at(-1);
    if (last?.label === label) last.endMs = endMs;
    else stretches.push({ label, startMs: last?.endMs ?? Math.max(0, endMs - stepMs), endMs });
  }
  return stretches.flatMap(({ label, startMs, endMs }) => {
    if (label === 'unknown') return [];
    const left = x(startMs);
    const width = x(endMs) - left;
    const box = `<rect x="${n(left)}" y="${top}" width="${n(width)}" height="${RIBBON}" rx="4" fill="${EMOTION_COLOURS[label]}" class="label" stroke="#FFFFFF"><title>${label} ${clock(startMs)} to ${clock(endMs)}</title></rect>`;
    if (width < label.length * 6.8 + 8) return [box];
    const ink = label === 'sadness' ? LABEL.light : LABEL.dark;
    return [
      box,
      `<text x="${n(left + width / 2)}" y="${top + 16}" text-anchor="middle" font-size="12" ${ink} pointer-events="none">${label}</text>`,
    ];
  });
}

/** When the alerts of one rule were raised. */
function alertLane(record: TimelineRecord, rule: string, top: number, x: Scale): string {
  const bars = record.alerts
    .filter((alert) => alert.rule === rule)
    .map(({ startMs, endMs = record.durationMs }) => {
      const width = n(Math.max(3, x(endMs) - x(startMs)));
      return `<rect x="${n(x(startMs))}" y="${top + 5}" width="${width}" height="10" rx="3" ${ALERT}><title>${escapeXml(rule)} ${clock(startMs)} to ${clock(endMs)}</title></rect>`;
    });
  const name = `<text x="${LEFT - 8}" y="${top + 14}" text-anchor="end" font-size="11">${escapeXml(shorten(rule, 19))}</text>`;
  const line = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${top + 10}" y2="${top + 10}" ${GRID} stroke-width="0.5"/>`;
  return `<g><title>${escapeXml(`alert ${rule}`)}</title>${line}${bars.join('')}${name}</g>`;
}

function moments(record: TimelineRecord, x: Scale, axisY: number): string {
  return record.moments
    .map(({ atMs, text }) => {
      const at = n(x(atMs));
      return `<g><line x1="${at}" x2="${at}" y1="${HEADER - 8}" y2="${axisY}" ${MOMENT} stroke-dasharray="3 3"/><text x="${at}" y="${HEADER - 12}" text-anchor="middle" font-size="11">${escapeXml(shorten(text, 30))}</text></g>`;
    })
    .join('\n');
}

const TICK_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600] as const;

function axis(durationMs: number, x: Scale, y: number): string {
  const seconds = durationMs / 1000;
  const step = TICK_STEPS_S.find((candidate) => seconds / candidate <= 12) ?? Math.ceil(seconds / 12 / 3600) * 3600;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step * 1000);
  return [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" ${FAINT_LINE}/>`,
    ...ticks.map((ms) => {
      const at = n(x(ms));
      return `<line x1="${at}" x2="${at}" y1="${y}" y2="${y + 6}" ${FAINT_LINE}/><text x="${at}" y="${y + 21}" text-anchor="middle" font-size="12" ${FAINT}>${clockSeconds(ms)}</text>`;
    }),
    `<text x="${LEFT - 24}" y="${y + 21}" text-anchor="end" font-size="11" ${FAINT}>min:s</text>`,
  ].join('\n');
}

function footer(record: TimelineRecord, note: string | undefined, height: number): string {
  const { model, windowMs, stepMs } = record;
  const made = `each point: the ${windowMs / 1000} s window that ends there, every ${stepMs / 1000} s${model === undefined ? '' : ` · model ${model.name} ${model.version}`}`;
  const lines = [
    `<text x="${LEFT}" y="${height - 16}" font-size="12" ${FAINT}>${escapeXml(made)}</text>`,
    note === undefined
      ? ''
      : `<text x="${WIDTH - RIGHT}" y="${height - 16}" text-anchor="end" font-size="12" ${FAINT}>${escapeXml(note)}</text>`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function description(record: TimelineRecord): string {
  const channels = record.channels.map(({ name, windows }) => {
    const counts = new Map<string, number>();
    for (const { label } of windows) counts.set(label, (counts.get(label) ?? 0) + 1);
    const [most] = [...counts].filter(([label]) => label !== 'unknown').sort(([, a], [, b]) => b - a);
    return `${name}: ${most === undefined ? 'no emotion named' : `mostly ${most[0]}`}`;
  });
  return `${clock(record.durationMs)} of audio. ${channels.join('; ')}.`;
}

/** A coordinate to a tenth of a pixel. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
