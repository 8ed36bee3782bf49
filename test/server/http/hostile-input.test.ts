import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../../src/server/http/routes/index.ts';
import { start } from '../harness.ts';
import { AS_ANNA, type Desk, httpOf, openDeskServer, rawly } from './harness.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDeskServer();
});
afterAll(() => desk.close());

const codeOf = (body: string): string => (JSON.parse(body) as { code: string }).code;

describe('queries', () => {
  it.each([
    ['/v1/calls?limit=0', 'limit must be a whole number from 1 to 200'],
    ['/v1/calls?limit=201', 'limit must be'],
    ['/v1/calls?limit=1.5', 'limit must be'],
    ['/v1/calls?limit=1e3', 'limit must be'],
    ['/v1/calls?limit=0x10', 'limit must be'],
    ['/v1/calls?limit=', 'limit must be'],
    ['/v1/calls?limit=99999999999999999999', 'limit must be'],
    ['/v1/calls?limit=5&limit=6', 'limit is given 2 times'],
    ['/v1/calls?from=yesterday', 'from must be a time in ISO 8601'],
    ['/v1/calls?from=2026-02-30T00:00:00Z', 'from must be a time'],
    ['/v1/calls?emotion=joy', 'emotion[0] must be one of'],
    ['/v1/calls?role=boss', 'role must be one of'],
    ['/v1/calls?minShare=2', 'minShare must be a number from 0 to 1'],
    ['/v1/calls?minShare=NaN', 'minShare must be'],
    ['/v1/calls?state=', 'state must be one of'],
    ['/v1/calls?text=', 'text must not be empty'],
    [`/v1/calls?text=${'x'.repeat(201)}`, 'text must be at most 200 characters'],
    [`/v1/calls?cursor=${'x'.repeat(501)}`, 'cursor must be at most 500 characters'],
    [`/v1/calls?metadata.a=${'x'.repeat(1001)}`, 'metadata.a must be at most 1000 characters'],
    ['/v1/calls?metadata=x', 'metadata is not a known parameter'],
    ['/v1/calls?__proto__=x', '__proto__ is not a known parameter'],
    ['/v1/calls?constructor=x', 'constructor is not a known parameter'],
    ['/v1/calls?toString=x', 'toString is not a known parameter'],
    ['/v1/calls?colour=red', 'colour is not a known parameter'],
    ['/v1/calls?text=%FF%FE', 'it is not percent-encoded UTF-8'],
    ['/v1/calls?%C3%28=1', 'it is not percent-encoded UTF-8'],
    [`/v1/calls?${'a=1&'.repeat(101)}`, 'more than 100 parameters'],
    [`/v1/calls?${Array.from({ length: 11 }, () => 'emotion=anger').join('&')}`, 'emotion must be at most 10 emotions'],
    ['/v1/day', 'date is missing'],
    ['/v1/day?date=2026-13-01', 'date must be a date'],
    ['/v1/day?date=2026-01-01&utcOffsetMinutes=9999', 'utcOffsetMinutes must be'],
    ['/v1/audit?limit=-1', 'limit must be'],
    ['/v1/calls/a%00b', 'callId must be 1 to 128 printable characters'],
    [`/v1/calls/${'x'.repeat(129)}`, 'callId must be 1 to 128'],
    ['/v1/calls/%E2%80%AEx', 'callId must be 1 to 128'],
    ['/v1/calls/x/waveform?points=0', 'points must be'],
    ['/v1/calls/x/audio?channel=1', 'channel needs the stream'],
    ['/v1/calls?cursor=bm9uc2Vuc2U', 'cursor'],
  ])('case %#', async (path, said) => {
    const answer = await desk.get(path);
    expect([answer.status, codeOf(answer.body)]).toEqual([400, 'invalid-query']);
    expect(answer.json<{ message: string }>().message).toContain(said);
    // Control characters and endless texts do not come back.
    expect(answer.body.length).toBeLessThan(400);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(answer.body).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('a path that is not UTF-8 is no request', async () => {
    for (const path of ['/v1/calls/%FF', '/v1/calls/%C3%28/report', '/v1/calls/%']) {
      const answer = await desk.get(path);
      expect([answer.status, codeOf(answer.body)]).toEqual([400, 'bad-request']);
    }
  });
});

describe('bodies', () => {
  const post = (path: string, body: unknown, method = 'POST') =>
    desk.ask(method, path, { body, headers: { 'Content-Type': 'application/json', ...AS_ANNA } });

  it.each([
    ['POST', '/v1/alerts/s:1', 'not json', 'it is not JSON'],
    ['POST', '/v1/alerts/s:1', '', 'it is not JSON'],
    ['POST', '/v1/alerts/s:1', '[]', 'it '],
    ['POST', '/v1/alerts/s:1', 'null', 'it '],
    ['POST', '/v1/alerts/s:1', '"text"', 'it '],
    ['POST', '/v1/alerts/s:1', {}, 'action must be one of acknowledge'],
    ['POST', '/v1/alerts/s:1', { action: 'explode' }, 'action must be one of acknowledge'],
    ['POST', '/v1/alerts/s:1', { action: 'take', extra: 1 }, 'extra is not a known field'],
    ['POST', '/v1/alerts/s:1', '{"action":"take","__proto__":{"by":"x"}}', '__proto__ is not a known field'],
    ['POST', '/v1/alerts/s:1', { action: 'take', by: 'a\u0000b' }, 'by must be 1 to 128 printable characters'],
    ['POST', '/v1/alerts/s:1', { action: 'take', note: 'x'.repeat(1001) }, 'note must be at most 1000 characters'],
    ['POST', '/v1/alerts/s:1', { action: 'snooze', until: 'tomorrow' }, 'until must be a time'],
    ['POST', '/v1/calls/x/corrections', { streamId: 's' }, 'channel'],
    [
      'POST',
      '/v1/calls/x/corrections',
      { streamId: 's', channel: 0, startMs: 5, endMs: 5, label: 'anger' },
      'endMs must be later than startMs',
    ],
    [
      'POST',
      '/v1/calls/x/corrections',
      '{"streamId":"s","channel":0,"startMs":0,"endMs":1e999,"label":"anger"}',
      'endMs must be',
    ],
    ['POST', '/v1/calls/x/analyses', {}, 'model is missing'],
    ['PUT', '/v1/rules', { text: 5, revision: 'x' }, 'text must be a string'],
    ['PUT', '/v1/rules', { text: 'x'.repeat(200_001), revision: 'x' }, 'text must be at most 200000 characters'],
    ['POST', '/v1/rules/test', { text: '' }, 'callId is missing'],
    ['PUT', '/v1/settings', { retentionDays: 0 }, 'retentionDays must be'],
    [
      'PUT',
      '/v1/settings',
      { policy: { analysedRoles: ['boss'], notice: '' } },
      'policy.analysedRoles[0] must be one of',
    ],
    ['PUT', '/v1/settings', { policy: 'none' }, 'policy must be an object'],
  ])('%s %s, case %#', async (method, path, body, said) => {
    const answer = await post(path, body, method);
    expect([answer.status, codeOf(answer.body)]).toEqual([400, 'invalid-body']);
    expect(answer.json<{ message: string }>().message).toContain(said);
  });

  it('that are not UTF-8 are refused', async () => {
    const head = 'POST /v1/rules/test HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\n';
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(desk.server.port, '127.0.0.1', () => {
        socket.write(head);
        socket.write(Buffer.from([0x22, 0xff, 0xfe, 0x22]));
      });
      socket.on('data', (part) => {
        text += part.toString();
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect(answer).toContain('it is not UTF-8');
  });

  it('that are too long are refused before they have come, whether they say so or not', async () => {
    const said = await rawly(
      desk.server.port,
      'PUT /v1/rules HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n{',
    );
    expect(said).toMatch(/^HTTP\/1\.1 413/);
    expect(said).toContain('"code":"body-too-large"');
    const chunk = 'x'.repeat(65_536);
    const unsaid = await rawly(
      desk.server.port,
      `PUT /v1/rules HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${`10000\r\n${chunk}\r\n`.repeat(5)}`,
    );
    expect(unsaid).toMatch(/^HTTP\/1\.1 413/);
    expect((await desk.get('/healthz')).status).toBe(200);
  });

  it('that break off are nobody else’s business', async () => {
    const socket = connect(desk.server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /v1/rules/test HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"text"');
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.resetAndDestroy();
    expect((await desk.get('/healthz')).status).toBe(200);
    const metrics = (await desk.get('/metrics')).body;
    expect(metrics).not.toContain('code="internal"');
  });
});

describe('paths', () => {
  it.each([
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/../../etc/passwd',
    '/....//....//etc/passwd',
    '/v1/../../etc/passwd',
    '/v1/calls/../../../etc/passwd',
    '//etc/passwd',
    '/\\..\\..\\etc',
    '/.env',
    '/index.html%00.js',
    '/__proto__',
    '/constructor',
    '/v1/unknown',
    '/v1/calls/x/y/z',
  ])('%s is nothing', async (path) => {
    const answer = await desk.ask('GET', path, { undescribed: true });
    expect([400, 404]).toContain(answer.status);
    expect(['bad-request', 'not-found', 'unknown-call']).toContain(codeOf(answer.body));
    expect(answer.body).not.toContain('root:');
  });

  it('a call may be called after one', async () => {
    for (const callId of ['..%2f..%2fetc', '%2e%2e%2f', '__proto__', 'constructor', 'hasOwnProperty']) {
      const answer = await desk.get(`/v1/calls/${callId}`);
      expect([answer.status, codeOf(answer.body)]).toEqual([404, 'unknown-call']);
    }
  });

  it.each([...new Set(routes.map(({ path }) => path))])('%s tells which methods it knows', async (path) => {
    const own = routes.filter((route) => route.path === path);
    if (own[0]?.webSocket) return;
    const methods = own.map(({ method }) => method);
    const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      if (methods.includes(method as (typeof methods)[number]) || (method === 'HEAD' && methods.includes('GET')))
        continue;
      const answer = await desk.ask(method, path.replace(/:\w+/g, 'x'), { undescribed: true });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allowed]);
      if (method !== 'HEAD') expect(codeOf(answer.body)).toBe('method-not-allowed');
    }
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 400, 'bad-request'],
    ['a header that is none', 'GET / HTTP/1.1\r\nHost: localhost\r\n:::\r\n\r\n', 400, 'bad-request'],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, undefined],
    [
      'two lengths',
      'POST /v1/rules/test HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'bad-request',
    ],
    [
      'endless headers',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    [
      'an endless address',
      `GET /v1/calls?text=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      431,
      'headers-too-large',
    ],
  ])('%s', async (_, bytes, status, code) => {
    const answer = await rawly(desk.server.port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (code !== undefined) {
      expect(answer).toContain('Content-Type: application/json; charset=utf-8');
      expect(codeOf(answer.slice(answer.indexOf('\r\n\r\n')))).toBe(code);
    }
  });

  it('HTTP/1.0 without a host is asked by load balancers', async () => {
    expect(await rawly(desk.server.port, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200/);
  });

  it('whoever dribbles is cut off', async () => {
    const quick = await start({ limits: { startTimeoutMs: 200, requestTimeoutMs: 300 } });
    const port = Number(new URL(httpOf(quick)).port);
    const dribble = async (first: string, more: string): Promise<string> => {
      let text = '';
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('data', (part) => {
        text += part.toString();
      });
      await once(socket, 'connect');
      socket.write(first);
      const timer = setInterval(() => socket.writable && socket.write(more), 50);
      await once(socket, 'close');
      clearInterval(timer);
      return text;
    };
    const headers = await dribble('GET /healthz HTTP/1.1\r\nHost: localhost\r\n', 'X-More: 1\r\n');
    expect(headers).toMatch(/^HTTP\/1\.1 408/);
    expect(headers).toContain('"code":"request-timeout"');
    const body = await dribble('POST /v1/rules/test HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n', ' ');
    expect(body).toMatch(/^HTTP\/1\.1 4(08|00)/);
    await quick.close();
  });
});
