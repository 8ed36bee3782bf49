import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { UndertoneError } from '../errors.ts';
import type { ServerOptions } from '../server/index.ts';
import { wholeNumber } from './option-parsers.ts';
import { packagePath } from './package.ts';
import { readError, systemReason } from './recordings.ts';

/** What `serve` takes for the desk: what is kept, shown and told of calls. */
export interface DeskArguments {
  readonly store?: string;
  readonly record?: string;
  readonly retentionDays?: number;
  readonly callerKey: string;
  readonly webhooks?: string;
  readonly allowPrivateWebhooks: boolean;
  readonly ui: boolean;
  readonly models?: string;
  readonly rules?: string;
}

/** No store at all. */
export const NO_STORE = 'none';
const MOST_DAYS = 36_500;

export function addDeskOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--store <store>',
        `where calls are kept: a file, postgres://…, or ${NO_STORE} (default: undertone/undertone.db in the folder for data)`,
      ).env('UNDERTONE_STORE'),
    )
    .option(
      '--record <dir>',
      'keep the audio of calls there, encrypted with UNDERTONE_RECORD_KEY: 32 bytes in base64, several with commas',
    )
    .option(
      '--retention-days <n>',
      'erase calls so long after their end, until somebody changes it on the page (default: kept until erased)',
      wholeNumber(1, MOST_DAYS),
    )
    .option('--caller-key <key>', 'the key of the metadata that says who called', 'caller')
    .option('--webhooks <file>', 'endpoints to tell of calls and alerts, YAML or JSON')
    .option('--allow-private-webhooks', 'they may be at private addresses, and over plain http', false)
    .option('--no-ui', 'without the page')
    .option('--models <dir>', 'a folder of model folders that recordings can be analysed with again');
}

/** The folder for data of this user (https://specifications.freedesktop.org/basedir-spec/latest/). */
export function defaultStore(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_DATA_HOME = '' } = environment;
  const data = isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : join(homedir(), '.local', 'share');
  return join(data, 'undertone', 'undertone.db');
}

/** Parts of the desk, and what closes them after the server. */
export interface DeskParts {
  readonly options: Partial<ServerOptions>;
  close(): Promise<void>;
}

/** Opens what the arguments ask for. @throws UndertoneError as `openStore`, `recordingKeys` and `readEndpoints` */
export async function deskParts(given: DeskArguments): Promise<DeskParts> {
  const { retentionDays, callerKey, rules, models, ui } = given;
  // Everything that may be wrong with the arguments is found before anything is opened.
  const webhooks = await webhooksOf(given);
  const recordings = await recordingsOf(given);
  const folders = models === undefined ? {} : await modelFolders(models);
  const store = await storeOf(given);
  return {
    options: {
      ...(store && { store }),
      ...(recordings && { recordings }),
      ...(webhooks && { webhooks }),
      ...(ui && { ui: packagePath('dist/web') }),
      desk: {
        callerKey,
        models: folders,
        ...(rules !== undefined && { rulesFile: rules }),
        ...(retentionDays !== undefined && { retentionDays }),
      },
    },
    close: async () => store?.close(),
  };
}

async function storeOf({ store: url = defaultStore() }: DeskArguments): Promise<ServerOptions['store']> {
  if (url === NO_STORE) return undefined;
  const { openStore } = await import('../store/index.ts');
  return openStore(url);
}

async function recordingsOf({ record, store }: DeskArguments): Promise<ServerOptions['recordings']> {
  if (record === undefined) return undefined;
  if (store === NO_STORE)
    throw new UndertoneError('usage', { detail: '--record needs a store; leave out --store none.' });
  const { recordingKeys } = await import('../server/index.ts');
  const { UNDERTONE_RECORD_KEY } = process.env;
  return { folder: record, keys: recordingKeys(UNDERTONE_RECORD_KEY) };
}

async function webhooksOf({ webhooks, allowPrivateWebhooks }: DeskArguments): Promise<ServerOptions['webhooks']> {
  if (webhooks === undefined) return undefined;
  const text = await readFile(webhooks, 'utf8').catch((thrown: unknown) => {
    throw readError(webhooks, thrown);
  });
  const { readEndpoints } = await import('../server/index.ts');
  const options = { environment: process.env, allowPrivate: allowPrivateWebhooks };
  return { endpoints: readEndpoints(text, options), allowPrivate: allowPrivateWebhooks };
}

/** Folders below one that hold a model, by their names. */
async function modelFolders(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw new UndertoneError('file-unreadable', { path: folder, detail: systemReason(thrown) });
  });
  const isModel = async (path: string): Promise<boolean> =>
    (await stat(join(path, 'manifest.json')).catch(() => undefined))?.isFile() === true;
  const found: [string, string][] = [];
  for (const name of names.sort()) {
    const path = resolve(folder, name);
    if (await isModel(path)) found.push([name, path]);
  }
  // A model folder itself is one of one.
  if (found.length === 0 && (await isModel(folder))) found.push([basename(resolve(folder)), resolve(folder)]);
  return Object.fromEntries(found);
}
