export { csvRow, windowCells, windowColumns } from './csv.ts';
export { EMOTION_COLOURS, STACK_ORDER } from './emotion-colours.ts';
export { type ExportFormat, type ExportFormatName, exportCall, exportFormats } from './formats.ts';
export { type RecordedCall, type RecordedSide, recordCall } from './recorded-call.ts';
export { type CallReport, pairAlerts, type ReportedAlert, reportJson } from './report.ts';
export { reportHtml } from './report-html.ts';
export { evidenceText, lengthOf } from './report-words.ts';
export { TimelineRecord } from './timeline-record.ts';
export { timelineSvg } from './timeline-svg.ts';
