import { expect, it } from 'vitest';
import { StreamScript } from './script.ts';
import { describeStores } from './stores.ts';

describeStores('a day by its hours', (fixture) => {
  it('counts the calls that started in each, in the time of who asks', async () => {
    const store = await fixture.open();
    const at = (iso: string) => new StreamScript({ startedAtMs: Date.parse(iso) });
    await store.write([
      ...at('2026-11-01T22:59:59.999Z').ended(0).take(),
      ...at('2026-11-01T23:00:00.000Z')
        .window(0, 500, 'anger')
        .window(0, 1000, 'anger')
        .window(0, 1500, 'neutral')
        .ended(1500)
        .take(),
      ...at('2026-11-01T23:59:59.999Z')
        .window(0, 500, 'neutral')
        .window(1, 500, 'happiness')
        .alert('a', 'raised', 500)
        .ended(500)
        .take(),
      ...at('2026-11-02T22:59:59.999Z').alert('a', 'raised', 1).alert('b', 'raised', 2).take(),
      ...at('2026-11-02T23:00:00.000Z').ended(0).take(),
    ]);
    const day = await store.day('2026-11-02', 60);
    expect(day.date).toBe('2026-11-02');
    expect(day.hours).toHaveLength(24);
    // 1 s of anger, 0.5 s + 0.5 s of neutral, 0.5 s of happiness.
    expect(day.hours[0]).toEqual({ calls: 2, alerts: 1, shares: { anger: 0.4, happiness: 0.2, neutral: 0.4 } });
    expect(day.hours[23]).toEqual({ calls: 1, alerts: 2, shares: {} });
    expect(day.hours.slice(1, 23)).toEqual(Array(22).fill({ calls: 0, alerts: 0, shares: {} }));
    const utc = await store.day('2026-11-01', 0);
    expect(utc.hours.map(({ calls }) => calls)).toEqual([...Array(22).fill(0), 1, 2]);
    expect((await store.day('2026-11-02', -570)).hours[13]?.calls).toBe(2);
  });

  it('shows the sides only that may be looked at', async () => {
    const store = await fixture.open();
    await store.write(new StreamScript().window(0, 500, 'anger').window(1, 500, 'happiness').ended(500).take());
    const shares = async (roles: Parameters<typeof store.day>[2]) => (await store.day('2026-11-02', 0, roles)).hours[9];
    expect(await shares(['customer'])).toEqual({ calls: 1, alerts: 0, shares: { anger: 1 } });
    expect(await shares(['employee', 'bot'])).toEqual({ calls: 1, alerts: 0, shares: { happiness: 1 } });
    expect(await shares([])).toEqual({ calls: 1, alerts: 0, shares: {} });
    expect(await shares(undefined)).toEqual({ calls: 1, alerts: 0, shares: { anger: 0.5, happiness: 0.5 } });
  });

  it('has calls that go on, with their figures so far', async () => {
    const store = await fixture.open();
    await store.write(new StreamScript().window(0, 500, 'sadness').take());
    expect((await store.day('2026-11-02', 0)).hours[9]).toEqual({ calls: 1, alerts: 0, shares: { sadness: 1 } });
  });

  it.each([
    ['2026-02-30', 0],
    ['2026-2-3', 0],
    ['today', 0],
    ['2026-11-02', 841],
    ['2026-11-02', Number.NaN],
  ])('refuses %s at %d', async (date, offset) => {
    const store = await fixture.open();
    await expect(store.day(date, offset)).rejects.toMatchObject({ code: 'invalid-query' });
  });
});
