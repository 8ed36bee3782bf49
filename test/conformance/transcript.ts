import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DialectAction, Handshake } from '../../src/protocol/index.ts';

/** A message of either side, or the end of the socket. */
export type Step =
  | { readonly from: 'platform' | 'server'; readonly data: string | Uint8Array }
  | { readonly closed: 'closed' | 'lost' };

/** A conversation written down from a platform's specification, both sides of it, and what it means. */
export interface Transcript {
  readonly name: string;
  readonly dialect: string;
  readonly source: string;
  readonly handshake: Handshake;
  readonly steps: readonly Step[];
  readonly expect: readonly DialectAction[];
}

interface Written {
  readonly dialect: string;
  readonly source: string;
  readonly handshake: {
    readonly url: string;
    readonly headers?: Record<string, string>;
    readonly subprotocols?: string[];
  };
  readonly conversation: readonly Record<string, unknown>[];
  readonly expect: readonly unknown[];
}

/**
 * Bytes as transcripts write them: groups of hexadecimal digits, each with the number of its repetitions or without, after a dollar sign.
 * `$7f*160` are 160 bytes 7f, `$0102*2 03` are 01 02 01 02 03.
 */
export function bytesOf(text: string): Uint8Array {
  const groups = text.slice(1).split(' ');
  return Uint8Array.from(
    groups.flatMap((group) => {
      const [hex = '', times = '1'] = group.split('*');
      const bytes = Array.from({ length: hex.length / 2 }, (_, index) =>
        Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
      );
      return Array.from({ length: Number(times) }, () => bytes).flat();
    }),
  );
}

const isBytes = (value: unknown): value is string => typeof value === 'string' && /^\$[0-9a-f]/.test(value);

/** A message as JSON text, its bytes as base64. */
const written = (message: unknown): string =>
  JSON.stringify(message, (_, value: unknown) =>
    isBytes(value) ? Buffer.from(bytesOf(value)).toString('base64') : value,
  );

/** One step of a conversation by its only key: `platform` or `server` with JSON, text or bytes, or `closed`. */
function step(line: Record<string, unknown>): Step {
  const [key, value] = Object.entries(line)[0] ?? [];
  if (key === 'closed') return { closed: value as 'closed' | 'lost' };
  const from = key?.startsWith('platform') ? 'platform' : 'server';
  if (key?.endsWith('Binary')) return { from, data: bytesOf(String(value)) };
  if (key?.endsWith('Text')) return { from, data: String(value) };
  if (key !== 'platform' && key !== 'server') throw new Error(`A transcript has the step "${key}".`);
  return { from, data: written(value) };
}

export function readTranscript(name: string, text: string): Transcript {
  const read = JSON.parse(text) as Written;
  const expect = JSON.parse(JSON.stringify(read.expect), (_, value: unknown) =>
    isBytes(value) ? bytesOf(value) : value,
  ) as DialectAction[];
  const { url, headers = {}, subprotocols = [] } = read.handshake;
  return {
    name,
    dialect: read.dialect,
    source: read.source,
    handshake: { url: new URL(url), headers, subprotocols },
    steps: read.conversation.map(step),
    expect,
  };
}

const FOLDER = join(import.meta.dirname, 'transcripts');

export const transcripts: readonly Transcript[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map((file) => readTranscript(file.replace('.json', ''), readFileSync(join(FOLDER, file), 'utf8')));
