import {
  type ExportFormatName,
  exportCall,
  exportFormats,
  recordCall,
  reportHtml,
  reportJson,
} from '../../../exports/index.ts';
import type { Role } from '../../../protocol/index.ts';
import { type KeptTimeline, pointsOf } from '../../../store/index.ts';
import { withholdFromPoints } from '../../desk/withhold-answers.ts';
import { timelineReport } from './call-report.ts';
import { callTimeline, withheldTimeline } from './call-timeline.ts';

/** What a call is made into. */
export const REPORT_FORMATS = ['html', 'json'] as const;
export const TIMELINE_FORMATS = ['points', 'jsonl', 'csv', 'webvtt', 'srt', 'textgrid', 'rttm', 'emotionml'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
export type TimelineFormat = (typeof TIMELINE_FORMATS)[number];

/** Plain data: it may go to another thread. */
export interface ReportJob {
  readonly what: { readonly report: ReportFormat } | { readonly timeline: TimelineFormat };
  readonly timelines: readonly KeptTimeline[];
  /** Roles whose emotions are left out. */
  readonly withheld: readonly Role[];
  /** Stands under the title of a report. */
  readonly note?: string;
}

/** The text of a file. */
export function workOf({ what, timelines, withheld, note }: ReportJob): string {
  const timeline = callTimeline(timelines);
  if (timeline === undefined) throw new RangeError('A report needs a timeline at least.');
  if ('report' in what) {
    const report = timelineReport(timeline, withheld, note);
    return what.report === 'html' ? reportHtml(report) : reportJson(report);
  }
  if (what.timeline === 'points')
    return `${JSON.stringify(withholdFromPoints(pointsOf(timeline.callId, timelines), withheld))}\n`;
  return exportCall(recordCall(withheldTimeline(timeline, withheld).events), what.timeline);
}

export interface FileKind {
  readonly mediaType: string;
  readonly extension: string;
}

const EXPORTS: Readonly<Record<ExportFormatName, FileKind>> = exportFormats;

export function fileKindOf(what: ReportJob['what']): FileKind {
  if ('report' in what) {
    return what.report === 'html'
      ? { mediaType: 'text/html', extension: '.html' }
      : { mediaType: 'application/json', extension: '.json' };
  }
  return what.timeline === 'points' ? { mediaType: 'application/json', extension: '.json' } : EXPORTS[what.timeline];
}
