import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../../src/emotions.ts';
import { UndertoneError } from '../../../src/errors.ts';
import type { Role } from '../../../src/protocol/index.ts';
import { RulesFile } from '../../../src/server/desk/rules-file.ts';
import { RulesHolder, type RulesHolderOptions } from '../../../src/server/desk/rules-holder.ts';
import { type AlertRule, readAlertRules } from '../../../src/streams/index.ts';
import { pause } from '../harness.ts';
import { FakeStore, listLogger } from './fakes.ts';

const NOW = Date.parse('2030-01-01T10:00:00Z');
const textOf = (...names: string[]): string =>
  `rules:\n${names.map((name) => `  - name: ${name}\n    when: { measure: anger, of: customer, above: 0.6 }\n`).join('')}`;

const holders: RulesHolder[] = [];
afterEach(() => {
  for (const holder of holders.splice(0)) holder.close();
});

interface Opened {
  readonly holder: RulesHolder;
  /** Names of the rules that running streams were given, from the first on. */
  readonly given: string[][];
  readonly lines: string[];
}

async function open(options: Partial<RulesHolderOptions> = {}): Promise<Opened> {
  const given: string[][] = [];
  const lines: string[] = [];
  const holder = await RulesHolder.open({
    labels: EMOTIONS,
    timeline: async () => [],
    withheld: () => [],
    onChange: (judged) => void given.push(judged.map(({ name }) => name)),
    logger: listLogger(lines),
    now: () => NOW,
    everyMs: 20,
    ...options,
  });
  holders.push(holder);
  return { holder, given, lines };
}

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'undertone-rules-')), 'rules.yaml');
  writeFileSync(path, text);
  return path;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof UndertoneError ? error.code : String(error)),
  );

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(10);
}

const namesOf = (rules: readonly AlertRule[]): string[] => rules.map(({ name }) => name);

