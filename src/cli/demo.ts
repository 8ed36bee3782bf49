import { Command } from 'commander';
import { interruption } from './exit.ts';
import { type Speed, speed } from './option-parsers.ts';
import { DEFAULT_MODEL } from './package.ts';

export interface DemoOptions {
  readonly model: string;
  readonly speed: Speed;
  readonly out: string;
}

/** `undertone demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .summary('a bundled call through a server of its own')
    .description(
      'Starts a server on a free port, streams a bundled two-sided call through a WebSocket in 20 ms messages, shows the timeline of both sides as it grows, and writes it as timeline.jsonl and timeline.svg.',
    )
    .option('--speed <factor>', 'how many times faster than it was spoken, or max', speed, 1.5)
    .option('--model <dir>', 'the model folder', DEFAULT_MODEL)
    .option('--out <dir>', 'where to write the two files', '.')
    .addHelpText(
      'after',
      `
The voices are synthetic: the demo shows how everything works together, not how well emotions are heard.
For that, take recordings of your own:
  undertone analyze call.wav --channels caller:customer,agent:employee --svg call.svg

Examples:
  undertone demo
  undertone demo --speed max --out /tmp`,
    )
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('./run-demo.ts');
      await runDemo(options, interruption());
    });
}
