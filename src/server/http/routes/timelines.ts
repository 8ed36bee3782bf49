import * as z from 'zod';
import { answer } from '../answer.ts';
import { callEvents, withheldIn } from '../call-source.ts';
import type { HttpContext } from '../context.ts';
import { fileKindOf, REPORT_FORMATS, type ReportJob, TIMELINE_FORMATS } from '../reports/job.ts';
import { type RouteAnswer, route } from '../route.ts';
import { callParams, timelinePoints } from '../schemas/calls.ts';
import { name, oneOf } from '../schemas/common.ts';

const timelineQuery = z.object({
  format: oneOf(TIMELINE_FORMATS).default('points'),
  analysis: name.exactOptional().meta({ description: 'Another analysis of its recording; see analyses of the call.' }),
});

const timeline = route({
  method: 'GET',
  path: '/v1/calls/:callId/timeline',
  summary: 'The timeline of a call',
  description:
    'In the call’s time; streams of one call are one timeline. That of a call that is live, or has just ended, is there without a store.',
  params: callParams,
  query: timelineQuery,
  answers: {
    200: {
      description: 'Points for a page, the events as JSON Lines, or a file for other tools.',
      schema: timelinePoints,
      mediaTypes: [
        'application/jsonl',
        'text/csv',
        'text/vtt',
        'application/x-subrip',
        'text/plain',
        'application/emotionml+xml',
      ],
    },
  },
  errors: ['unknown-call', 'unknown-analysis', 'no-store', 'overloaded', 'store-unavailable'],
  run: ({ params: { callId }, query: { format, analysis } }, context) =>
    file(callId, { timeline: format }, context, analysis),
});

const reportQuery = z.object({ format: oneOf(REPORT_FORMATS).default('html') });

const report = route({
  method: 'GET',
  path: '/v1/calls/:callId/report',
  summary: 'The report of a call',
  description: 'The same as undertone report makes: one page to read and to print, or its figures.',
  params: callParams,
  query: reportQuery,
  answers: {
    200: {
      description: 'The report.',
      schema: z.looseObject({ title: z.string() }),
      mediaTypes: ['text/html'],
    },
  },
  errors: ['unknown-call', 'no-store', 'overloaded', 'store-unavailable'],
  run: ({ params: { callId }, query: { format } }, context) => file(callId, { report: format }, context),
});

function file(...asked: Parameters<typeof makeFile>): Promise<RouteAnswer> {
  const [, , context] = asked;
  return context.reports.pass(() => makeFile(...asked));
}

async function makeFile(
  callId: string,
  what: ReportJob['what'],
  context: HttpContext,
  analysis?: string,
): Promise<RouteAnswer> {
  const { timelines, truncated } = await callEvents(context, callId, analysis);
  const note = 'The beginning of this call is no longer kept.';
  const text = await context.reporter.make({
    what,
    timelines,
    withheld: withheldIn(context),
    ...(truncated && { note }),
  });
  const { mediaType, extension } = fileKindOf(what);
  const charset = mediaType === 'application/jsonl' ? '' : '; charset=utf-8';
  return answer(200, text, {
    'Content-Type': `${mediaType}${charset}`,
    'Content-Disposition': disposition(callId, extension, isLookedAt(what)),
    ...(truncated && { 'X-Undertone-Truncated': 'true' }),
    ...(mediaType === 'text/html' && { 'Content-Security-Policy': REPORT_POLICY }),
  });
}

/** It has no script, and its style stands inside. */
const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const isLookedAt = (what: ReportJob['what']): boolean =>
  'report' in what ? what.report === 'html' : what.timeline === 'points';

/** What is looked at stays where it is, other files are saved; both under the name of the call (RFC 6266). */
function disposition(callId: string, extension: string, inline: boolean): string {
  const name = encodeURIComponent(callId).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${inline ? 'inline' : 'attachment'}; filename="call${extension}"; filename*=UTF-8''${name}${extension}`;
}

export const timelineRoutes = [timeline, report];
