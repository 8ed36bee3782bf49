import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { UndertoneError } from '../../../src/errors.ts';
import {
  ALERT_ACTIONS,
  type AlertRequest,
  type CallAlert,
  handledState,
  type Role,
} from '../../../src/protocol/index.ts';
import { AlertBook } from '../../../src/server/desk/alert-book.ts';
import { Alerts } from '../../../src/server/desk/alert-desk.ts';
import { tellLost } from '../../../src/server/desk/handling-keeper.ts';
import { pause } from '../harness.ts';
import { alertEvent, FakeStore, streamOf } from './fakes.ts';

const NOW = Date.parse('2030-01-01T10:00:00Z');
const ID = 's:7';

interface Parts {
  readonly store?: FakeStore;
  readonly keep?: number;
  readonly withheld?: readonly Role[];
  readonly flush?: () => Promise<boolean>;
}

/** A desk with one alert raised on stream `s`. */
function deskWith({ store, keep = 100, withheld = [], flush = async () => true }: Parts = {}) {
  const lost: unknown[] = [];
  const told: string[] = [];
  const book = new AlertBook({ keep, now: () => NOW });
  const stream = streamOf('s', 'call');
  book.event(stream, alertEvent('s', 7), 1000);
  const alerts = new Alerts({
    book,
    store,
    flush,
    withheld: () => withheld,
    now: () => NOW,
    onHandled: (_, { action }) => void told.push(action),
    onLost: (error) => void lost.push(error),
  });
  return { book, stream, alerts, lost, told };
}

const by = (name: string, action: AlertRequest['action'], more: Partial<AlertRequest> = {}): AlertRequest => ({
  action,
  by: name,
  ...more,
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof UndertoneError ? `${error.code}: ${error.message}` : String(error)),
  );

const standing = ({ takenBy, acknowledged, wrong, snoozedUntil }: CallAlert) => ({
  takenBy,
  acknowledged,
  wrong,
  snoozedUntil,
});

