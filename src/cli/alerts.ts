import { Command } from 'commander';
import { interruption } from './exit.ts';
import { DEFAULT_MODEL } from './package.ts';
import { type AnalysisArguments, addAnalysisOptions, analysisRequest } from './recording-options.ts';

export interface AlertsTestOptions extends AnalysisArguments {
  readonly model: string;
}

/** `undertone alerts` */
export function alertsCommand(): Command {
  return new Command('alerts')
    .summary('try alert rules on calls')
    .description(
      'Alert rules say when someone should look at a call. examples/rules.yaml of the package shows what they can say.',
    )
    .usage('test <rules> <files...> [options]')
    .helpCommand(false)
    .addCommand(testCommand())
    .addHelpText(
      'after',
      `
Examples:
  undertone alerts test rules.yaml call.wav --channels caller:customer,agent:employee
  undertone alerts test rules.yaml archive/

Rules in force: undertone serve --rules FILE, undertone analyze --rules FILE, undertone report --rules FILE.`,
    );
}

function testCommand(): Command {
  const command = new Command('test')
    .summary('show when rules would have fired')
    .description(
      'Shows when rules would have raised and cleared alerts on these calls, with the evidence, and which never would.',
    )
    .argument('<rules>', 'the rules, YAML or JSON')
    .argument('<files...>', 'recordings, folders, globs; or timelines written before as .jsonl')
    .option('--model <dir>', 'the model folder', DEFAULT_MODEL);
  return addAnalysisOptions(command)
    .addHelpText(
      'after',
      `
A rule:
  rules:
    - name: angry customer
      severity: high
      when: { measure: anger, of: customer, above: 0.6, hysteresis: 0.1 }
      for: 6 s
      cooldown: 1 min

A recording does not say who is the customer: rules on a role need --channels. Trying rules again and again is quickest on a
timeline: undertone analyze call.wav --format jsonl --out call.jsonl.

Examples:
  undertone alerts test rules.yaml call.wav --channels caller:customer,agent:employee
  undertone alerts test rules.yaml call.jsonl`,
    )
    .action(async (rules: string, files: string[], options: AlertsTestOptions) => {
      const { testAlerts } = await import('./test-alerts.ts');
      process.exitCode = await testAlerts(rules, files, options, analysisRequest(options), interruption());
    });
}
