import { inspect } from 'node:util';
import { UndertoneError } from '../errors.ts';

/** Exit statuses: it ran well; it ran and something failed; it was called wrongly; it was interrupted (128 + SIGINT). */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Codes that say the command line asked for what cannot be, whatever the files hold. */
const USAGE_CODES: readonly string[] = [
  'usage',
  'key-required',
  'window-out-of-range',
  'step-out-of-range',
  'unknown-descriptor',
  'unknown-encoding',
  'rules-invalid',
];

/** The sentence to show for anything thrown, and the exit status that goes with it. */
export function failureOf(thrown: unknown): { readonly message: string; readonly status: number } {
  if (thrown instanceof UndertoneError) {
    // `internal` hides its cause from the other side of a socket; here both sides are one person.
    const cause = thrown.code === 'internal' && thrown.cause instanceof Error ? ` (${oneLine(thrown.cause)})` : '';
    const status = USAGE_CODES.includes(thrown.code) ? EXIT.usage : EXIT.failed;
    return { message: thrown.message + cause, status };
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return { message: 'Interrupted.', status: EXIT.interrupted };
  }
  return { message: thrown instanceof Error ? oneLine(thrown) : String(thrown), status: EXIT.failed };
}

function oneLine(error: Error): string {
  return (error.message || error.name).split('\n', 1)[0] ?? '';
}

/** Says on stderr what failed, in one sentence; where `UNDERTONE_TRACE` is set, also where in the code. */
export function complain(message: string, thrown?: unknown): void {
  process.stderr.write(`undertone: ${message}\n`);
  const { UNDERTONE_TRACE } = process.env;
  if (UNDERTONE_TRACE && thrown instanceof Error) process.stderr.write(`${inspect(thrown)}\n`);
}

/** A reader that has seen enough (`undertone analyze … | head`) is no failure: stop quietly when stdout is closed. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    complain(`stdout cannot be written: ${error.message}`);
    process.exit(EXIT.failed);
  });
  // Without a terminal to complain to there is nothing left to say.
  process.stderr.on('error', () => undefined);
}

/** A signal that aborts at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
