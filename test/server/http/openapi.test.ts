import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorTable } from '../../../src/errors.ts';
import { routes } from '../../../src/server/http/routes/index.ts';
import { type Desk, openDeskServer } from './harness.ts';
import { misfits, specification } from './specification.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../../docs/openapi.yaml'), 'utf8');

let desk: Desk;
beforeAll(async () => {
  desk = await openDeskServer();
});
afterAll(() => desk.close());

describe('docs/openapi.yaml', () => {
  it('is valid OpenAPI 3.1 for a validator that is not ours, and all that it refers to is there', async () => {
    const validator = new Validator();
    const result = await validator.validate(text);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
    expect(() => validator.resolveRefs()).not.toThrow();
    // And it would say so.
    const broken = await new Validator().validate(text.replace('summary: Find calls', 'summary: { not: text }'));
    expect(broken.valid).toBe(false);
  });

  it('is what the server gives away', async () => {
    const answer = await desk.get('/openapi.yaml');
    expect(answer.body).toBe(text);
    expect(answer.headers['content-type']).toBe('application/yaml; charset=utf-8');
  });

  it('has every route of the server, and the server every route of it', () => {
    const ours = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const described = Object.entries(specification.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...ours, 'GET /', 'GET /socket.io/'].sort());
  });

  it('names every parameter of a path', () => {
    for (const [path, methods] of Object.entries(specification.paths)) {
      const holes = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(methods)) {
        const named = (operation.parameters ?? []).filter((each) => each.in === 'path');
        expect([path, named.map(({ name }) => name)]).toEqual([path, holes]);
        expect(named.every(({ required }) => required)).toBe(true);
      }
    }
  });

  it('has errors of the table alone, each under its status', () => {
    for (const [path, methods] of Object.entries(specification.paths)) {
      for (const { responses } of Object.values(methods)) {
        for (const [status, { $ref }] of Object.entries(responses)) {
          if ($ref === undefined || status === 'default') continue;
          const codes = ($ref.split('/').at(-1) ?? '').split('.') as (keyof typeof errorTable)[];
          expect([path, status, codes.map((code) => String(errorTable[code].http))]).toEqual([
            path,
            status,
            codes.map(() => status),
          ]);
        }
      }
    }
  });

  it('would not take an answer that does not fit', () => {
    const fits = (status: number, body: unknown, path = '/v1/audit') =>
      misfits('GET', path, { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) });
    expect(fits(200, { entries: [] })).toEqual([]);
    expect(fits(200, { entries: [{ at: 'now', by: 'a', action: 'b', subject: 'c' }] })).not.toEqual([]);
    expect(fits(200, { entries: [], more: 1 })).not.toEqual([]);
    expect(fits(200, {})).not.toEqual([]);
    expect(fits(418, {})).not.toEqual([]);
    expect(fits(404, { type: 'error', code: 'no-store', message: 'x' })).not.toEqual([]);
    expect(fits(200, {}, '/v1/nothing')).not.toEqual([]);
    expect(misfits('GET', '/v1/audit', { status: 200, type: 'text/html', body: '' })).not.toEqual([]);
  });
});
