import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEndpoints, readEndpoints } from '../../../src/server/webhooks/index.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
const environment = { HOOK_A: SECRET, HOOK_B: OTHER, EMPTY: '', NONSENSE: 'hunter2-hunter2' };
const read = (text: string, allowPrivate = false) => parseEndpoints(text, { environment, allowPrivate });
const problems = (text: string, allowPrivate = false): string[] =>
  read(text, allowPrivate).problems.map(({ line, message }) => `${line}: ${message}`);

const WHOLE = `
version: 1
endpoints:
  - name: crm
    url: https://crm.example.com/hooks/undertone
    secrets: [HOOK_A, HOOK_B]
    events: [alert.raised, call.ended]
    rules: [angry customer]
    severities: [medium, high]
    roles: [customer]
    metadata: [caller, queue]
    include: [legs]
    timeout: 20 s
    concurrency: 2
  - name: least
    url: https://example.org
    secrets: [HOOK_A]
`;

describe('the file of endpoints', () => {
  it('is read with everything that can stand in it, and defaults for what does not', () => {
    const [crm, least] = readEndpoints(WHOLE, { environment });
    expect(crm).toEqual({
      name: 'crm',
      url: new URL('https://crm.example.com/hooks/undertone'),
      secrets: [Buffer.alloc(32, 1), Buffer.alloc(24, 2)],
      events: new Set(['alert.raised', 'call.ended']),
      rules: new Set(['angry customer']),
      severities: new Set(['medium', 'high']),
      roles: new Set(['customer']),
      metadata: ['caller', 'queue'],
      include: new Set(['legs']),
      timeoutMs: 20_000,
      concurrency: 2,
    });
    expect(least).toEqual({
      name: 'least',
      url: new URL('https://example.org'),
      secrets: [Buffer.alloc(32, 1)],
      events: new Set(['alert.raised', 'alert.cleared', 'alert.handled', 'call.started', 'call.ended']),
      metadata: [],
      include: new Set(['evidence', 'legs', 'metrics']),
      timeoutMs: 15_000,
      concurrency: 4,
    });
  });

  it('may be JSON', () => {
    const json = JSON.stringify({ endpoints: [{ name: 'a', url: 'https://a.example', secrets: ['HOOK_A'] }] });
    expect(readEndpoints(json, { environment })).toHaveLength(1);
  });

  it('tells every problem at its line', () => {
    const text = `
endpoints:
  - name: a
    url: https://example.com
    secret: [HOOK_A]
  - name: a
    url: ftp://example.com
    secrets: [MISSING, EMPTY, NONSENSE]
    events: [alert.rised]
    severities: high
    timeout: 10
    concurrency: 1.5
  - url: https://user:pass@example.com/
    secrets: []
    metadata: [caller, 7]
`;
    expect(problems(text)).toEqual([
      '3: An endpoint needs "secrets".',
      expect.stringMatching(/^5: An endpoint has no "secret"; it has name, url, secrets/),
      '6: The name "a" is taken by an endpoint above.',
      '7: url begins with https://.',
      '8: The environment variable MISSING is not set.',
      '8: The environment variable EMPTY is not set.',
      '8: The environment variable NONSENSE is no secret: it is "whsec_" and 24 to 64 bytes in base64.',
      expect.stringMatching(/^9: events is one of alert\.raised, /),
      '10: severities is a list.',
      expect.stringMatching(/^11: timeout is a time with its unit/),
      '12: concurrency is a whole number.',
      '13: An endpoint needs "name".',
      '13: url holds no user and no password.',
      '14: secrets is empty.',
      '15: metadata is a text.',
    ]);
    expect(() => readEndpoints(text, { environment })).toThrow(
      /not valid\. line 3: An endpoint needs "secrets"\. line 5/,
    );
  });

  it.each([
    ['', '1: There are no endpoints; begin with "endpoints:".'],
    ['endpoints:', '1: "endpoints" has no value.'],
    ['hooks: []', /^1: The file has no "(hooks|endpoints)"/],
    ['endpoints: [', /^1: /],
    ['endpoints: []', '1: endpoints is empty.'],
    ['- a', '1: The file is a mapping with version or endpoints.'],
    ['version: 2\nendpoints: []', '1: version is 1, not 2.'],
  ])('is refused where it is %j', (text, problem) => {
    const [first] = problems(text);
    if (typeof problem === 'string') expect(first).toBe(problem);
    else expect(first).toMatch(problem);
  });

  it('says nothing of a secret, wherever somebody put one', () => {
    const inside = `
endpoints:
  - name: a
    url: https://hooks.example.com/T0/very-secret-path#x
    secrets: [${SECRET}, NONSENSE]
  - name: b
    url: "no address at all very-secret-path"
    secrets: ${SECRET}
`;
    const told = problems(inside).join('\n');
    expect(told.split('\n').length).toBeGreaterThanOrEqual(4);
    for (const secret of [SECRET, SECRET.slice(6, 20), 'hunter2', 'very-secret-path'])
      expect(told).not.toContain(secret);
  });

  it.each([
    'http://example.com/hook',
    'https://127.0.0.1/hook',
    'https://2130706433/hook',
    'https://0177.0.0.1/hook',
    'https://[::ffff:169.254.169.254]/hook',
    'https://192.168.1.2:8443/hook',
  ])('takes %s only where private addresses are allowed', (url) => {
    const text = `endpoints: [{name: a, url: "${url}", secrets: [HOOK_A]}]`;
    expect(problems(text)).toEqual([expect.stringContaining('--allow-private-webhooks')]);
    expect(problems(text, true)).toEqual([]);
  });

  it('never throws but its own error, whatever the text', () => {
    const words = fc.constantFrom(
      'endpoints',
      'name',
      'url',
      'secrets',
      ':',
      '\n  ',
      '- ',
      '[',
      ']',
      '{',
      '&a',
      '*a',
      '"',
      '!!x ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((parts) => parts.join('')),
        ),
        (text) => {
          const { endpoints, problems } = read(text);
          expect(endpoints.length + problems.length).toBeGreaterThan(0);
          for (const { line } of problems) expect(line).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });

  it('has bounds', () => {
    expect(problems('#'.repeat(300_000))).toEqual(['1: Endpoints have 256 KiB at most.']);
    const many = Array.from({ length: 101 }, (_, index) => ({
      name: `n${index}`,
      url: 'https://example.com',
      secrets: ['HOOK_A'],
    }));
    expect(problems(JSON.stringify({ endpoints: many }))).toEqual(['1: endpoints has 100 entries at most.']);
  });
});