describe('an alert that is raised', () => {
  it('is known in the time of the call, with what it stands on', async () => {
    const { alerts } = deskWith();
    expect(await alerts.get(ID)).toEqual({
      alertId: ID,
      callId: 'call',
      streamId: 's',
      rule: 'angry',
      severity: 'high',
      atMs: 6000,
      sinceMs: 4000,
      evidence: [
        {
          measure: 'anger',
          comparison: 'above',
          threshold: 0.6,
          value: 0.8,
          holds: true,
          channel: 0,
          channelName: 'caller',
        },
      ],
      raisedAt: '2030-01-01T10:00:00.000Z',
      clearedMs: null,
      handling: [],
      takenBy: null,
      acknowledged: false,
      wrong: false,
      snoozedUntil: null,
    });
  });

  it('is acknowledged, snoozed, taken, released, marked as wrong and opened again; who did it and when is kept', async () => {
    const { alerts } = deskWith();
    const until = '2030-01-01T12:00:00+01:00';
    await alerts.handle(ID, by('Ada', 'acknowledge'));
    await alerts.handle(ID, by('Bo', 'snooze', { until, note: ' calls back at noon ' }));
    await alerts.handle(ID, by('Bo', 'take'));
    expect(standing(await alerts.handle(ID, by('Cy', 'mark-wrong')))).toEqual({
      takenBy: 'Bo',
      acknowledged: true,
      wrong: true,
      snoozedUntil: '2030-01-01T11:00:00.000Z',
    });
    const opened = await alerts.handle(ID, by('Ada', 'reopen'));
    expect(standing(opened)).toEqual({ takenBy: 'Bo', acknowledged: false, wrong: false, snoozedUntil: null });
    const released = await alerts.handle(ID, by('Ada', 'release'));
    expect(released.takenBy).toBeNull();
    const at = '2030-01-01T10:00:00.000Z';
    expect(released.handling).toEqual([
      { action: 'acknowledge', by: 'Ada', at },
      { action: 'snooze', by: 'Bo', at, until: '2030-01-01T11:00:00.000Z', note: 'calls back at noon' },
      { action: 'take', by: 'Bo', at },
      { action: 'mark-wrong', by: 'Cy', at },
      { action: 'reopen', by: 'Ada', at },
      { action: 'release', by: 'Ada', at },
    ]);
  });

  it('stands the same when a request comes twice', async () => {
    const requests: readonly AlertRequest[] = [
      ...ALERT_ACTIONS.map((action) => by('Ada', action, action === 'snooze' ? { until: '2030-01-02T00:00:00Z' } : {})),
      by('Ada', 'acknowledge', { note: 'twice' }),
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...requests), { maxLength: 12 }), async (some) => {
        const [once, twice] = [deskWith().alerts, deskWith().alerts];
        for (const request of some) {
          await once.handle(ID, request);
          await twice.handle(ID, request);
          await twice.handle(ID, request);
        }
        expect(await twice.get(ID)).toEqual(await once.get(ID));
      }),
      { numRuns: 50 },
    );
  });

  it('stands as what was done with it says', async () => {
    const request = fc.record({
      action: fc.constantFrom(...ALERT_ACTIONS),
      by: fc.constantFrom('Ada', 'Bo'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
        const { alerts } = deskWith();
        for (const each of requests) {
          const until = each.action === 'snooze' ? { until: '2030-01-02T00:00:00Z' } : {};
          await alerts.handle(ID, { ...each, ...until }).catch(() => {});
        }
        const alert = (await alerts.get(ID))!;
        expect(standing(alert)).toEqual(handledState(alert.handling));
      }),
    );
  });

  it('is taken by the first of many who want it at once; the others are told who has it', async () => {
    const { alerts } = deskWith();
    const names = Array.from({ length: 20 }, (_, index) => `supervisor ${index}`);
    const results = await Promise.all(names.map((name) => codeOf(alerts.handle(ID, by(name, 'take')))));
    expect(results[0]).toBe('done');
    expect(new Set(results.slice(1))).toEqual(
      new Set(['conflict: Somebody else was first: supervisor 0 has taken the alert; release it to take it.']),
    );
    await alerts.handle(ID, by('supervisor 3', 'release'));
    expect((await alerts.handle(ID, by('supervisor 3', 'take'))).takenBy).toBe('supervisor 3');
  });

  it('is not taken over with a note either, and told once', async () => {
    const { alerts, told } = deskWith();
    await alerts.handle(ID, by('Ada', 'take'));
    await alerts.handle(ID, by('Ada', 'take'));
    expect(told).toEqual(['take']);
    expect(await codeOf(alerts.handle(ID, by('Bo', 'take', { note: 'mine' })))).toMatch(/^conflict/);
    expect((await alerts.handle(ID, by('Ada', 'take', { note: 'still mine' }))).handling).toHaveLength(2);
  });

  it.each([
    [by('', 'take'), 'by is a name'],
    [by('  ', 'take'), 'by is a name'],
    [by('a\nb', 'take'), 'by is a name'],
    [by('x'.repeat(129), 'take'), 'by is a name'],
    [by('Ada', 'snooze'), 'until goes with snooze'],
    [by('Ada', 'take', { until: '2030-01-01T11:00:00Z' }), 'until goes with snooze'],
    [by('Ada', 'snooze', { until: 'tomorrow' }), 'until is a moment of the next 7 days'],
    [by('Ada', 'snooze', { until: '2030-01-01T09:59:59Z' }), 'until is a moment of the next 7 days'],
    [by('Ada', 'snooze', { until: '2030-01-08T10:00:01Z' }), 'until is a moment of the next 7 days'],
    [by('Ada', 'acknowledge', { note: 'x'.repeat(1001) }), 'note is at most'],
    [by('Ada', 'acknowledge', { note: 'a\u0000b' }), 'note is at most'],
    [by('Ada', 'explode' as AlertRequest['action']), 'action is one of'],
  ])('refuses %j', async (request, reason) => {
    const { alerts } = deskWith();
    expect(await codeOf(alerts.handle(ID, request))).toContain(`invalid-body: The body is not valid: ${reason}`);
    expect((await alerts.get(ID))?.handling).toEqual([]);
  });

  it('is unknown by another name', async () => {
    const { alerts } = deskWith();
    expect(await codeOf(alerts.handle('s:8', by('Ada', 'take')))).toMatch(/^unknown-alert/);
  });

  it('is none where it stood on an emotion that the policy withholds', async () => {
    const hidden = deskWith({ withheld: ['customer'] });
    expect(await hidden.alerts.get(ID)).toBeUndefined();
    expect(await codeOf(hidden.alerts.handle(ID, by('Ada', 'take')))).toMatch(/^unknown-alert/);
    expect(await deskWith({ withheld: ['employee'] }).alerts.get(ID)).toBeDefined();
  });
});

