/**
 * The schema, as the migrations that lead to it. A migration that was released never changes; a new one goes to the end.
 * `{key}` is a whole number that is the primary key, `{bytes}` bytes. Times named `…_at_ms` are of the wall clock, ms since
 * 1970; other `…_ms` are positions in the stream. Everything of a call goes with its row in `calls`.
 */
export const migrations: readonly (readonly string[])[] = [
  // 1: calls, their streams and timelines
  [
    `CREATE TABLE calls (
      call_key {key},
      call_id TEXT NOT NULL UNIQUE,
      folded_id TEXT NOT NULL,
      state TEXT NOT NULL,
      started_at_ms BIGINT NOT NULL,
      ended_at_ms BIGINT,
      metrics TEXT
    )`,
    'CREATE INDEX calls_by_start ON calls (started_at_ms, call_key)',
    'CREATE INDEX calls_without_figures ON calls (call_key) WHERE metrics IS NULL',
    `CREATE TABLE runs (
      run_key {key},
      run_id TEXT NOT NULL UNIQUE,
      call_key BIGINT NOT NULL REFERENCES calls ON DELETE CASCADE,
      stream_id TEXT NOT NULL,
      state TEXT NOT NULL,
      started_at_ms BIGINT NOT NULL,
      ended_at_ms BIGINT,
      end_reason TEXT,
      duration_ms DOUBLE PRECISION NOT NULL,
      settings TEXT NOT NULL,
      missing_events BIGINT NOT NULL
    )`,
    'CREATE INDEX runs_by_call ON runs (call_key)',
    `CREATE INDEX runs_live ON runs (run_key) WHERE state = 'live'`,
    `CREATE TABLE legs (
      run_key BIGINT NOT NULL REFERENCES runs ON DELETE CASCADE,
      channel BIGINT NOT NULL,
      role TEXT NOT NULL,
      figures TEXT NOT NULL,
      PRIMARY KEY (run_key, channel)
    )`,
    `CREATE TABLE leg_emotions (
      run_key BIGINT NOT NULL,
      channel BIGINT NOT NULL,
      emotion TEXT NOT NULL,
      share DOUBLE PRECISION NOT NULL,
      labelled_ms DOUBLE PRECISION NOT NULL,
      PRIMARY KEY (run_key, channel, emotion),
      FOREIGN KEY (run_key, channel) REFERENCES legs ON DELETE CASCADE
    )`,
    `CREATE TABLE metadata (
      call_key BIGINT NOT NULL REFERENCES calls ON DELETE CASCADE,
      run_key BIGINT NOT NULL,
      place BIGINT NOT NULL,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      folded_value TEXT NOT NULL,
      lookup BIGINT NOT NULL,
      PRIMARY KEY (call_key, run_key, place)
    )`,
    'CREATE INDEX metadata_by_lookup ON metadata (lookup)',
    `CREATE TABLE blocks (
      run_key BIGINT NOT NULL REFERENCES runs ON DELETE CASCADE,
      last_cursor BIGINT NOT NULL,
      at_ms BIGINT NOT NULL,
      codec BIGINT NOT NULL,
      body {bytes} NOT NULL,
      PRIMARY KEY (run_key, last_cursor)
    )`,
    `CREATE TABLE marks (
      run_key BIGINT NOT NULL REFERENCES runs ON DELETE CASCADE,
      cursor_at BIGINT NOT NULL,
      name TEXT NOT NULL,
      position_ms DOUBLE PRECISION NOT NULL,
      PRIMARY KEY (run_key, cursor_at)
    )`,
    `CREATE TABLE recordings (
      run_key BIGINT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
      file TEXT NOT NULL,
      bytes BIGINT NOT NULL
    )`,
  ],
  // 2: alerts and what people do
  [
    `CREATE TABLE alerts (
      alert_key {key},
      alert_id TEXT NOT NULL UNIQUE,
      run_key BIGINT NOT NULL REFERENCES runs ON DELETE CASCADE,
      rule TEXT NOT NULL,
      severity TEXT NOT NULL,
      position_ms DOUBLE PRECISION NOT NULL,
      since_ms DOUBLE PRECISION NOT NULL,
      raised_at_ms BIGINT NOT NULL,
      cleared_ms DOUBLE PRECISION,
      cause TEXT,
      evidence TEXT NOT NULL
    )`,
    'CREATE INDEX alerts_by_run ON alerts (run_key)',
    `CREATE TABLE handling (
      alert_key BIGINT NOT NULL REFERENCES alerts ON DELETE CASCADE,
      place BIGINT NOT NULL,
      action TEXT NOT NULL,
      by_name TEXT NOT NULL,
      at TEXT NOT NULL,
      until TEXT,
      note TEXT,
      PRIMARY KEY (alert_key, place)
    )`,
    `CREATE TABLE corrections (
      correction_key {key},
      correction_id TEXT NOT NULL UNIQUE,
      call_key BIGINT NOT NULL REFERENCES calls ON DELETE CASCADE,
      stream_id TEXT NOT NULL,
      channel BIGINT NOT NULL,
      start_ms DOUBLE PRECISION NOT NULL,
      end_ms DOUBLE PRECISION NOT NULL,
      label TEXT NOT NULL,
      by_name TEXT NOT NULL,
      at TEXT NOT NULL
    )`,
    'CREATE INDEX corrections_by_call ON corrections (call_key)',
    `CREATE TABLE analyses (
      analysis_key {key},
      analysis_id TEXT NOT NULL UNIQUE,
      call_key BIGINT NOT NULL REFERENCES calls ON DELETE CASCADE,
      model TEXT NOT NULL,
      at TEXT NOT NULL,
      state TEXT NOT NULL,
      agreement DOUBLE PRECISION
    )`,
    'CREATE INDEX analyses_by_call ON analyses (call_key)',
    `CREATE TABLE analysis_blocks (
      analysis_key BIGINT NOT NULL REFERENCES analyses ON DELETE CASCADE,
      place BIGINT NOT NULL,
      stream_id TEXT NOT NULL,
      codec BIGINT NOT NULL,
      body {bytes} NOT NULL,
      PRIMARY KEY (analysis_key, place)
    )`,
  ],
  // 3: the desk itself
  [
    `CREATE TABLE audit (
      audit_key {key},
      at TEXT NOT NULL,
      by_name TEXT NOT NULL,
      action TEXT NOT NULL,
      subject TEXT NOT NULL,
      call_id TEXT
    )`,
    'CREATE INDEX audit_by_call ON audit (call_id)',
    `CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    )`,
    `CREATE TABLE deliveries (
      delivery_id TEXT PRIMARY KEY,
      endpoint TEXT NOT NULL,
      call_id TEXT,
      body TEXT NOT NULL,
      created_at_ms BIGINT NOT NULL,
      attempts BIGINT NOT NULL,
      next_attempt_at_ms BIGINT,
      last_error TEXT
    )`,
    'CREATE INDEX deliveries_by_call ON deliveries (call_id)',
    'CREATE INDEX deliveries_by_next ON deliveries (next_attempt_at_ms)',
  ],
];
