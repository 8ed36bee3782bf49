import { readFile, writeFile } from 'node:fs/promises';
import { packagePath } from '../package.ts';
import type { Machine } from './machine.ts';
import type { Row } from './report.ts';

const PATH = packagePath('bench/budgets.json');
/** A ratio that has risen by more than this is a regression. */
const TOLERANCE = 0.15;

interface Budget {
  readonly ratio: number;
  readonly name: string;
}

interface Budgets {
  readonly recordedAt: string;
  readonly machine: string;
  readonly ratios: Readonly<Record<string, Budget>>;
}

const ratiosOf = (rows: readonly Row[]): readonly (Row & { readonly value: number })[] =>
  rows.filter((row): row is Row & { readonly value: number } => row.ratio === true && typeof row.value === 'number');

/** Keeps the ratios as those that later runs are compared with. */
export async function recordBudgets(machine: Machine, rows: readonly Row[]): Promise<void> {
  const ratios = ratiosOf(rows).map(({ key, name, value }) => [key, { ratio: Number(value.toPrecision(3)), name }]);
  const budgets: Budgets = {
    recordedAt: machine.at,
    machine: `${machine.cpu}, Node ${machine.node}`,
    ratios: Object.fromEntries(ratios),
  };
  await writeFile(PATH, `${JSON.stringify(budgets, null, 2)}\n`);
}

/** A sentence for every ratio that has risen by more than 15 % since it was recorded. */
export async function regressions(rows: readonly Row[]): Promise<readonly string[]> {
  const { ratios, recordedAt }: Budgets = JSON.parse(await readFile(PATH, 'utf8'));
  return compare(ratiosOf(rows), ratios, recordedAt.slice(0, 10));
}

export function compare(
  rows: readonly { readonly key: string; readonly value: number }[],
  budgets: Budgets['ratios'],
  since: string,
): readonly string[] {
  return rows.flatMap(({ key, value }) => {
    const budget = budgets[key];
    if (budget === undefined || value <= budget.ratio * (1 + TOLERANCE)) return [];
    const more = Math.round((value / budget.ratio - 1) * 100);
    return [
      `${budget.name.replace('ratio: ', '')} is ${value.toPrecision(3)}, ${more} % above the ${budget.ratio} of ${since}`,
    ];
  });
}
