import { EMOTIONS } from '../emotions.ts';
import type { Formatter } from './formatter.ts';

const COLUMNS = [
  'file',
  'streamId',
  'channel',
  'channelName',
  'role',
  'seq',
  'startMs',
  'endMs',
  'label',
  'reason',
  'score',
  'confidence',
  'arousal',
  'valence',
  'speechRatio',
  'levelDb',
  'clippedRatio',
  'latencyMs',
] as const;

/**
 * One row per window, RFC 4180 but with plain line feeds. The columns are the same for every model: those above, then the
 * smoothed probabilities (`p_anger` …), the unsmoothed ones (`raw_anger` …), empty for emotions the model does not have, and
 * one (`d_loudness` …) per descriptor asked for.
 */
export function csvFormatter(file: string, descriptors: readonly string[]): Formatter {
  const head = [
    ...COLUMNS,
    ...EMOTIONS.map((emotion) => `p_${emotion}`),
    ...EMOTIONS.map((emotion) => `raw_${emotion}`),
    ...descriptors.map((name) => `d_${name}`),
  ];
  return {
    head: row(head),
    event(event) {
      if (event.type !== 'window') return '';
      return row([
        file,
        event.streamId,
        event.channel,
        event.channelName,
        event.role,
        event.seq,
        event.startMs,
        event.endMs,
        event.label,
        event.reason,
        event.score,
        event.confidence,
        event.arousal,
        event.valence,
        event.speechRatio,
        event.quality.levelDb,
        event.quality.clippedRatio,
        event.latencyMs,
        ...EMOTIONS.map((emotion) => event.probabilities[emotion]),
        ...EMOTIONS.map((emotion) => event.raw[emotion]),
        ...descriptors.map((name) => event.descriptors?.[name]),
      ]);
    },
  };
}

function row(cells: readonly (string | number | null | undefined)[]): string {
  return `${cells.map(cell).join(',')}\n`;
}

function cell(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
