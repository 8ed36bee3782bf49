import { UndertoneError } from '../../errors.ts';
import type { KeptAnalysis, ModelDescription } from '../../protocol/index.ts';
import { type Database, insertRows, parts } from '../database/database.ts';
import { packEvents, unpackEvents } from '../intake/block.ts';
import type { Keys } from '../intake/keys.ts';
import type { BlockRow } from '../intake/runs.ts';
import type { AnalysisResult } from '../store.ts';

/** Events of one block. */
const BLOCK_EVENTS = 128;

interface AnalysisRow {
  readonly analysis_key: number;
  readonly analysis_id: string;
  readonly model: string;
  readonly at: string;
  readonly state: KeptAnalysis['state'];
  readonly agreement: number | null;
}

/** Of a call, in the order in which they were made. */
export async function analysesOf(database: Database, callKey: number): Promise<readonly KeptAnalysis[]> {
  const rows = await database.all<AnalysisRow>('SELECT * FROM analyses WHERE call_key = ? ORDER BY analysis_key', [
    callKey,
  ]);
  return rows.map((row) => ({
    analysisId: row.analysis_id,
    model: modelOf(row),
    at: row.at,
    state: row.state,
    agreement: row.agreement,
  }));
}

export async function insertAnalysis(
  database: Database,
  keys: Keys,
  callKey: number,
  { analysisId, model, at, state, agreement }: KeptAnalysis,
): Promise<void> {
  await database.run(
    `INSERT INTO analyses (analysis_key, analysis_id, call_key, model, at, state, agreement)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [keys.next('analyses'), analysisId, callKey, JSON.stringify(model), at, state, agreement],
  );
}

/** @throws UndertoneError `not-found` where there is none: its call may have been erased meanwhile */
export async function finishAnalysis(database: Database, analysisId: string, result: AnalysisResult): Promise<void> {
  const [row] = await database.all<AnalysisRow>('SELECT * FROM analyses WHERE analysis_id = ?', [analysisId]);
  if (row === undefined) throw new UndertoneError('not-found', { path: `analysis ${analysisId}` });
  const [state, agreement] = result === 'failed' ? ['failed', null] : ['done', result.agreement];
  await database.run('UPDATE analyses SET state = ?, agreement = ? WHERE analysis_key = ?', [
    state,
    agreement,
    row.analysis_key,
  ]);
  await database.run('DELETE FROM analysis_blocks WHERE analysis_key = ?', [row.analysis_key]);
  if (result === 'failed') return;
  const blocks = result.timelines.flatMap(({ streamId, events }) =>
    parts(events, BLOCK_EVENTS).map((part) => ({ streamId, ...packEvents(part.map((event) => Buffer.from(event))) })),
  );
  await insertRows(
    database,
    'INSERT INTO analysis_blocks (analysis_key, place, stream_id, codec, body)',
    blocks.map(({ streamId, codec, body }, place) => [row.analysis_key, place, streamId, codec, body]),
  );
}

/** The model of an analysis of a call, and its events by stream; `undefined` where there is none that is done. */
export async function analysedEvents(
  database: Database,
  callKey: number,
  analysisId: string,
): Promise<{ readonly model: ModelDescription; readonly streams: ReadonlyMap<string, readonly string[]> } | undefined> {
  const [row] = await database.all<AnalysisRow>(
    `SELECT * FROM analyses WHERE analysis_id = ? AND call_key = ? AND state = 'done'`,
    [analysisId, callKey],
  );
  if (row === undefined) return undefined;
  const blocks = await database.all<BlockRow & { stream_id: string }>(
    'SELECT stream_id, codec, body FROM analysis_blocks WHERE analysis_key = ? ORDER BY place',
    [row.analysis_key],
  );
  const streams = new Map<string, string[]>();
  for (const block of blocks) {
    const events = streams.get(block.stream_id) ?? [];
    events.push(...unpackEvents(block));
    streams.set(block.stream_id, events);
  }
  return { model: modelOf(row), streams };
}

function modelOf({ model }: AnalysisRow): ModelDescription {
  return JSON.parse(model);
}
