import {
  checkFormat,
  type DialectAction,
  isPrintableName,
  MAX_METADATA_BYTES,
  ROLES,
  wireFrameBytes,
} from '../../src/protocol/index.ts';

/** Longer than any call; a gap beyond it would be a defect. */
const MAX_GAP_MS = 24 * 3_600_000;

/** Holds the actions of one session against what `DialectAction` promises; throws where one breaks it. */
export class Contract {
  readonly #open = new Set<string>();
  #ended = false;

  take(action: DialectAction): void {
    if (this.#ended) throw new Error(`After its end the session says ${action.kind}.`);
    if (action.kind === 'reply' || action.kind === 'hangup') return;
    const open = this.#open.has(action.leg);
    if (action.kind === 'open') {
      if (open) throw new Error('A leg is opened that is open.');
      this.#open.add(action.leg);
      checkStart(action.start);
      return;
    }
    if (!open) throw new Error(`A leg that is not open: ${action.kind}.`);
    switch (action.kind) {
      case 'audio':
        if (action.bytes.length === 0) throw new Error('Audio of no length.');
        return;
      case 'gap':
        if (!(action.durationMs > 0 && action.durationMs <= MAX_GAP_MS))
          throw new Error(`A gap of ${action.durationMs} ms.`);
        return;
      case 'mark':
        if (!isPrintableName(action.name)) throw new Error('A mark with a name that is not printable.');
        return;
      case 'status':
        return;
      case 'close':
        this.#open.delete(action.leg);
        return;
    }
  }

  /** The session has been told of its end, once or more. */
  ended(): void {
    if (this.#open.size > 0) throw new Error(`At the end ${this.#open.size} legs are left open.`);
    this.#ended = true;
  }
}

function checkStart(start: Extract<DialectAction, { kind: 'open' }>['start']): void {
  const { format, channels, callId, metadata = {} } = start;
  checkFormat(format);
  if (wireFrameBytes(format) < format.channels) throw new Error('A format of no size.');
  if (channels.length !== format.channels) throw new Error('Not one description per channel.');
  for (const { name, role } of channels) {
    if (!isPrintableName(name) || !ROLES.includes(role)) throw new Error('A channel without a name or a role.');
  }
  if (callId !== undefined && !isPrintableName(callId)) throw new Error('A call id that is not printable.');
  if (new TextEncoder().encode(JSON.stringify(metadata)).length > MAX_METADATA_BYTES)
    throw new Error('Too much metadata.');
  if (Object.getPrototypeOf(metadata) !== Object.prototype) throw new Error('Metadata with a prototype of its own.');
}
