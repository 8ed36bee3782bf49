import { csvRow, windowCells, windowColumns } from '../exports/index.ts';
import { meydaValueNames } from '../features/index.ts';
import type { Formatter } from './formatter.ts';

/** The rows of an exported CSV, with the recording in front. */
export function csvFormatter(file: string, descriptors: readonly string[]): Formatter {
  const names = meydaValueNames(descriptors);
  return {
    head: csvRow(['file', ...windowColumns(names)]),
    event: (event) => (event.type === 'window' ? csvRow([file, ...windowCells(event, names)]) : ''),
  };
}
