/** Every bound of the server; bytes, milliseconds and counts. */
export interface ServerLimits {
  /** Streams that have not ended, connected or waiting to be resumed. */
  readonly maxStreams: number;
  readonly maxSubscribers: number;
  /** Audio of one stream that waits for analysis; over it the socket is paused, so that TCP slows the client. */
  readonly inboxBytes: number;
  /** Audio of one stream that is analysed before the next stream has its turn, ms. */
  readonly sliceMs: number;
  /** Windows of one model call at most. */
  readonly maxBatch: number;
  /** Windows that become due within this time go through the model together, ms; 0: those of one turn of the loop. */
  readonly batchWaitMs: number;
  /** Audio of live streams may wait so long for its analysis, ms; beyond it the server is overloaded. */
  readonly lagBudgetMs: number;
  /** History of one stream, bytes of its events as they went out. */
  readonly historyBytesPerStream: number;
  /** History of all streams; over it finished streams are forgotten first, then the longest histories are cut. */
  readonly historyBytes: number;
  /** Finished streams stay readable that long, and that many of them. */
  readonly finishedKeepMs: number;
  readonly maxFinishedStreams: number;
  /** Bytes that wait for a reader; over it a subscriber misses events, and a producer's stream waits. */
  readonly outgoingBytes: number;
  /** A reader that stays over it that long is closed. */
  readonly slowCloseMs: number;
  /** A stream whose connection was lost waits that long for it to resume; 0: it is flushed at once. */
  readonly resumeMs: number;
  readonly startTimeoutMs: number;
  /** A request of plain HTTP comes whole within that, its headers within `startTimeoutMs`. */
  readonly requestTimeoutMs: number;
  /** Plain requests at once, but for those that are open to all; over it they are told to come back. */
  readonly maxRequests: number;
  /** Nothing arrives, not even the answer to a ping; or an answer is not read on. */
  readonly idleTimeoutMs: number;
  readonly pingMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  maxStreams: 1_000,
  maxSubscribers: 5_000,
  inboxBytes: 1_048_576,
  sliceMs: 200,
  maxBatch: 64,
  batchWaitMs: 5,
  lagBudgetMs: 150,
  historyBytesPerStream: 4_194_304,
  historyBytes: 268_435_456,
  finishedKeepMs: 300_000,
  maxFinishedStreams: 1_000,
  outgoingBytes: 1_048_576,
  slowCloseMs: 10_000,
  resumeMs: 15_000,
  startTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  maxRequests: 256,
  idleTimeoutMs: 60_000,
  pingMs: 20_000,
};
