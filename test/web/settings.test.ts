import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeskSettings, RulesText } from '../../src/protocol/index.ts';
import { parseAlertRules } from '../../src/streams/index.ts';
import { DeskServer, forgetBuiltPage } from './desk-server.ts';
import { callSummary, settings as settingsFixture } from './fixtures.ts';
import { launchChromium, type OpenedPage, type OpenOptions, openPage, seriousFindings, shot } from './page.ts';

const RULES = `version: 1
rules:
  - name: angry customer
    severity: high
    when: { measure: anger, of: customer, above: 0.6, hysteresis: 0.1 }
    for: 6 s
`;

describe('the settings', () => {
  let browser: Browser;
  let desk: DeskServer;
  let rules: RulesText;
  let settings: DeskSettings;
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  beforeEach(async () => {
    rules = { text: RULES, revision: 'r1' };
    settings = settingsFixture();
    desk = await DeskServer.start();
    desk.on('GET', /^\/v1\/settings$/, () => ({ json: settings }));
    desk.on('PUT', /^\/v1\/settings$/, ({ body }) => {
      settings = { ...settings, ...(body as Partial<DeskSettings>) };
      return { json: settings };
    });
    desk.on('GET', /^\/v1\/rules$/, () => ({ json: rules }));
    desk.on('PUT', /^\/v1\/rules$/, ({ body }) => {
      const { text, revision } = body as RulesText;
      if (revision !== rules.revision) return { error: 'conflict' };
      const { problems } = parseAlertRules(text);
      if (problems.length > 0) return { error: 'rules-invalid', more: { problems } };
      rules = { text, revision: `${revision}+` };
      return { json: rules };
    });
    desk.on('GET', /^\/v1\/calls$/, () => ({
      json: { calls: [callSummary('call-1'), callSummary('call-2')], next: null },
    }));
    desk.on('GET', /^\/v1\/audit$/, () => ({
      json: {
        entries: [
          { at: '2026-03-02T10:00:00.000Z', by: 'Ada', action: 'erase-call', subject: '1 call' },
          { at: '2026-03-02T09:00:00.000Z', by: 'Ben', action: 'rules', subject: '3 rules' },
        ],
      },
    }));
    desk.on('GET', /^\/v1\/webhooks$/, () => ({
      json: {
        endpoints: [
          {
            name: 'crm',
            origin: 'https://crm.example',
            state: 'active',
            events: ['alert.raised'],
            waiting: 1,
            inFlight: 0,
            delivered: 41,
            failures: 2,
            dead: 1,
            dropped: 0,
            lastDeliveredAt: null,
            lastError: null,
            pausedUntil: null,
          },
          {
            name: 'old',
            origin: 'https://old.example',
            state: 'gone',
            events: ['call.ended'],
            waiting: 0,
            inFlight: 0,
            delivered: 3,
            failures: 1,
            dead: 0,
            dropped: 0,
            lastDeliveredAt: null,
            lastError: 'answered 410',
            pausedUntil: null,
          },
        ],
        waiting: 1,
        dead: [
          {
            deliveryId: 'd-1',
            endpoint: 'crm',
            callId: null,
            createdAtMs: Date.UTC(2026, 2, 2),
            attempts: 12,
            nextAttemptAtMs: null,
            lastError: 'answered 500',
          },
        ],
        storeFailing: null,
      },
    }));
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ close }) => close()));
    await desk.close();
  });
  afterAll(async () => {
    await browser?.close();
    await forgetBuiltPage();
  });

  async function open(options: OpenOptions = {}): Promise<OpenedPage> {
    const tab = await openPage(browser, desk.url, {
      hash: '/settings',
      stored: { 'undertone.name': 'Ada' },
      ...options,
    });
    opened.push(tab);
    await editor(tab.page).waitFor();
    return tab;
  }
  const editor = (page: Page) => page.getByLabel('Alert rules, YAML or JSON');
  const force = (page: Page) =>
    page.getByRole('region', { name: 'Alert rules' }).getByRole('button', { name: 'Put in force' });

  it('puts rules in force that are right, and marks the lines of those that are not', async () => {
    const { page, errors } = await open({ height: 1500 });
    expect(await force(page).isDisabled()).toBe(true);
    await editor(page).fill(RULES.replace('above: 0.6', 'above: 6').replace('severity: high', 'severity: loud'));
    await page.getByText('not in force yet').waitFor();
    await force(page).click();
    await page.getByRole('button', { name: 'Line 4' }).waitFor();
    await page.getByRole('button', { name: 'Line 5' }).click();
    const line = await editor(page).evaluate((area) => {
      const { value, selectionStart } = area as HTMLTextAreaElement;
      return value.slice(0, selectionStart).split('\n').length;
    });
    expect(line).toBe(5);
    expect(await page.locator('.settings-gutter .wrong').allTextContents()).toEqual(['4', '5']);
    await shot(page, 'settings-problems');
    expect(await seriousFindings(page)).toEqual([]);
    expect(rules.revision).toBe('r1');
    await editor(page).fill(RULES.replace('0.6', '0.7'));
    await force(page).click();
    await page.getByText('The rules are in force').waitFor();
    expect(rules.text).toContain('above: 0.7');
    expect(desk.requests.findLast(({ method }) => method === 'PUT')?.headers['x-undertone-by']).toBe('Ada');
    expect(await page.locator('.settings-problems li').count()).toBe(0);
    expect(errors.filter((error) => !error.includes('400'))).toEqual([]);
  });

  it('keeps the indentation on Enter, lets Tab leave, and keeps a draft while one looks elsewhere', async () => {
    const { page } = await open();
    await editor(page).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('End');
    await page.keyboard.type('\nclearAfter: 3 s');
    expect(await editor(page).inputValue()).toBe(`${RULES.trimEnd()}\n    clearAfter: 3 s\n`);
    await page.keyboard.press('Tab');
    expect(await editor(page).evaluate((area) => document.activeElement === area)).toBe(false);
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    expect(await editor(page).inputValue()).toContain('clearAfter: 3 s');
    await page.getByRole('button', { name: 'Discard changes' }).click();
    expect(await editor(page).inputValue()).toBe(RULES);
    await page.getByRole('button', { name: 'Dead air' }).click();
    const { problems, rules: parsed } = parseAlertRules(await editor(page).inputValue());
    expect(problems).toEqual([]);
    expect(parsed.map(({ name }) => name)).toEqual(['angry customer', 'dead air']);
  });

  it('shows theirs and mine where somebody else was quicker', async () => {
    const { page } = await open();
    rules = { text: RULES.replace('6 s', '9 s'), revision: 'r2' };
    await editor(page).fill(RULES.replace('0.6', '0.8'));
    await force(page).click();
    await page.getByText('Somebody has changed the rules meanwhile').waitFor();
    await page.getByText('for: 9 s').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back to mine' }).click();
    expect(await editor(page).inputValue()).toContain('0.8');
    await force(page).click();
    await page.getByRole('button', { name: 'Overwrite with mine' }).click();
    await page.getByText('The rules are in force').waitFor();
    expect(rules.text).toContain('above: 0.8');
  });

  it('tells when the rules as they are written would have fired on a call', async () => {
    desk.on('POST', /^\/v1\/rules\/test$/, ({ body }) => {
      const { text, callId } = body as { text: string; callId: string };
      const { problems } = parseAlertRules(text);
      if (problems.length > 0) return { json: { problems, alerts: [] } };
      expect(callId).toBe('call-2');
      const evidence = [
        {
          measure: 'anger',
          comparison: 'above',
          threshold: 0.6,
          value: 0.7321,
          holds: true,
          channel: 0,
          channelName: 'customer',
        },
      ];
      const change = { rule: 'angry customer', severity: 'high', evidence, sinceMs: 54_000 };
      return {
        json: {
          problems: [],
          alerts: [
            { ...change, state: 'raised', atMs: 60_000 },
            { ...change, state: 'cleared', atMs: 95_000, cause: 'condition' },
          ],
        },
      };
    });
    const { page } = await open({ height: 1500 });
    await page.getByLabel('Try them on').selectOption('call-2');
    await page.getByRole('button', { name: 'When would they have fired?' }).click();
    await page.getByText('1 alert in the 4:12 of this call.').waitFor();
    await page.getByText('for 0:35; anger of customer 0.73, above 0.6').waitFor();
    expect(await page.getByRole('link', { name: '1:00' }).getAttribute('href')).toBe('#/calls/call-2?at=60000');
    await shot(page, 'settings-test');
    expect(await seriousFindings(page)).toEqual([]);
    await editor(page).fill('rules: 7');
    await page.getByRole('button', { name: 'When would they have fired?' }).click();
    await page.locator('.settings-problems li.wrong').first().waitFor();
    expect(await page.locator('.settings-fired').count()).toBe(0);
  });

  it('changes retention and policy in the name of whoever does it, which it asks for', async () => {
    const { page } = await open({ stored: {} });
    const days = page.getByLabel(/Erase calls so many days/);
    expect(await days.inputValue()).toBe('90');
    await days.fill('0');
    expect(await page.getByRole('button', { name: 'Keep so' }).isDisabled()).toBe(true);
    await days.fill('30');
    await page.getByRole('button', { name: 'Keep so' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('Grace');
    await page.keyboard.press('Enter');
    await page.getByText('Calls are erased 30 days after their end.').waitFor();
    expect(settings.retentionDays).toBe(30);
    await page.getByLabel('Employee').uncheck();
    await page.getByRole('region', { name: 'Policy' }).getByRole('button', { name: 'Put in force' }).click();
    await page.getByText('The policy is in force.').waitFor();
    expect(settings.policy.analysedRoles).toEqual(['customer', 'bot', 'unknown']);
  });

  it('shows webhooks, sends dead messages again, and takes an endpoint back', async () => {
    const done: string[] = [];
    desk.on('POST', /^\/v1\/webhooks\/dead\/([^/]+)\/replay$/, ({ groups: [id] }) => {
      done.push(`replay ${id}`);
      return { json: {} };
    });
    desk.on('POST', /^\/v1\/webhooks\/([^/]+)\/enable$/, ({ groups: [name] }) => {
      done.push(`enable ${name}`);
      return { json: {} };
    });
    const { page } = await open();
    await page.getByText('41 messages taken, 1 waiting').waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('It is sent again.').waitFor();
    await page.getByRole('button', { name: 'Tell it again' }).click();
    await page.getByText('old is told again.').waitFor();
    expect(done).toEqual(['replay d-1', 'enable old']);
    await page.getByRole('cell', { name: 'erase-call' }).waitFor();
  });

  it('says what a server without store, webhooks and key has not', async () => {
    settings = settingsFixture({ store: null, recording: false });
    desk.on('GET', /^\/v1\/webhooks$/, () => ({ error: 'no-webhooks' }));
    desk.on('GET', /^\/v1\/audit$/, () => ({ error: 'no-store' }));
    desk.on('GET', /^\/v1\/calls$/, () => ({ error: 'no-store' }));
    const { page } = await open();
    await page.getByText('this server was started without a store').waitFor();
    await page.getByText('this server was started without any').waitFor();
    await page.getByText('Without a store nothing of it is kept.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('is readable on a phone, in the dark', async () => {
    const { page } = await open({ width: 390, height: 844, dark: true, touch: true });
    await page.getByRole('cell', { name: 'erase-call' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await shot(page, 'settings-phone');
    expect(await seriousFindings(page)).toEqual([]);
  });
});
