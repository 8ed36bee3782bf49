/** Where bytes go out: a socket, or a list in a test. */
export interface Sink {
  /**
   * One text message.
   * @param onFlushed called when nothing sent until now waits any more
   * @param cursor of an event of a timeline
   */
  send(bytes: Buffer, onFlushed?: () => void, cursor?: number): void;
  /** Bytes that wait for the reader. */
  readonly bufferedBytes: number;
}
