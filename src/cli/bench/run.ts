import type { Benchmark, BenchOptions } from '../bench.ts';
import { complain, EXIT } from '../exit.ts';
import { stdout } from '../stdout.ts';
import { recordBudgets, regressions } from './budgets.ts';
import { benchFeatures } from './features.ts';
import { benchLoad, findCapacity } from './load.ts';
import { machine } from './machine.ts';
import { benchPipeline } from './pipeline.ts';
import { json, type Row, table } from './report.ts';
import { benchSoak } from './soak.ts';

/** Measures and prints; returns the exit status. */
export async function runBench(what: Benchmark, options: BenchOptions): Promise<number> {
  const here = machine();
  const compared = options.check === true || options.record === true;
  const rows = compared
    ? [...(await benchFeatures(options.audio)), ...(await benchPipeline(options.model, options.audio))]
    : await measure(what, options);
  const title = compared ? 'features, pipeline' : what;
  await stdout.write(options.json ? json(title, here, rows) : table(`undertone bench ${title}`, here, rows));
  if (options.record) await recordBudgets(here, rows);
  if (!options.check) return EXIT.ok;
  const worse = await regressions(rows);
  for (const sentence of worse) complain(`regression: ${sentence}.`);
  return worse.length > 0 ? EXIT.failed : EXIT.ok;
}

function measure(what: Benchmark, options: BenchOptions): Promise<readonly Row[]> {
  switch (what) {
    case 'features':
      return benchFeatures(options.audio);
    case 'pipeline':
      return benchPipeline(options.model, options.audio);
    case 'load':
      return options.findCapacity ? findCapacity(options) : benchLoad(options);
    case 'soak':
      return benchSoak(options);
  }
}
