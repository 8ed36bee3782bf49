import { Argument, Command } from 'commander';
import { encoding, wholeNumber } from './option-parsers.ts';
import { DEFAULT_MODEL, packagePath } from './package.ts';

export const BENCHMARKS = ['features', 'pipeline', 'load', 'soak'] as const;
export type Benchmark = (typeof BENCHMARKS)[number];

export interface BenchOptions {
  readonly model: string;
  readonly audio: string;
  readonly legs: number;
  readonly seconds: number;
  readonly codec: 'mulaw' | 'alaw' | 'pcm_s16le' | 'pcm_s24le' | 'pcm_f32le';
  readonly workers?: number;
  readonly batchSize?: number;
  readonly batchWaitMs?: number;
  readonly stepMs?: number;
  readonly findCapacity?: boolean;
  readonly json?: boolean;
  readonly check?: boolean;
  readonly record?: boolean;
}

/** `undertone bench` */
export function benchCommand(): Command {
  return new Command('bench')
    .summary('measure what it costs on this machine')
    .description('Measures the parts, the pipeline, and a server under load; prints the machine and its load too.')
    .addArgument(new Argument('[what]', 'what to measure').choices(BENCHMARKS).default('pipeline'))
    .option('--model <dir>', 'the model folder', DEFAULT_MODEL)
    .option('--audio <file>', 'a recording of speech', packagePath('examples/demo-call.wav'))
    .option('--legs <n>', 'load, soak: channels at once', wholeNumber(1, 10_000), 100)
    .option('--seconds <s>', 'load, soak: for how long, after everybody has connected', wholeNumber(5, 86_400), 30)
    .option('--codec <encoding>', 'load: of the legs, at 8 kHz', encoding, 'mulaw')
    .option('--workers <n>', 'load, soak: threads of the server (default: its own)', wholeNumber(0, 64))
    .option('--batch-size <n>', 'load: of the server, as in serve', wholeNumber(1, 1_024))
    .option('--batch-wait-ms <ms>', 'load: of the server, as in serve', wholeNumber(0, 1_000))
    .option('--step-ms <ms>', "load: from one window to the next (default: the model's)", wholeNumber(100, 10_000))
    .option(
      '--find-capacity',
      'load: the most legs that hold a p99 lag of 250 ms without a gap; --legs is where it begins',
    )
    .option(
      '--check',
      'compare with bench/budgets.json: exit status 1 where a ratio is 15 % above the last recorded one',
    )
    .option('--record', 'write the ratios to bench/budgets.json')
    .option('--json', 'everything that was measured, as JSON')
    .addHelpText(
      'after',
      `
features   what a hop costs, beside Meyda's extract()
pipeline   what a second of audio costs, by stage, by step and by window; how fast a recording is analysed
load       a server in a process of its own, and legs from another: 20 ms frames with jitter over real sockets
soak       legs that come and go, some of them badly behaved: memory, open handles, errors in the timelines

Lag is from the sending of the packet that completed a window to the receipt of its event. Only this machine is measured,
through its loopback interface. Close what else runs: a busy machine is a slow one.

Examples:
  undertone bench features
  undertone bench pipeline --json
  undertone bench load --legs 250 --seconds 300
  undertone bench load --find-capacity --legs 100 --seconds 20
  undertone bench soak --legs 50 --seconds 600
  undertone bench --check`,
    )
    .action(async (what: Benchmark, options: BenchOptions) => {
      const { runBench } = await import('./bench/run.ts');
      process.exitCode = await runBench(what, options);
    });
}
