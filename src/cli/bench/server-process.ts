import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { UndertoneError } from '../../errors.ts';
import { packagePath } from '../package.ts';

/** `undertone serve` in a process of its own, on a free port of this machine. */
export class ServerProcess {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;

  static async start(args: readonly string[]): Promise<ServerProcess> {
    const quiet = ['--port', '0', '--log-level', 'error', '--store', 'none'];
    const command = [packagePath('dist/cli/main.js'), 'serve', ...quiet, ...args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit').then(() => {
      throw new UndertoneError('usage', { detail: 'The server did not start.' });
    });
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), exited])) as [string];
    exited.catch(() => {});
    return new ServerProcess(child, line.slice(line.indexOf('ws://')));
  }

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    this.pid = child.pid ?? 0;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}
