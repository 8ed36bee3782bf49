import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** In a process of its own: the parser takes seconds to load. */
const PARSE = `
  import { readFileSync } from 'node:fs';
  import { Parser } from '@asyncapi/parser';
  const text = readFileSync('docs/asyncapi.yaml', 'utf8').replace(process.argv[1] ?? '', process.argv[2] ?? '');
  const { document, diagnostics } = await new Parser().parse(text);
  process.stdout.write(JSON.stringify({
    version: document?.version(),
    channels: document?.channels().all().map((channel) => channel.address()),
    messages: document?.messages().all().map((message) => message.id()),
    problems: diagnostics.map(({ severity, code, message }) => ({ severity, code, message })),
  }));
`;

interface Parsed {
  readonly version?: string;
  readonly channels?: readonly string[];
  readonly messages?: readonly string[];
  readonly problems: readonly { readonly severity: number; readonly code: string; readonly message: string }[];
}

async function parsed(...replace: readonly string[]): Promise<Parsed> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PARSE, '--', ...replace], {
    cwd: ROOT,
    maxBuffer: 1e7,
  });
  return JSON.parse(stdout) as Parsed;
}

describe('docs/asyncapi.yaml', () => {
  it('is valid AsyncAPI 3.1 for the official parser', async () => {
    const { version, channels, messages, problems } = await parsed();
    expect(problems.filter(({ severity }) => severity <= 1)).toEqual([]);
    expect(version).toBe('3.1.0');
    expect(channels).toEqual(['/v1/stream', '/v1/subscribe', '/v1/telephony/{dialect}']);
    expect(messages).toEqual(expect.arrayContaining(['sendStart', 'sendAudio', 'receiveWindow', 'receiveError']));
  }, 60_000);

  it('would be told if it were not', async () => {
    const { problems } = await parsed('action: receive', 'action: listen');
    expect(problems.some(({ severity }) => severity === 0)).toBe(true);
  }, 60_000);
});
