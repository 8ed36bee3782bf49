import * as z from 'zod';
import type { CallMetrics } from '../../../protocol/index.ts';
import { type Agrees, count, ms, probabilities, role, share, stretch } from './common.ts';

const figure = z.number().nullable();

const moodAverage = z
  .object({ labelledMs: ms, arousal: figure, valence: figure, shares: probabilities })
  .meta({ id: 'MoodAverage' });

const mood = z
  .object({
    coverage: share,
    whole: moodAverage,
    recent: moodAverage,
    thirds: z.tuple([moodAverage, moodAverage, moodAverage]),
    change: z.object({ arousal: figure, valence: figure }),
    trend: z.object({ arousalPerMinute: figure, valencePerMinute: figure }),
  })
  .meta({ id: 'MoodMetrics' });

const voiceFigure = z
  .object({ baseline: figure, whole: figure, recent: figure, change: figure })
  .meta({ id: 'VoiceFigure', description: 'Beside what it was over the first 20 s of this side’s speech.' });

const side = z
  .object({
    name: z.string(),
    role,
    channel: count,
    turns: count,
    talkMs: ms,
    talkRatio: z.number(),
    talkShare: figure,
    longestTurnMs: ms,
    silenceMs: ms,
    longestSilence: stretch.nullable(),
    overlaps: count,
    interruptions: count,
    answers: z.object({ count, meanMs: figure, longestMs: figure, lastMs: figure }),
    voice: z.object({ levelDb: voiceFigure, pitchSemitones: voiceFigure, syllablesPerSecond: voiceFigure }),
    mood,
    anger: z.object({
      firstMs: figure,
      episodes: count,
      angryMs: ms,
      recovered: z.boolean().nullable(),
      meanRecoveryMs: figure,
    }),
  })
  .meta({ id: 'SideMetrics' });

export const callMetrics = z
  .object({
    durationMs: ms,
    missingMs: ms,
    talkMs: ms,
    talkRatio: z.number(),
    silenceMs: ms,
    silenceRatio: z.number(),
    longestSilence: stretch.nullable(),
    overtalkMs: ms,
    overtalkRatio: z.number(),
    overtalks: count,
    mood,
    sides: z.array(side),
  })
  .meta({ id: 'CallMetrics' });

const agreement: readonly [Agrees<typeof callMetrics, CallMetrics>] = [true];
void agreement;
