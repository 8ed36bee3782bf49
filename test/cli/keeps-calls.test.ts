import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallDetail, CallPage, DeskSettings, RulesText } from '../../src/protocol/index.ts';
import { modelFolder } from '../inference/model-folder.ts';
import { serve } from './server.ts';
import { DEMO_CALL, undertone } from './undertone.ts';

const KEY = Buffer.alloc(32, 5).toString('base64');
const RULES = 'rules:\n  - name: long\n    when: { measure: duration, above: 1 s }\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-keeps-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const http = (url: string): string => url.replace('ws:', 'http:');
const replay = (url: string, ...more: string[]) =>
  undertone(['replay', DEMO_CALL, '--url', url, '--speed', 'max', '--format', 'jsonl', ...more]);

describe('undertone serve with a store', () => {
  it('keeps calls over its end, and report makes of them what the server does', async () => {
    const store = join(folder, 'calls.db');
    const args = ['--store', store, '--log-level', 'silent'];
    const first = await serve(args);
    await replay(first.url, '--channels', 'caller:customer,agent:employee');
    const base = http(first.url);
    const { calls } = (await (await fetch(`${base}/v1/calls`)).json()) as CallPage;
    const [call] = calls;
    expect(calls.length).toBe(1);
    const id = call?.callId ?? '';
    const path = `/v1/calls/${encodeURIComponent(id)}`;
    const given: Record<string, string> = {};
    for (const format of ['html', 'json']) {
      given[format] = await (await fetch(`${base}${path}/report?format=${format}`)).text();
    }
    for (const [format, name] of [
      ['vtt', 'webvtt'],
      ['csv', 'csv'],
      ['jsonl', 'jsonl'],
    ] as const) {
      given[format] = await (await fetch(`${base}${path}/timeline?format=${name}`)).text();
    }
    // The file is its server's as long as that runs.
    const locked = await undertone(['report', id, '--store', store]);
    expect([locked.status, locked.stderr]).toEqual([1, expect.stringMatching(/in use by another process/)]);
    expect((await first.stop()).status).toBe(0);

    for (const [format, text] of Object.entries(given)) {
      const { status, stdout, stderr } = await undertone(['report', id, '--store', store, '--format', format]);
      expect([format, status, stderr]).toEqual([format, 0, '']);
      expect(stdout).toBe(text);
    }
    const { html } = given;
    const out = join(folder, 'reports');
    const several = await undertone(['report', id, 'nobody', '--store', store, '--out', `${out}/`]);
    expect([several.status, several.stderr]).toEqual([1, expect.stringMatching(/There is no call "nobody"/)]);
    expect(readFileSync(join(out, `${id}.html`), 'utf8')).toBe(html);

    const again = await serve(args);
    const kept = (await (await fetch(`${http(again.url)}${path}`)).json()) as CallDetail;
    expect(kept).toMatchObject({ callId: id, state: 'ended' });
    await again.stop();
  });

  it('is at the place for data of its user where nothing is said, and for that user alone', async () => {
    const data = join(folder, 'data');
    const { UNDERTONE_STORE: _, ...env } = process.env;
    const server = await serve(['--log-level', 'silent'], {
      env: { ...env, XDG_DATA_HOME: data, UNDERTONE_STORE: undefined },
    });
    const file = join(data, 'undertone', 'undertone.db');
    expect(existsSync(file)).toBe(true);
    expect(statSync(file).mode & 0o077).toBe(0);
    await server.stop();
  });

  it('keeps audio with a key from the environment, offers other models, and looks after its rules', async () => {
    const models = join(folder, 'models');
    cpSync(modelFolder(), join(models, 'random'), { recursive: true });
    writeFileSync(join(folder, 'rules.yaml'), RULES);
    const recordings = join(folder, 'recordings');
    const server = await serve(
      [
        ...[
          '--store',
          join(folder, 'recorded.db'),
          '--record',
          recordings,
          '--models',
          models,
          '--log-level',
          'silent',
        ],
        ...['--rules', join(folder, 'rules.yaml'), '--retention-days', '30', '--caller-key', 'ani'],
      ],
      { env: { UNDERTONE_RECORD_KEY: KEY } },
    );
    const base = http(server.url);
    const settings = (await (await fetch(`${base}/v1/settings`)).json()) as DeskSettings;
    expect(settings).toMatchObject({
      models: ['random'],
      retentionDays: 30,
      recording: true,
      store: { kind: 'sqlite' },
    });
    await replay(server.url);
    const { calls } = (await (await fetch(`${base}/v1/calls`)).json()) as CallPage;
    const audio = await fetch(`${base}/v1/calls/${calls[0]?.callId}/audio`);
    expect([audio.status, audio.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    const rules = (await (await fetch(`${base}/v1/rules`)).json()) as RulesText;
    expect(rules.text).toBe(RULES);
    const changed = await fetch(`${base}/v1/rules`, {
      method: 'PUT',
      headers: { 'X-Undertone-By': 'Anna' },
      body: JSON.stringify({ text: RULES.replace('long', 'longer'), revision: rules.revision }),
    });
    expect(changed.status).toBe(200);
    expect(readFileSync(join(folder, 'rules.yaml'), 'utf8')).toContain('longer');
    await server.stop();
  });

  it('has a page, unless it is not wanted', async () => {
    const server = await serve(['--log-level', 'silent', '--no-ui']);
    expect((await fetch(`${http(server.url)}/`)).status).toBe(404);
    const { stdout } = await server.stop();
    expect(stdout).not.toContain('page');
    const other = await serve(['--log-level', 'silent']);
    const page = await fetch(`${http(other.url)}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await other.stop()).stdout).toMatch(/^The page is at http:\/\/127\.0\.0\.1:\d+\/$/m);
  });

  it.each<[string, string[], Record<string, string>, number, RegExp]>([
    ['no key for recordings', ['--record', 'x', '--store', 'y.db'], {}, 1, /UNDERTONE_RECORD_KEY: it is not set/],
    ['half a key', ['--record', 'x', '--store', 'y.db'], { UNDERTONE_RECORD_KEY: 'c2hvcnQ=' }, 1, /it has 5 bytes/],
    [
      'recordings without a store',
      ['--record', 'x', '--store', 'none'],
      { UNDERTONE_RECORD_KEY: KEY },
      2,
      /needs a store/,
    ],
    ['a store of a kind that is none', ['--store', 'mysql://x'], {}, 1, /store cannot be opened/],
    ['webhooks that are not there', ['--webhooks', 'none.yaml'], {}, 1, /none\.yaml cannot be read: it does not exist/],
    ['models that are not there', ['--models', 'nowhere'], {}, 1, /nowhere cannot be read/],
    ['a retention that is none', ['--retention-days', '0'], {}, 2, /retention-days/],
  ])('%s: one sentence, and no server', async (_, args, env, expected, sentence) => {
    const model = modelFolder();
    const { status, stdout, stderr } = await undertone(['serve', '--port', '0', '--model', model, ...args], {
      cwd: folder,
      env,
    });
    rmSync(model, { recursive: true });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(existsSync(join(folder, 'y.db'))).toBe(false);
  });
});

describe('undertone report --store', () => {
  it('makes no store, and judges by no other rules', async () => {
    const missing = await undertone(['report', 'x', '--store', join(folder, 'missing.db')]);
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringMatching(/missing\.db does not exist/)]);
    expect(existsSync(join(folder, 'missing.db'))).toBe(false);
    const judged = await undertone(['report', 'x', '--store', join(folder, 'calls.db'), '--rules', 'rules.yaml']);
    expect([judged.status, judged.stderr]).toEqual([2, expect.stringMatching(/alerts that were raised/)]);
    const two = await undertone(['report', 'x', 'y', '--store', join(folder, 'calls.db')]);
    expect([two.status, two.stderr]).toEqual([2, expect.stringMatching(/need a folder/)]);
  });
});
