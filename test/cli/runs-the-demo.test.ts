import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFolder } from '../inference/model-folder.ts';
import { serve } from './server.ts';
import { DEMO_CALL, jsonLines, outcome, says, start, undertone } from './undertone.ts';

const ROOT = resolve(import.meta.dirname, '../..');

let model: string;
let folder: string;
beforeAll(() => {
  model = modelFolder();
  folder = mkdtempSync(join(tmpdir(), 'undertone-demo-'));
});
afterAll(() => {
  for (const path of [model, folder]) rmSync(path, { recursive: true });
});

describe('undertone demo', () => {
  it('shows both sides as they grow, writes both files, and says where', async () => {
    const { status, stdout, stderr } = await undertone([
      'demo',
      '--no-ui',
      '--model',
      model,
      '--speed',
      'max',
      '--out',
      folder,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^undertone listens at ws:\/\/127\.0\.0\.1:\d+, model test 0\.0\.1/);
    expect(stdout.match(/synthetic/g)).toHaveLength(1);
    expect(stdout.match(/^ +\d+:\d\d\.\d {2}customer: .* employee: /gm)).toHaveLength(91);
    const jsonl = join(folder, 'timeline.jsonl');
    const svg = join(folder, 'timeline.svg');
    expect(stdout).toContain(`Written: ${jsonl} and ${svg}`);
    expect(stdout).not.toContain('\u001b');
    expect(readdirSync(folder).sort()).toEqual(['timeline.jsonl', 'timeline.svg']);

    const lines = jsonLines(readFileSync(jsonl, 'utf8'));
    expect(lines[0]).toMatchObject({
      type: 'started',
      channels: [
        { name: 'customer', role: 'customer' },
        { name: 'employee', role: 'employee' },
      ],
    });
    expect(lines.at(-1)).toMatchObject({ type: 'ended', reason: 'stop' });
    const program =
      'import sys; from xml.etree import ElementTree as e; print("".join(e.parse(sys.argv[1]).getroot().itertext()))';
    const words = execFileSync('/usr/bin/python3', ['-c', program, svg], { encoding: 'utf8' });
    for (const word of ['customer', 'employee', 'speech', 'synthetic voices']) expect(words).toContain(word);
  });

  it('leaves no half-written file when it is interrupted', async () => {
    const out = join(folder, 'interrupted');
    const child = start(['demo', '--no-ui', '--model', model, '--speed', '1', '--out', out]);
    const ended = outcome(child);
    await says(child, /customer: /);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, stderr: 'undertone: Interrupted.\n' });
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('undertone demo, on its dashboard', () => {
  it('has the call live on the page whose address it prints, and ends with it where there is no terminal', async () => {
    const out = join(folder, 'desk');
    const child = start(['demo', '--model', model, '--speed', '12', '--out', out]);
    const ended = outcome(child);
    const [page = ''] = await says(child, /http:\/\/127\.0\.0\.1:\d+\/(?=#\/calls\/demo-1)/);
    const html = await (await fetch(page)).text();
    expect(html).toContain('<title>Undertone</title>');
    const { calls } = (await (await fetch(`${page}v1/streams`)).json()) as { calls: { callId: string }[] };
    expect(calls.map(({ callId }) => callId)).toEqual(['demo-1']);
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(out).sort()).toEqual(['timeline.jsonl', 'timeline.svg']);
    await expect(fetch(page)).rejects.toThrow();
  });
});

describe('the bundled call', () => {
  it('is what its script makes, with the voices of this machine', () => {
    const path = join(folder, 'demo-call.wav');
    execFileSync(process.execPath, [join(ROOT, 'scripts/make-demo-call.mjs'), path]);
    const [made, bundled] = [readFileSync(path), readFileSync(DEMO_CALL)];
    expect(made.length).toBe(bundled.length);
    // The same versions of espeak-ng and SoX give the same bytes, but for what another processor rounds otherwise.
    const same = made.filter((byte, index) => byte === bundled[index]).length;
    expect(same / bundled.length).toBeGreaterThan(0.99);
  });

  it('is a two-sided call of 8 kHz mu-law, as SoX reads it', () => {
    const info = (flag: string): string => execFileSync('soxi', [flag, DEMO_CALL], { encoding: 'utf8' }).trim();
    expect(['-r', '-c', '-e', '-b'].map(info)).toEqual(['8000', '2', 'u-law', '8']);
    expect(Number(info('-D'))).toBeGreaterThan(40);
    expect(Number(info('-D'))).toBeLessThan(50);
  });
});

describe('the example of the README', () => {
  it('is the file of the examples, and it runs', async () => {
    const path = join(ROOT, 'examples/client.mjs');
    const source = readFileSync(path, 'utf8');
    const server = await serve(['--log-level', 'silent']);
    const output = execFileSync(process.execPath, [path, DEMO_CALL, server.url], { encoding: 'utf8' });
    await server.stop();
    expect(output.match(/^\d+(\.\d+)? s {2}channel[01] {2}\w+ 0\.\d+$/gm)).toHaveLength(182);
    expect(output).toContain("reason: 'stop'");
    const lines = source.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
    expect(lines).toHaveLength(10);
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(source.slice(source.indexOf('import')));
  });
});
