/** Where bytes go out: a socket, or a list in a test. */
export interface Sink {
  /** One text message. @param onFlushed called when nothing sent until now waits any more. */
  send(bytes: Buffer, onFlushed?: () => void): void;
  /** Bytes that wait for the reader. */
  readonly bufferedBytes: number;
}