describe('the book of alerts', () => {
  it('keeps those that are raised, and the latest of those that were cleared', async () => {
    const { book, stream } = deskWith({ keep: 2 });
    for (const cursor of [10, 12, 14, 16]) {
      book.event(stream, alertEvent('s', cursor, { rule: `r${cursor}` }), 0);
      book.event(
        stream,
        alertEvent('s', cursor + 1, { rule: `r${cursor}`, state: 'cleared', atMs: 9000, cause: 'condition' }),
        0,
      );
    }
    expect([7, 10, 12, 14, 16].map((cursor) => book.get(`s:${cursor}`)?.clearedMs)).toEqual([
      null,
      undefined,
      undefined,
      9000,
      9000,
    ]);
    expect(book.raisedOn([stream]).map(({ rule }) => rule)).toEqual(['angry']);
  });

  it('lets a cleared alert be handled', async () => {
    const { book, stream, alerts } = deskWith();
    book.event(stream, alertEvent('s', 9, { state: 'cleared', atMs: 8000, cause: 'condition' }), 1000);
    const alert = await alerts.handle(ID, by('Ada', 'mark-wrong'));
    expect(alert).toMatchObject({ clearedMs: 9000, cause: 'condition', wrong: true });
    expect(book.raisedOn([stream])).toEqual([]);
  });

  it('clears what a stream that broke could not', () => {
    const { book, stream } = deskWith();
    book.ended(stream, 7000);
    expect(book.get(ID)).toMatchObject({ clearedMs: 7000, cause: 'ended' });
    expect(book.raisedOn([stream])).toEqual([]);
  });

  it('shows the most severe first, and of those the oldest', () => {
    const { book, stream } = deskWith();
    const more = [
      ['low', 1000],
      ['high', 2000],
      ['medium', 1000],
    ] as const;
    more.forEach(([severity, sinceMs], index) => {
      book.event(stream, alertEvent('s', 20 + index, { rule: `${severity} ${sinceMs}`, severity, sinceMs }), 0);
    });
    expect(book.raisedOn([stream]).map(({ rule }) => rule)).toEqual(['high 2000', 'angry', 'medium 1000', 'low 1000']);
  });

  it('forgets calls that were erased', () => {
    const { book, stream } = deskWith();
    book.event(stream, alertEvent('s', 9, { state: 'cleared' }), 0);
    book.forget(['another']);
    expect(book.get(ID)).toBeDefined();
    book.forget(['call']);
    expect(book.get(ID)).toBeUndefined();
  });

  it('forgets an alert of an erased call that goes on once it is cleared', () => {
    const { book, stream } = deskWith();
    book.forget(['call']);
    expect(book.raisedOn([stream])).toHaveLength(1);
    book.event(stream, alertEvent('s', 9, { state: 'cleared' }), 0);
    expect(book.get(ID)).toBeUndefined();
  });
});

