import { parentPort } from 'node:worker_threads';
import { reportOf } from '../../workers/messages.ts';
import { type ReportJob, workOf } from './job.ts';
import type { WorkAnswer } from './reporter.ts';

// The entry of the thread that makes long reports.

parentPort?.on('message', ({ id, job }: { readonly id: number; readonly job: ReportJob }) => {
  let answer: WorkAnswer;
  try {
    answer = { id, text: workOf(job) };
  } catch (error) {
    answer = { id, error: reportOf(error) };
  }
  parentPort?.postMessage(answer);
});
