import type { Emotion } from '../emotions.ts';
import type {
  AlertAction,
  AuditEntry,
  CallAlert,
  CallDetail,
  CallFilter,
  CallPage,
  Correction,
  DayHeat,
  DeskSettings,
  DeskSettingsChange,
  FloorSnapshot,
  KeptAnalysis,
  RulesTest,
  RulesText,
  TimelinePoints,
} from '../protocol/index.ts';
import { addressOf, type Query, request, requestJson } from './request.ts';

export type TimelineFormat = 'jsonl' | 'csv' | 'webvtt' | 'srt' | 'textgrid' | 'rttm' | 'emotionml';

/** `GET /v1/calls/ID/waveform`: the lowest and the highest sample, −1 to 1, of equal stretches. */
export interface Waveform {
  readonly durationMs: number;
  readonly legs: readonly {
    readonly streamId: string;
    readonly channel: number;
    readonly peaks: readonly (readonly [number, number])[];
  }[];
}

/** `GET /v1/webhooks`. */
export interface WebhookState {
  readonly endpoints: readonly {
    readonly name: string;
    /** Scheme and host of its address. */
    readonly origin: string;
    /** `gone`: it answered 410 and gets nothing until it is enabled. */
    readonly state: 'active' | 'gone';
    readonly events: readonly string[];
    readonly waiting: number;
    readonly delivered: number;
    readonly failures: number;
    readonly lastDeliveredAt: string | null;
    readonly lastError: string | null;
    readonly pausedUntil: string | null;
  }[];
  readonly waiting: number;
  readonly dead: readonly {
    readonly deliveryId: string;
    readonly endpoint: string;
    readonly callId: string | null;
    readonly createdAtMs: number;
    readonly attempts: number;
    readonly lastError: string | null;
  }[];
  readonly storeFailing: string | null;
}

interface Cancel {
  readonly signal?: AbortSignal | undefined;
}

const call = (callId: string, rest = ''): string => `/v1/calls/${encodeURIComponent(callId)}${rest}`;

function filterQuery({ metadata = {}, ...filter }: CallFilter): Query {
  return {
    ...filter,
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`metadata.${name}`, value])),
  };
}

/** Everything that the page asks of its server. Each throws ApiError, or the abort of its signal. */
export const api = {
  streams: (cancel: Cancel = {}) => requestJson<FloorSnapshot>('GET', '/v1/streams', cancel),

  calls: (filter: CallFilter = {}, cancel: Cancel = {}) =>
    requestJson<CallPage>('GET', '/v1/calls', { query: filterQuery(filter), ...cancel }),
  call: (callId: string, cancel: Cancel = {}) => requestJson<CallDetail>('GET', call(callId), cancel),
  eraseCall: (callId: string) => requestJson<{ readonly erased: readonly string[] }>('DELETE', call(callId)),
  eraseCaller: (key: string, value: string) =>
    requestJson<{ readonly erased: readonly string[] }>('DELETE', '/v1/callers', { query: { key, value } }),

  points: (callId: string, analysis?: string, cancel: Cancel = {}) =>
    requestJson<TimelinePoints>('GET', call(callId, '/timeline'), { query: { format: 'points', analysis }, ...cancel }),
  /** A file to save. */
  timelineFile: async (callId: string, format: TimelineFormat): Promise<Blob> =>
    (await request('GET', call(callId, '/timeline'), { query: { format } })).blob(),
  /** A self-contained page to save or print. */
  reportFile: async (callId: string, format: 'html' | 'json'): Promise<Blob> =>
    (await request('GET', call(callId, '/report'), { query: { format } })).blob(),
  audio: async (callId: string, streamId?: string, cancel: Cancel = {}): Promise<Blob> =>
    (await request('GET', call(callId, '/audio'), { query: { stream: streamId }, ...cancel })).blob(),
  /** For an audio element; it sends no key. */
  audioAddress: (callId: string, streamId?: string): string => addressOf(call(callId, '/audio'), { stream: streamId }),
  /** Throws why there is no recording to be had, where there is none. */
  probeAudio: async (callId: string, streamId?: string, cancel: Cancel = {}): Promise<void> => {
    await request('GET', call(callId, '/audio'), {
      query: { stream: streamId },
      headers: { Range: 'bytes=0-43' },
      ...cancel,
    });
  },
  waveform: (callId: string, points: number, cancel: Cancel = {}) =>
    requestJson<Waveform>('GET', call(callId, '/waveform'), { query: { points }, ...cancel }),

  analyse: (callId: string, model: string) =>
    requestJson<KeptAnalysis>('POST', call(callId, '/analyses'), { body: { model } }),
  correct: (
    callId: string,
    correction: {
      readonly streamId: string;
      readonly channel: number;
      readonly startMs: number;
      readonly endMs: number;
      readonly label: Emotion;
      readonly by: string;
    },
  ) => requestJson<Correction>('POST', call(callId, '/corrections'), { body: correction }),
  withdrawCorrection: async (correctionId: string, by: string): Promise<void> => {
    await request('DELETE', `/v1/corrections/${encodeURIComponent(correctionId)}`, { query: { by } });
  },
  /** The training CSV. */
  correctionsFile: async (): Promise<Blob> => (await request('GET', '/v1/corrections.csv')).blob(),

  day: (date: string, utcOffsetMinutes: number, cancel: Cancel = {}) =>
    requestJson<DayHeat>('GET', '/v1/day', { query: { date, utcOffsetMinutes }, ...cancel }),

  handleAlert: (
    alertId: string,
    handling: { readonly action: AlertAction; readonly by: string; readonly until?: string; readonly note?: string },
  ) => requestJson<CallAlert>('POST', `/v1/alerts/${encodeURIComponent(alertId)}`, { body: handling }),

  rules: (cancel: Cancel = {}) => requestJson<RulesText>('GET', '/v1/rules', cancel),
  /** `rules-invalid` carries `details.problems`; status 409: they were changed by somebody else since. */
  saveRules: (rules: RulesText) => requestJson<RulesText>('PUT', '/v1/rules', { body: rules }),
  testRules: (text: string, callId: string) =>
    requestJson<RulesTest>('POST', '/v1/rules/test', { body: { text, callId } }),

  settings: (cancel: Cancel = {}) => requestJson<DeskSettings>('GET', '/v1/settings', cancel),
  saveSettings: (change: DeskSettingsChange) => requestJson<DeskSettings>('PUT', '/v1/settings', { body: change }),
  audit: (limit: number, cancel: Cancel = {}) =>
    requestJson<{ readonly entries: readonly AuditEntry[] }>('GET', '/v1/audit', { query: { limit }, ...cancel }),
  webhooks: (cancel: Cancel = {}) => requestJson<WebhookState>('GET', '/v1/webhooks', cancel),
  replayWebhook: async (id: string): Promise<void> => {
    await request('POST', `/v1/webhooks/dead/${encodeURIComponent(id)}/replay`);
  },
  enableWebhook: async (name: string): Promise<void> => {
    await request('POST', `/v1/webhooks/${encodeURIComponent(name)}/enable`);
  },
} as const;

/** Offers a blob to save, without leaving the page. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