describe('rules of a file', () => {
  it('are read at the start', async () => {
    const { holder } = await open({ file: fileWith(textOf('a', 'b')) });
    expect(namesOf(holder.judged)).toEqual(['a', 'b']);
    expect(holder.current).toEqual({ text: textOf('a', 'b'), revision: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });

  it('refuse the start where they are wrong, or not there', async () => {
    expect(await codeOf(open({ file: fileWith('rules: 1') }))).toBe('rules-invalid');
    expect(await codeOf(open({ file: '/nowhere/rules.yaml' }))).toBe('file-missing');
    expect(await codeOf(open({ file: tmpdir() }))).toBe('file-unreadable');
  });

  it('are read again when the file has changed, and given to the streams', async () => {
    const file = fileWith(textOf('a'));
    const { holder, given, lines } = await open({ file });
    writeFileSync(file, textOf('a', 'b'));
    await until(() => given.length > 1);
    expect(given).toEqual([['a'], ['a', 'b']]);
    expect(namesOf(holder.judged)).toEqual(['a', 'b']);
    expect(lines).toHaveLength(1);
    // As editors do it that replace the file.
    const other = fileWith(textOf('c'));
    unlinkSync(file);
    await pause(60);
    expect(namesOf(holder.judged)).toEqual(['a', 'b']);
    writeFileSync(file, readFileSync(other));
    await until(() => given.length > 2);
    expect(given.at(-1)).toEqual(['c']);
  });

  it('stay those before while the file is wrong; it is logged once, with the line', async () => {
    const file = fileWith(textOf('a'));
    const { holder, given, lines } = await open({ file });
    const before = holder.current;
    writeFileSync(file, `${textOf('a')}  - name: b\n`);
    await until(() => lines.length > 0);
    await pause(100);
    expect(given).toEqual([['a']]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warn the rules have changed and are not valid.*"line":4/);
    const { problems, ...rest } = holder.current;
    expect(rest).toEqual(before);
    expect(problems).toEqual([{ line: 4, column: 5, message: 'A rule needs "when".' }]);
    writeFileSync(file, textOf('a', 'b'));
    await until(() => given.length > 1);
    expect(holder.current.problems).toBeUndefined();
  });

  it('are not those of a file that is being written', async () => {
    const path = fileWith(textOf('a'));
    const file = new RulesFile(path);
    await file.read();
    expect([await file.look(), await file.look()]).toEqual([false, false]);
    // Each of them is right by itself.
    for (const names of [
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ]) {
      writeFileSync(path, textOf(...names));
      expect(await file.look()).toBe(false);
    }
    expect(await file.look()).toBe(true);
    expect(await file.read()).toBe(textOf('a', 'b', 'c', 'd'));
    expect(await file.look()).toBe(false);
    unlinkSync(path);
    expect([await file.look(), await file.look()]).toEqual([false, false]);
  });

  it('are read at once on demand (SIGHUP)', async () => {
    const file = fileWith(textOf('a'));
    const { holder, given } = await open({ file, everyMs: 60_000 });
    writeFileSync(file, textOf('b'));
    await holder.reload();
    expect(given).toEqual([['a'], ['b']]);
    truncateSync(file);
    await holder.reload();
    expect(given).toHaveLength(2);
    unlinkSync(file);
    await holder.reload();
    expect(namesOf(holder.judged)).toEqual(['b']);
  });

  it('are written back in one step, with the rights that the file had, behind a link too', async () => {
    const file = fileWith(textOf('a'));
    const { mode } = statSync(file);
    const link = join(mkdtempSync(join(tmpdir(), 'undertone-rules-')), 'link.yaml');
    symlinkSync(file, link);
    const { holder, given, lines } = await open({ file: link });
    const { ino } = statSync(file);
    const put = await holder.put(textOf('b'), holder.current.revision, 'Ada');
    expect(put).toEqual(holder.current);
    expect(readFileSync(file, 'utf8')).toBe(textOf('b'));
    expect(statSync(file).ino).not.toBe(ino);
    expect(statSync(file).mode).toBe(mode);
    expect(readdirSync(join(file, '..'))).toEqual(['rules.yaml']);
    await pause(100);
    // Its own writing is no change.
    expect(given).toEqual([['a'], ['b']]);
    expect(lines).toEqual([]);
  });

  it('are not overwritten where somebody has edited the file meanwhile', async () => {
    const file = fileWith(textOf('a'));
    const { holder } = await open({ file, everyMs: 60_000 });
    const { revision } = holder.current;
    writeFileSync(file, textOf('edited'));
    expect(await codeOf(holder.put(textOf('b'), revision, 'Ada'))).toBe('conflict');
    expect(readFileSync(file, 'utf8')).toBe(textOf('edited'));
    expect(namesOf(holder.judged)).toEqual(['edited']);
    writeFileSync(file, 'rules: half');
    expect(await codeOf(holder.put(textOf('b'), holder.current.revision, 'Ada'))).toBe('conflict');
    expect(readFileSync(file, 'utf8')).toBe('rules: half');
    expect(namesOf(holder.judged)).toEqual(['edited']);
  });

  it('stay in force where they cannot be written', async () => {
    const file = fileWith(textOf('a'));
    const { holder } = await open({ file, everyMs: 60_000 });
    // A folder in its place cannot be replaced by a file.
    const path = join(file, '..');
    unlinkSync(file);
    mkdirSync(join(path, 'rules.yaml'));
    expect(await codeOf(holder.put(textOf('b'), holder.current.revision, 'Ada'))).toBe('file-unwritable');
    expect(namesOf(holder.judged)).toEqual(['a']);
    expect(readdirSync(path)).toEqual(['rules.yaml']);
  });
});

describe('rules of a store', () => {
  it('are those that were put last, after a restart too; who put them is noted', async () => {
    const store = new FakeStore();
    const first = await open({ store, rules: readAlertRules(textOf('start')) });
    expect(namesOf(first.holder.judged)).toEqual(['start']);
    await first.holder.put(textOf('b'), first.holder.current.revision, 'Ada');
    const second = await open({ store, rules: readAlertRules(textOf('start')) });
    expect(second.holder.current).toEqual(first.holder.current);
    expect(second.holder.current.text).toBe(textOf('b'));
    expect(store.entries).toEqual([
      { at: '2030-01-01T10:00:00.000Z', by: 'Ada', action: 'rules', subject: second.holder.current.revision },
    ]);
  });

  it('that were given as objects can be read as text', async () => {
    const rules = readAlertRules(textOf('a', 'b'));
    const { holder } = await open({ rules });
    expect(readAlertRules(holder.current.text)).toEqual(rules);
  });

  it('stay as they were where the store does not answer', async () => {
    const store = new FakeStore();
    const { holder, given } = await open({ store });
    store.failing = true;
    expect(await codeOf(holder.put(textOf('b'), holder.current.revision, 'Ada'))).toBe('store-unavailable');
    expect(given).toEqual([[]]);
  });

  it('of which some are wrong for this model are in force without those, and say so', async () => {
    const store = new FakeStore();
    store.settings.set(
      'rules',
      `${textOf('a')}  - name: b\n    when: { measure: disgust, of: customer, above: 0.6 }\n`,
    );
    const { holder, lines } = await open({ store, labels: ['anger', 'neutral'] });
    expect(namesOf(holder.judged)).toEqual(['a']);
    expect(holder.current.problems).toMatchObject([{ line: 5, message: expect.stringContaining('no disgust') }]);
    expect(lines[0]).toMatch(/^error some of the kept rules are not in force/);
  });
});

describe('rules that are put', () => {
  it('are refused where they are wrong, and where they were made from others', async () => {
    const { holder, given } = await open();
    const { revision } = holder.current;
    expect(await codeOf(holder.put('rules: 1', revision, 'Ada'))).toBe('rules-invalid');
    expect(await codeOf(holder.put(textOf('a'), 'another', 'Ada'))).toBe('conflict');
    expect(given).toEqual([[]]);
    expect(holder.problemsOf('rules: 1')).toMatchObject([{ line: 1, column: 8 }]);
  });

  it('at once by two people are those of the first', async () => {
    const { holder } = await open({ store: new FakeStore() });
    const { revision } = holder.current;
    const results = await Promise.all(['a', 'b', 'c'].map((name) => codeOf(holder.put(textOf(name), revision, name))));
    expect(results).toEqual(['done', 'conflict', 'conflict']);
    expect(namesOf(holder.judged)).toEqual(['a']);
  });

  it('are judged without what the policy withholds, and warn of it', async () => {
    let withheld: readonly Role[] = [];
    const { holder, given } = await open({ withheld: () => withheld });
    await holder.put(textOf('a'), holder.current.revision, 'Ada');
    expect(holder.judged[0]?.when).toMatchObject({ sides: { who: { role: 'customer' } } });
    withheld = ['customer'];
    holder.withhold();
    expect(given).toHaveLength(3);
    expect(holder.judged[0]?.when).toMatchObject({ sides: { except: ['customer'] } });
    expect(holder.current.problems).toEqual([
      {
        line: 3,
        column: 33,
        message: 'The policy withholds the emotions of customer: this condition is never judged.',
        warning: true,
      },
    ]);
    // A warning keeps nothing from being put.
    await holder.put(textOf('a', 'b'), holder.current.revision, 'Ada');
    expect(namesOf(holder.judged)).toEqual(['a', 'b']);
  });
});
