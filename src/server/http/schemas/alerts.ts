import * as z from 'zod';
import type { AlertChange, CallAlert, FloorAlert } from '../../../protocol/index.ts';
import {
  type Agrees,
  alertAction,
  clearCause,
  comparison,
  count,
  label,
  moment,
  ms,
  name,
  severity,
  text,
  time,
} from './common.ts';

const amount = z.union([z.number(), label]);

const evidence = z
  .object({
    measure: z.string(),
    comparison,
    threshold: amount,
    value: amount.nullable(),
    holds: z.boolean().nullable(),
    channel: count.exactOptional(),
    channelName: z.string().exactOptional(),
  })
  .meta({ id: 'AlertEvidence', description: 'One comparison of a rule, as it stood when the alert changed.' });

const change = {
  rule: z.string(),
  severity,
  atMs: ms,
  sinceMs: ms,
  cause: clearCause.exactOptional(),
  evidence: z.array(evidence),
};

export const alertChange = z
  .object({ ...change, state: z.enum(['raised', 'cleared']) })
  .meta({ id: 'AlertChange', description: 'A rule raised or cleared.' });

const handled = {
  takenBy: z.string().nullable(),
  acknowledged: z.boolean(),
  wrong: z.boolean(),
  snoozedUntil: time.nullable(),
};

const handling = z
  .object({
    action: alertAction,
    by: z.string(),
    at: time,
    until: time.exactOptional(),
    note: z.string().exactOptional(),
  })
  .meta({ id: 'AlertHandling' });

export const callAlert = z
  .object({
    ...change,
    alertId: z.string(),
    callId: z.string(),
    streamId: z.string(),
    raisedAt: time,
    clearedMs: ms.nullable(),
    handling: z.array(handling),
    ...handled,
  })
  .meta({ id: 'CallAlert', description: 'An alert from its raise to its clear, and what supervisors did with it.' });

export const floorAlert = z
  .object({ alertId: z.string(), rule: z.string(), severity, sinceMs: ms, ...handled })
  .meta({ id: 'FloorAlert' });

/** What a supervisor does. */
export const alertRequest = z.strictObject({
  action: alertAction,
  by: name.optional().meta({ description: 'Or in the header X-Undertone-By.' }),
  until: moment.exactOptional().meta({ description: 'Of snooze: until when it is quiet.' }),
  note: text(1_000).exactOptional(),
});

export const alertParams = z.object({
  alertId: text(300).meta({ description: 'STREAM:CURSOR of the event that raised it.' }),
});

const agreement: readonly [
  Agrees<typeof alertChange, AlertChange>,
  Agrees<typeof callAlert, CallAlert>,
  Agrees<typeof floorAlert, FloorAlert>,
] = [true, true, true];
void agreement;
