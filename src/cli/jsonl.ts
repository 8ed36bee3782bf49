import type { Formatter } from './formatter.ts';

/**
 * One line per event, the wire protocol's bytes; with `file`, as it was given, in front where there are several.
 * `ack` is left out: it belongs to the connection, not to the timeline.
 */
export function jsonlFormatter(file?: string): Formatter {
  const prefix = file === undefined ? '{' : `{"file":${JSON.stringify(file)},`;
  return {
    head: '',
    event: (event, wire) => (event.type === 'ack' ? '' : `${prefix}${wire.slice(1)}\n`),
  };
}
