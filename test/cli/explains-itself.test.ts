import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { undertone } from './undertone.ts';

const COMMANDS = program().commands.map((command) => command.name());
const ROOT = resolve(import.meta.dirname, '../..');

/** Command lines of `undertone` in a text, as words: what a shell makes of them, without pipes and redirections. */
function commandLines(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => /(?:^ {2}|npx )(?:[A-Z_]+=\S+ |[A-Z_]+=\$\([^)]*\) )*(undertone .*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined)
    .map((line) => line.split(/ {3,}| [|>]|>>|`/)[0] ?? '')
    .map((line) =>
      execFileSync('bash', ['-fc', `set -- ${line}; printf '%s\\0' "$@"`], { encoding: 'utf8' })
        .split('\0')
        .slice(0, -1),
    );
}

/** Parses words with every option and argument checked, and runs nothing. */
async function parse(words: readonly string[]): Promise<string | undefined> {
  let ran: string | undefined;
  const root = program();
  const quiet = (command: Command): void => {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    command.action(() => {
      ran = command.name();
    });
    command.commands.forEach(quiet);
  };
  root.commands.forEach(quiet);
  await root.parseAsync(['node', ...words]);
  return ran;
}

describe('undertone --help', () => {
  it('tells what there is, where to begin, and what the exit status means', async () => {
    const { status, stdout, stderr } = await undertone(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command}[ [<]`, 'm'));
    expect(stdout).toContain('Exit status: 0 all went well, 1 it ran and something failed, 2 it was called wrongly.');
  });

  it.each(COMMANDS)('%s --help teaches with examples that are right', async (command) => {
    const { status, stdout, stderr } = await undertone([command, '--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Usage: undertone ${command} `);
    const examples = commandLines(stdout.slice(stdout.indexOf('Examples:')));
    expect(examples.length).toBeGreaterThan(1);
    expect(examples.some((words) => words[1] === command)).toBe(true);
    for (const words of examples) expect([words[1], words[2]], words.join(' ')).toContain(await parse(words));
  });

  it('of all commands together is what --help of each says', async () => {
    const { status, stdout } = await undertone(['help', 'replay']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: (await undertone(['replay', '--help'])).stdout });
  });
});

describe('undertone called wrongly', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['anlyze'], /^undertone: unknown command 'anlyze' \(Did you mean analyze\?\)\n$/],
    [
      'an unknown option',
      ['analyze', 'x', '--formt', 'csv'],
      /^undertone: unknown option '--formt' \(Did you mean --format\?\)\n$/,
    ],
    ['an option without its value', ['analyze', 'x', '--out'], /^undertone: option '--out <path>' argument missing\n$/],
    ['no recordings', ['analyze'], /^undertone: missing required argument 'recordings'\n$/],
    ['a format that is none', ['analyze', 'x', '--format', 'xml'], /Use one of table, jsonl, csv\.\n$/],
    [
      'a role that is none',
      ['analyze', 'x', '--channels', 'a:boss'],
      /The role "boss" is unknown; use customer, employee, bot, unknown\.\n$/,
    ],
    [
      'training without corpora',
      ['train', '--out', 'x'],
      /^undertone: required option '--corpus <name=dir>' not specified\n$/,
    ],
    ['training on an unknown corpus', ['train', '--corpus', 'nope=x', '--out', 'x'], /^undertone: [^\n]*nope[^\n]*\n$/],
  ])('%s: one sentence, exit status 2', async (_, args, sentence) => {
    const { status, stdout, stderr } = await undertone(args);
    expect(stderr).toMatch(sentence);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('without a command: the help, on stderr', async () => {
    const { status, stdout, stderr } = await undertone([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('Usage: undertone');
  });
});

describe('undertone --version', () => {
  it('is that of the package', async () => {
    const { version }: { version: string } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'));
    expect(await undertone(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
  });
});
