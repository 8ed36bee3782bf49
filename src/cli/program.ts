import { Command, CommanderError } from 'commander';
import { alertsCommand } from './alerts.ts';
import { analyzeCommand } from './analyze.ts';
import { benchCommand } from './bench.ts';
import { compareCommand } from './compare.ts';
import { demoCommand } from './demo.ts';
import { evaluateCommand } from './evaluate.ts';
import { complain, EXIT, failureOf } from './exit.ts';
import { packageVersion } from './package.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { trainCommand } from './train.ts';
import { watchCommand } from './watch.ts';

/** The command line; `parse` it with `run`. Commands load what they need only when they run. */
export function program(): Command {
  const root = new Command('undertone')
    .description('Hears how something is said: recordings or live audio in, a timeline of emotions out.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText(
      'after',
      `
Begin with:
  undertone demo                                    a bundled call through a server of its own
  undertone analyze call.wav                        a recording, without a server
  undertone report call.wav --out call.html         a report of a call, to read or print
  undertone serve                                   a server, at ws://127.0.0.1:8790
  undertone replay call.wav --url ws://127.0.0.1:8790
  undertone watch '*' --url ws://127.0.0.1:8790     every live timeline of that server

Exit status: 0 all went well, 1 it ran and something failed, 2 it was called wrongly.
NO_COLOR=1 turns colours off, UNDERTONE_TRACE=1 shows where an error comes from. "undertone COMMAND --help" explains a command, with examples.`,
    );
  for (const command of [
    demoCommand(),
    analyzeCommand(),
    reportCommand(),
    alertsCommand(),
    serveCommand(),
    replayCommand(),
    watchCommand(),
    simulateCommand(),
    trainCommand(),
    evaluateCommand(),
    compareCommand(),
    benchCommand(),
  ])
    root.addCommand(command);
  configure(root);
  return root;
}

/** Usage errors as one sentence, thrown instead of exiting. */
function configure(command: Command): void {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'undertone: ').replace(/\n(?=\()/g, ' ')),
    });
  command.commands.forEach(configure);
}

/** Runs one command line; resolves with the exit status, having said what failed. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...argv]);
    return Number(process.exitCode ?? EXIT.ok);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { message, status } = failureOf(thrown);
    complain(message, thrown);
    return status;
  }
}
