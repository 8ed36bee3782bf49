import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../src/errors.ts';
import { readinessOf } from '../../../src/server/http/readiness.ts';
import type { Store } from '../../../src/store/index.ts';
import { fakeAnalyzer } from '../fake-analyzer.ts';
import { audio, Peer, start } from '../harness.ts';
import { ask, callOf, eventually, httpOf, openDeskServer, sureModel } from './harness.ts';

const ready = async (base: string) => {
  const { status, body } = await ask(base, 'GET', '/readyz');
  return { ...(JSON.parse(body) as { status: string; reasons: string[] }), http: status };
};

/** A store whose disk is full, as long as it is. */
function faulty(store: Store, failing: () => boolean): Store {
  return new Proxy(store, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if ((name === 'write' || name === 'timeline') && failing()) {
          return Promise.reject(new UndertoneError('store-unavailable', { detail: 'the disk is full' }));
        }
        return Reflect.apply(value, of, given) as unknown;
      };
    },
  });
}

describe('readiness', () => {
  it('is there as long as nothing fails, and the reasons are all that do', () => {
    const well = {
      draining: false,
      overloaded: false,
      modelFailed: false,
      analysisUnavailable: false,
      storeFailing: false,
    };
    expect(readinessOf(well)).toEqual({ status: 'ready', reasons: [] });
    expect(readinessOf({ ...well, draining: true, storeFailing: true })).toEqual({
      status: 'not-ready',
      reasons: ['draining', 'store-failing'],
    });
    for (const key of Object.keys(well)) expect(readinessOf({ ...well, [key]: true }).reasons.length).toBe(1);
  });

  it('of a server that runs is given, with its head', async () => {
    const server = await start();
    expect(await ready(httpOf(server))).toMatchObject({ http: 200, reasons: [] });
    const head = await ask(httpOf(server), 'HEAD', '/readyz');
    expect([head.status, head.body]).toEqual([200, '']);
    await server.close();
  });

  it('ends when the server drains, while it still answers', async () => {
    const server = await start({ createAnalyzer: fakeAnalyzer() });
    const peer = await Peer.started(server, { callId: 'none' });
    const base = httpOf(server);
    // A request that is under way when it begins is answered to its end.
    const reader = await Peer.subscribe(server, 'stream=*');
    peer.socket.pause();
    const closing = server.close({ drainMs: 300 });
    const answered = await ask(base, 'GET', '/readyz').catch(() => undefined);
    // Nothing new is taken: either it is refused at the door, or told why.
    if (answered !== undefined) expect(answered.status).toBe(503);
    await closing;
    expect(reader.of('status').some(({ code }) => code === 'draining')).toBe(true);
  });

  it('ends when the model fails', async () => {
    const server = await start({
      createAnalyzer: fakeAnalyzer(),
      model: {
        ...sureModel(),
        manifest: sureModel().manifest,
        predict: () => {
          throw new Error('injected');
        },
        dispose: () => {},
      },
    });
    const base = httpOf(server);
    expect((await ready(base)).http).toBe(200);
    const peer = await Peer.started(server, { callId: 'model-fails' });
    peer.send(audio(0.5));
    await peer.closed();
    expect(await ready(base)).toMatchObject({ http: 503, status: 'not-ready', reasons: ['model-failed'] });
    expect((await ask(base, 'GET', '/healthz')).status).toBe(200);
    await server.close();
  });

  it('ends while the store fails; calls go on, and are kept when it works again', async () => {
    const desk = await openDeskServer();
    let failing = true;
    const store = faulty(desk.store, () => failing);
    const server = await start({ store, model: sureModel() });
    const base = httpOf(server);
    const events = await callOf(server, 1, { callId: 'survivor' });
    expect(events.at(-1)?.type).toBe('ended');
    await eventually(
      () => ready(base),
      ({ http }) => http === 503,
    );
    expect(await ready(base)).toMatchObject({ reasons: ['store-failing'] });
    const settings = (await ask(base, 'GET', '/v1/settings')).json<{ store: { failing: string } }>();
    expect(settings.store.failing).toMatch(/disk is full/);
    expect((await ask(base, 'GET', '/metrics')).body).toMatch(/undertone_store_failing 1/);
    // A call that has just ended is told from memory in the meantime.
    const report = await ask(base, 'GET', '/v1/calls/survivor/report?format=json');
    expect(report.status).toBe(200);
    failing = false;
    await eventually(
      () => ready(base),
      ({ http }) => http === 200,
    );
    expect((await ask(base, 'GET', '/v1/calls/survivor')).json()).toMatchObject({ state: 'ended', missingEvents: 0 });
    await server.close();
    await desk.close();
  });

  it('ends under overload', async () => {
    // Whatever the lag is, it is over this budget.
    const server = await start({ limits: { lagBudgetMs: -1 } });
    const base = httpOf(server);
    await eventually(
      () => ready(base),
      ({ reasons }) => reasons.includes('overloaded'),
    );
    expect((await ask(base, 'GET', '/metrics')).body).toMatch(/undertone_ready 0/);
    await server.close();
  });
});