describe('what is done with an alert', () => {
  const arrive = (store: FakeStore, alert: CallAlert | undefined): void => {
    if (alert !== undefined) store.alerts.set(ID, { ...alert, handling: [] });
  };

  it('reaches the store, which gets the alert itself a little later', async () => {
    const store = new FakeStore();
    const { alerts, book } = deskWith({
      store,
      flush: async () => {
        arrive(store, book.get(ID));
        return true;
      },
    });
    await alerts.handle(ID, by('Ada', 'take'));
    expect(store.handled.map(([, { action }]) => action)).toEqual(['take']);
  });

  it('has effect while the store fails, and is kept in order when it answers again', async () => {
    const store = new FakeStore();
    const { alerts, book, lost } = deskWith({ store });
    arrive(store, book.get(ID));
    store.failing = true;
    const first = alerts.handle(ID, by('Ada', 'acknowledge'));
    await pause(20);
    expect(book.get(ID)).toMatchObject({ acknowledged: true });
    store.failing = false;
    await first;
    await alerts.handle(ID, by('Bo', 'take'));
    expect(store.handled.map(([, { action }]) => action)).toEqual(['acknowledge', 'take']);
    expect(lost).toEqual([]);
  });

  it('does not make the supervisor wait for a store that is gone for long, and is tried once more at the end', async () => {
    const store = new FakeStore();
    const { alerts, book, lost } = deskWith({ store });
    arrive(store, book.get(ID));
    store.failing = true;
    await alerts.handle(ID, by('Ada', 'acknowledge'));
    expect(store.handled).toEqual([]);
    store.failing = false;
    await alerts.close(1000);
    expect(store.handled).toHaveLength(1);
    expect(lost).toEqual([]);
  }, 10_000);

  it('does not ask a store that is away about every alert that waits', async () => {
    const store = new FakeStore();
    const { alerts, book, stream } = deskWith({ store });
    for (let cursor = 100; cursor < 200; cursor += 1)
      book.event(stream, alertEvent('s', cursor, { rule: `r${cursor}` }), 0);
    store.failing = true;
    const all = Array.from({ length: 100 }, (_, index) => alerts.handle(`s:${100 + index}`, by('Ada', 'acknowledge')));
    await pause(50);
    expect(store.asked).toBeLessThan(10);
    store.failing = false;
    for (let cursor = 100; cursor < 200; cursor += 1) store.alerts.set(`s:${cursor}`, book.get(`s:${cursor}`)!);
    await Promise.all(all);
    await vi.waitFor(() => expect(store.handled).toHaveLength(100), { timeout: 20_000 });
  });

  it('is told as lost where it was never kept', async () => {
    const store = new FakeStore();
    const { alerts, lost } = deskWith({ store });
    store.failing = true;
    void alerts.handle(ID, by('Ada', 'acknowledge'));
    await pause(20);
    await alerts.close(50);
    expect(lost).toHaveLength(1);
  });

  it('is logged without the alert, whose stream may be a telephone number', () => {
    const logged: unknown[] = [];
    const tell = tellLost({ error: (...entry) => void logged.push(entry) });
    tell(new UndertoneError('not-found', { path: '/v1/alerts/+15555550100:7' }));
    const fault = new Error('a fault of the code');
    tell(fault);
    const message = 'what was done with an alert could not be kept';
    expect(logged).toEqual([
      [{ code: 'not-found' }, message],
      [{ code: 'internal', err: fault }, message],
    ]);
  });

  it('with an alert of long ago is done in the store', async () => {
    const store = new FakeStore();
    const { alerts, book } = deskWith({ store });
    store.alerts.set('old:3', { ...book.get(ID)!, alertId: 'old:3', takenBy: 'Bo', handling: [] });
    expect(await codeOf(alerts.handle('old:3', by('Ada', 'take')))).toMatch(/^conflict/);
    await alerts.handle('old:3', by('Ada', 'release'));
    expect(store.handled.map(([alertId, { action }]) => `${alertId} ${action}`)).toEqual(['old:3 release']);
    store.failing = true;
    expect(await codeOf(alerts.handle('old:3', by('Ada', 'acknowledge')))).toMatch(/^store-unavailable/);
  });
});
