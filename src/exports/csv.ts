import { EMOTIONS } from '../emotions.ts';
import type { WindowEvent } from '../protocol/index.ts';
import type { RecordedCall } from './recorded-call.ts';

type Cell = string | number | null | undefined;

/** The columns of a window, in order, and what stands in them. */
const COLUMNS: readonly (readonly [name: string, cell: (window: WindowEvent) => Cell])[] = [
  ['streamId', ({ streamId }) => streamId],
  ['channel', ({ channel }) => channel],
  ['channelName', ({ channelName }) => channelName],
  ['role', ({ role }) => role],
  ['seq', ({ seq }) => seq],
  ['startMs', ({ startMs }) => startMs],
  ['endMs', ({ endMs }) => endMs],
  ['label', ({ label }) => label],
  ['reason', ({ reason }) => reason],
  ['score', ({ score }) => score],
  ['confidence', ({ confidence }) => confidence],
  ['arousal', ({ arousal }) => arousal],
  ['valence', ({ valence }) => valence],
  ['speechRatio', ({ speechRatio }) => speechRatio],
  ['levelDb', ({ quality }) => quality.levelDb],
  ['clippedRatio', ({ quality }) => quality.clippedRatio],
  ['latencyMs', ({ latencyMs }) => latencyMs],
  ...EMOTIONS.map((emotion) => [`p_${emotion}`, (window: WindowEvent) => window.probabilities[emotion]] as const),
  ...EMOTIONS.map((emotion) => [`raw_${emotion}`, (window: WindowEvent) => window.raw[emotion]] as const),
];

/** The names of a window's columns: the same for every model. Descriptors asked for by name follow as `d_…`. */
export const windowColumns = (descriptors: readonly string[]): readonly string[] => [
  ...COLUMNS.map(([name]) => name),
  ...descriptors.map((name) => `d_${name}`),
];

/** What stands in them; empty for emotions that the model does not have. */
export const windowCells = (window: WindowEvent, descriptors: readonly string[]): readonly Cell[] => [
  ...COLUMNS.map(([, cell]) => cell(window)),
  ...descriptors.map((name) => window.descriptors?.[name]),
];

/** CSV (RFC 4180, with plain line feeds): a row per window, in the order of the events. */
export function callCsv({ events }: RecordedCall): string {
  const windows = events.filter((event) => event.type === 'window');
  const descriptors = [...new Set(windows.flatMap((window) => Object.keys(window.descriptors ?? {})))];
  const rows = windows.map((window) => windowCells(window, descriptors));
  return [windowColumns(descriptors), ...rows].map(csvRow).join('');
}

/** A row with its line feed. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(value: Cell): string {
  const text = value === null || value === undefined ? '' : String(value).replace(/\p{Surrogate}/gu, '\ufffd');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
