import * as z from 'zod';
import type {
  AuditEntry,
  DeskSettings,
  FloorChanges,
  FloorSnapshot,
  RulesTest,
  RulesText,
} from '../../../protocol/index.ts';
import { alertChange, floorAlert } from './alerts.ts';
import {
  type Agrees,
  count,
  label,
  metadata,
  model,
  ms,
  name,
  role,
  text,
  time,
  unknownReason,
  whole,
} from './common.ts';

const floorLeg = z
  .object({
    name: z.string(),
    role,
    streamId: z.string(),
    channel: count,
    label,
    reason: unknownReason.nullable(),
    withheld: z.boolean(),
    score: z.number(),
    confidence: z.number(),
    arousal: z.number(),
    valence: z.number(),
    speaking: z.boolean(),
    recent: z.array(z.number().nullable()),
  })
  .meta({ id: 'FloorLeg' });

const floorCall = z
  .object({
    callId: z.string(),
    startedAt: time,
    durationMs: ms,
    legs: z.array(floorLeg),
    alerts: z.array(floorAlert),
    urgency: z.number().min(0).max(1),
    metadata,
    paused: z.boolean(),
  })
  .meta({ id: 'FloorCall', description: 'A live call.' });

export const floorSnapshot = z.object({ at: time, calls: z.array(floorCall) }).meta({ id: 'FloorSnapshot' });

export const floorChanges = z
  .object({ at: time, calls: z.array(floorCall), gone: z.array(z.string()) })
  .meta({ id: 'FloorChanges', description: 'New calls and those that changed, whole; and those that have ended.' });

const policy = z
  .object({ analysedRoles: z.array(role), notice: z.string() })
  .meta({ id: 'DeskPolicy', description: 'Roles whose emotions may be looked at, and what people were told.' });

export const settings = z
  .object({
    version: z.string(),
    model,
    models: z.array(z.string()),
    store: z
      .object({ kind: z.enum(['sqlite', 'postgres']), failing: z.string().nullable(), droppedEvents: count })
      .nullable(),
    retentionDays: count.nullable(),
    recording: z.boolean(),
    keyRequired: z.boolean(),
    policy,
  })
  .meta({ id: 'DeskSettings' });

/** `PUT /v1/settings` */
export const settingsChange = z.strictObject({
  retentionDays: whole(1, 36_500).nullable().exactOptional().meta({ description: 'null: kept until erased.' }),
  policy: z
    .strictObject(
      {
        analysedRoles: z.array(role, 'must be a list').max(10, 'must be at most 10 roles'),
        notice: z.string('must be a string').max(10_000, 'must be at most 10000 characters'),
      },
      'must be an object with analysedRoles and notice',
    )
    .exactOptional(),
  by: name.optional().meta({ description: 'Or in the header X-Undertone-By.' }),
});

const problem = z
  .object({ line: count, column: count, message: z.string(), warning: z.literal(true).exactOptional() })
  .meta({ id: 'RulesProblem' });

export const rulesText = z
  .object({ text: z.string(), revision: z.string(), problems: z.array(problem).exactOptional() })
  .meta({ id: 'RulesText', description: 'The alert rules, YAML or JSON.' });

const rules = z.string('must be a string').max(200_000, 'must be at most 200000 characters');

/** `PUT /v1/rules` */
export const rulesChange = z.object({
  text: rules,
  revision: text(200).meta({ description: 'That of the rules which these were made from.' }),
  by: name.optional().meta({ description: 'Or in the header X-Undertone-By.' }),
});

/** `POST /v1/rules/test` */
export const rulesTestRequest = z.strictObject({ text: rules, callId: name });

export const rulesTest = z
  .object({ problems: z.array(problem), alerts: z.array(alertChange) })
  .meta({ id: 'RulesTest' });

export const auditQuery = z.object({ limit: whole(1, 1_000).default(100) });

export const audit = z
  .object({ entries: z.array(z.object({ at: time, by: z.string(), action: z.string(), subject: z.string() })) })
  .meta({ id: 'Audit', description: 'Who did what, newest first.' });

const agreement: readonly [
  Agrees<typeof floorSnapshot, FloorSnapshot>,
  Agrees<typeof floorChanges, FloorChanges>,
  Agrees<typeof settings, DeskSettings>,
  Agrees<typeof rulesText, RulesText>,
  Agrees<typeof rulesTest, RulesTest>,
  Agrees<typeof audit, { entries: readonly AuditEntry[] }>,
] = [true, true, true, true, true, true];
void agreement;
