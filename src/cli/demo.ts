import { Command } from 'commander';
import { interruption } from './exit.ts';
import { type Speed, speed, wholeNumber } from './option-parsers.ts';
import { DEFAULT_MODEL } from './package.ts';

export interface DemoOptions {
  readonly model: string;
  readonly speed: Speed;
  readonly out: string;
  /** 0: a free one. */
  readonly port: number;
  readonly ui: boolean;
}

/** `undertone demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .summary('a bundled call through a server of its own')
    .description(
      'Starts a server on a free port, streams a bundled two-sided call through a WebSocket in 20 ms messages, live on the dashboard whose address it prints, and writes its timeline as timeline.jsonl and timeline.svg.',
    )
    .option('--speed <factor>', 'how many times faster than it was spoken, or max', speed, 1.5)
    .option('--model <dir>', 'the model folder', DEFAULT_MODEL)
    .option('--out <dir>', 'where to write the two files', '.')
    .option('--port <port>', 'port of the server; 0 for a free one', wholeNumber(0, 65_535), 0)
    .option('--no-ui', 'show the timeline of both sides in the terminal instead, once')
    .addHelpText(
      'after',
      `
The voices are synthetic: the demo shows how everything works together, not how well emotions are heard.
In a terminal the call is played on the dashboard again and again until Ctrl-C, otherwise once. For how well emotions
are heard take recordings of your own:
  undertone analyze call.wav --channels caller:customer,agent:employee --svg call.svg

Examples:
  undertone demo
  undertone demo --no-ui
  undertone demo --no-ui --speed max --out /tmp`,
    )
    .action(async (options: DemoOptions) => {
      const signal = interruption();
      if (options.ui) await (await import('./demo-desk.ts')).runDemoDesk(options, signal);
      else await (await import('./run-demo.ts')).runDemo(options, signal);
    });
}
