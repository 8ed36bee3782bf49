import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../src/errors.ts';
import { type DeskSettingsChange, ROLES, type Role } from '../../../src/protocol/index.ts';
import { OPEN_POLICY, withheldRoles } from '../../../src/server/desk/policy.ts';
import { Retention } from '../../../src/server/desk/retention.ts';
import { Settings } from '../../../src/server/desk/settings.ts';
import { pause } from '../harness.ts';
import { FakeStore, listLogger } from './fakes.ts';

const NOW = Date.parse('2030-01-01T10:00:00Z');
const DAY_MS = 86_400_000;
const MODEL = { name: 'm', version: '1', hash: 'h', labels: ['anger', 'neutral'] } as const;

async function open(store?: FakeStore, retentionDays?: number | null) {
  const heard: string[] = [];
  const settings = await Settings.open({
    facts: { version: '1.2.3', model: MODEL, models: ['m'], recording: false, keyRequired: true, store: () => null },
    store,
    retentionDays,
    onPolicy: () => void heard.push('policy'),
    onRetention: () => void heard.push('retention'),
    logger: listLogger([]),
    now: () => NOW,
  });
  return { settings, heard };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof UndertoneError ? error.code : String(error)),
  );

describe('settings', () => {
  it('are at first: everything shown, nothing erased, or what the server was started with', async () => {
    expect((await open()).settings.get()).toEqual({
      version: '1.2.3',
      model: MODEL,
      models: ['m'],
      store: null,
      retentionDays: null,
      recording: false,
      keyRequired: true,
      policy: { analysedRoles: ROLES, notice: '' },
    });
    expect((await open(new FakeStore(), 30)).settings.retentionDays).toBe(30);
  });

  it('that were changed are kept over a restart, and noted with who changed them', async () => {
    const store = new FakeStore();
    const { settings, heard } = await open(store, 30);
    const policy = { analysedRoles: ['customer'] as const, notice: 'Calls are analysed.' };
    expect((await settings.change({ retentionDays: null, policy }, 'Ada')).policy).toEqual(policy);
    expect(heard).toEqual(['policy', 'retention']);
    const again = (await open(store, 30)).settings;
    expect(again.get()).toMatchObject({ retentionDays: null, policy });
    await again.change({ retentionDays: 7 }, 'Bo');
    expect((await open(store)).settings.retentionDays).toBe(7);
    expect(store.entries.map(({ by, action, subject }) => [by, action, subject])).toEqual([
      ['Ada', 'policy', 'customer'],
      ['Ada', 'retention-days', 'none'],
      ['Bo', 'retention-days', '7 days'],
    ]);
  });

  it('of a policy name every role once, in one order', async () => {
    const roles = fc.array(fc.constantFrom(...ROLES), { maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(roles, async (analysedRoles) => {
        const { settings } = await open();
        await settings.change({ policy: { analysedRoles, notice: '' } }, 'Ada');
        const kept = settings.policy.analysedRoles;
        expect(kept).toEqual(ROLES.filter((role) => analysedRoles.includes(role)));
        expect([...kept, ...withheldRoles(settings.policy)].toSorted()).toEqual([...ROLES].toSorted());
      }),
    );
    expect(withheldRoles(OPEN_POLICY)).toEqual([]);
  });

  const bosses = { analysedRoles: ['boss' as Role], notice: '' };
  it.each<[what: string, DeskSettingsChange]>([
    ['no day', { retentionDays: 0 }],
    ['half a day', { retentionDays: 1.5 }],
    ['more than a century', { retentionDays: 36_501 }],
    ['no number', { retentionDays: Number.NaN }],
    ['a role that there is not', { policy: bosses }],
    ['a long notice', { policy: { analysedRoles: [], notice: 'x'.repeat(10_001) } }],
    ['a wrong policy beside right days', { retentionDays: 5, policy: bosses }],
    ['wrong days beside a right policy', { retentionDays: -1, policy: { analysedRoles: [], notice: '' } }],
  ])('refuse %s, all of it', async (_, change) => {
    const store = new FakeStore();
    const { settings, heard } = await open(store);
    const before = settings.get();
    expect(await codeOf(settings.change(change, 'Ada'))).toBe('invalid-body');
    expect(settings.get()).toEqual(before);
    expect(heard).toEqual([]);
    expect(store.settings.size).toBe(0);
  });

  it('stay as they were where the store does not keep them', async () => {
    const store = new FakeStore();
    const { settings, heard } = await open(store);
    store.failing = true;
    const change = { policy: { analysedRoles: [], notice: '' } };
    expect(await codeOf(settings.change(change, 'Ada'))).toBe('store-unavailable');
    expect(settings.policy).toEqual(OPEN_POLICY);
    expect(heard).toEqual([]);
  });

  it('refuse the start rather than show what a policy that cannot be read would withhold', async () => {
    for (const kept of [
      '{',
      'null',
      '{"analysedRoles":"customer","notice":""}',
      '{"analysedRoles":["boss"],"notice":""}',
    ]) {
      const store = new FakeStore();
      store.settings.set('policy', kept);
      expect(await codeOf(open(store))).toBe('store-unreadable');
    }
  });
});

describe('retention', () => {
  interface Parts {
    days: number | null;
    readonly erased: readonly string[];
    readonly files: readonly string[];
  }
  function retentionOf(parts: Parts, first: 'well' | 'badly' = 'well') {
    const before: number[] = [];
    const removed: string[][] = [];
    const counted: string[][] = [];
    let [answers, removals]: ('well' | 'badly')[] = [first, 'well'];
    const retention = new Retention({
      store: {
        eraseBefore: async (ms) => {
          if (answers === 'badly') throw new UndertoneError('store-unavailable', { detail: 'injected' });
          before.push(ms);
          const once = before.length === 1;
          return { callIds: once ? parts.erased : [], recordings: once ? parts.files : [] };
        },
      },
      days: () => parts.days,
      removeRecordings: async (files) => {
        if (removals === 'badly') throw new Error('injected');
        removed.push([...files]);
      },
      onErased: (callIds) => void counted.push([...callIds]),
      logger: listLogger([]),
      now: () => NOW,
      everyMs: 3_600_000,
    });
    const set = (store: 'well' | 'badly', files: 'well' | 'badly'): void => {
      answers = store;
      removals = files;
    };
    return { retention, before, removed, counted, set };
  }

  it('erases at the start, with the recordings of what it erased, and counts', async () => {
    const { retention, before, removed, counted } = retentionOf({ days: 30, erased: ['a', 'b'], files: ['a.enc'] });
    await retention.run();
    await retention.close();
    expect(before).toEqual([NOW - 30 * DAY_MS, NOW - 30 * DAY_MS]);
    expect(removed).toEqual([['a.enc']]);
    expect(counted).toEqual([['a', 'b']]);
  });

  it('erases nothing where calls are kept, and takes a change at once', async () => {
    const parts: Parts = { days: null, erased: ['a'], files: [] };
    const { retention, before } = retentionOf(parts);
    await retention.run();
    expect(before).toEqual([]);
    parts.days = 1;
    await retention.run();
    expect(before).toEqual([NOW - DAY_MS]);
    await retention.close();
    await retention.run();
    expect(before).toHaveLength(1);
  });

  it('tries again where the store or the disk fails, and forgets no file', async () => {
    const { retention, removed, set, before } = retentionOf(
      { days: 2, erased: ['a'], files: ['a.enc', 'b.enc'] },
      'badly',
    );
    await retention.run();
    expect(before).toEqual([]);
    set('well', 'badly');
    await retention.run();
    expect(removed).toEqual([]);
    set('well', 'well');
    await retention.run();
    expect(removed).toEqual([['a.enc', 'b.enc']]);
    await retention.run();
    expect(removed).toHaveLength(1);
    await retention.close();
  });

  it('goes on by itself', async () => {
    let runs = 0;
    const retention = new Retention({
      store: {
        eraseBefore: async () => {
          runs += 1;
          return { callIds: [], recordings: [] };
        },
      },
      days: () => 1,
      removeRecordings: async () => {},
      onErased: () => {},
      logger: listLogger([]),
      now: () => NOW,
      everyMs: 10,
    });
    while (runs < 3) await pause(5);
    await retention.close();
    const after = runs;
    await pause(40);
    expect(runs).toBe(after);
  });
});
