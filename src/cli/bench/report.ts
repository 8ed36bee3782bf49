import type { Machine } from './machine.ts';
import { machineLine } from './machine.ts';

/** One measured value. */
export interface Row {
  readonly key: string;
  readonly name: string;
  readonly value: number | string;
  readonly unit: string;
  /** Of two values of one run, so that it can be compared from machine to machine. */
  readonly ratio?: boolean;
}

export function table(title: string, machine: Machine, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
  const lines = rows.map(({ name, value, unit }) => `  ${name.padEnd(width)}${shown(value).padStart(12)} ${unit}`);
  return `${title}\n${machineLine(machine)}\n\n${lines.join('\n')}\n`;
}

function shown(value: number | string): string {
  if (typeof value === 'string') return value;
  return value !== 0 && Math.abs(value) < 100 ? value.toFixed(Math.abs(value) < 1 ? 3 : 2) : value.toFixed(0);
}

export function json(what: string, machine: Machine, rows: readonly Row[]): string {
  const values = Object.fromEntries(rows.map(({ key, value, unit }) => [key, { value, unit }]));
  return `${JSON.stringify({ benchmark: what, machine, values }, null, 2)}\n`;
}
