import type { Colors } from 'picocolors/types.js';
import { clock } from '../clock.ts';
import { type CallReport, evidenceText, lengthOf, pairAlerts, type ReportedAlert } from '../exports/index.ts';
import type { AnalysisRequest } from '../protocol/index.ts';
import type { AlertRule } from '../streams/index.ts';
import { rolesOf } from '../streams/index.ts';
import type { AlertsTestOptions } from './alerts.ts';
import { callReport } from './call-report.ts';
import { wholeCall, withCalls } from './calls.ts';
import { runRecordings } from './run-recordings.ts';
import { coloursFor, printable } from './terminal.ts';

/** Shows when rules would have fired on calls; resolves with the exit status. */
export async function testAlerts(
  rules: string,
  files: readonly string[],
  options: AlertsTestOptions,
  request: AnalysisRequest,
  signal: AbortSignal,
): Promise<number> {
  const colours = coloursFor(process.stdout);
  return withCalls(files, { ...options, rules }, request, (calls) => {
    const formatter = (path: string) =>
      wholeCall((events, labels) => {
        const judged = calls.rules(labels) ?? [];
        return `${rows(path, callReport(events, judged, path), judged, colours).join('\n')}\n`;
      });
    const format = { name: 'alerts', ending: '.txt', forPeople: true, formatter };
    return runRecordings(files, { format, settings: calls.settings }, calls.run, signal);
  });
}

function rows(path: string, { call, alerts }: CallReport, rules: readonly AlertRule[], colours: Colors): string[] {
  const sides = call.sides.map(({ name, role }) => (role === 'unknown' ? name : `${name} (${role})`));
  const raised = pairAlerts(alerts);
  const never = rules.filter(({ name }) => !raised.some((alert) => alert.raised.rule === name));
  return [
    `${colours.bold(printable(path))}  ${printable(sides.join(', '))}`,
    ...raised.flatMap((alert) => alertRows(alert, colours)),
    ...never.map((rule) => colours.dim(`${'never'.padStart(9)}   ${printable(rule.name)}${whyNever(rule, call)}`)),
  ];
}

function alertRows({ raised, cleared }: ReportedAlert, colours: Colors): string[] {
  const lasted = cleared === undefined ? '' : `for ${lengthOf(cleared.atMs - raised.atMs)}`;
  const until = cleared?.cause === 'ended' ? ', until the end' : '';
  const evidence = raised.evidence.filter(({ holds }) => holds === true).map(evidenceText);
  return [
    `${colours.bold(clock(raised.atMs).padStart(9))}   ${printable(raised.rule)} (${raised.severity}) ${lasted}${until}`,
    ...evidence.map((text) => `            ${printable(text)}`),
  ];
}

/** Where no side has a role that a rule is about, it cannot fire. */
function whyNever(rule: AlertRule, { sides }: CallReport['call']): string {
  const missing = rolesOf(rule).filter((role) => !sides.some((side) => side.role === role));
  return missing.length === 0 ? '' : `: no side is the ${missing.join(' or the ')}; name them with --channels`;
}
