import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { packageVersion } from '../package.ts';

/** On what a measurement was made: without it a number says nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  /** Of the last minute, before the measurement. */
  readonly load: number;
  readonly node: string;
  readonly v8: string;
  readonly undertone: string;
  readonly at: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    node: process.version,
    v8: process.versions.v8,
    undertone: packageVersion(),
    at: new Date().toISOString(),
  };
}

export const machineLine = ({ cpu, cores, memoryGb, load, node, undertone }: Machine): string =>
  `${cpu}, ${cores} cores, ${memoryGb} GB, load ${load}; Node ${node}, undertone ${undertone}` +
  (load > 0.7 * cores ? '\nThe machine is busy: take the ratios, not the times.' : '');
