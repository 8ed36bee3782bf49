import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
export const DEMO_CALL = resolve(import.meta.dirname, '../../examples/demo-call.wav');

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The built command line as a child process, with no terminal. */
export function start(args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
  const { NO_COLOR: _, FORCE_COLOR: __, UNDERTONE_API_KEY: ___, ...env } = process.env;
  // No test keeps calls where its user does.
  const own = { UNDERTONE_STORE: 'none', ...options.env };
  return spawn(process.execPath, [MAIN, ...args], { cwd: options.cwd, env: { ...env, ...own } });
}

export async function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.on('close', (...ended) => done(ended));
  });
  return { status, signal, stdout, stderr };
}

export function undertone(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return outcome(start(args, options));
}

/** Resolves with what stderr or stdout has said once it says this; rejects if the process ends before. */
export function says(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<RegExpExecArray> {
  const said = new Promise<RegExpExecArray>((found, failed) => {
    let text = '';
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) found(match);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('close', () => failed(new Error(`It ended and had not said ${pattern}: ${text}`)));
  });
  // A test that fails before it waits for this should show its own failure.
  said.catch(() => {});
  return said;
}

/** A line of jsonl; what it holds is for the test to say. */
export interface Line {
  readonly type?: string;
  readonly file?: string;
  readonly channel?: number;
  readonly seq?: number;
}

export function jsonLines(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
