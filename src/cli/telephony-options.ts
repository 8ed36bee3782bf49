import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TelephonyOptions } from '../server/index.ts';
import { audioSocketPort, collect, keyAndSecret, nameList } from './option-parsers.ts';

/** What `serve` takes for platforms of telephony. */
export interface TelephonyArguments {
  readonly publicUrl?: string;
  readonly trustProxy: boolean;
  readonly twilioAuthToken?: readonly string[];
  readonly audiohookKey?: Readonly<Record<string, string>>;
  readonly basicAuth?: readonly string[];
  readonly audiosocketPort?: readonly { readonly port: number; readonly query: string }[];
  readonly audiosocketHost?: string;
}

export function addTelephonyOptions(command: Command): Command {
  return command
    .option(
      '--public-url <url>',
      'what platforms dial where a proxy stands between: wss://voice.example.com',
      publicUrl,
    )
    .option(
      '--trust-proxy',
      'believe X-Forwarded-Proto and X-Forwarded-Host, which a proxy in front must set or remove',
      false,
    )
    .addOption(
      new Option('--twilio-auth-token <tokens>', "take Twilio's requests that are signed with one of these")
        .env('UNDERTONE_TWILIO_AUTH_TOKEN')
        .argParser(nameList),
    )
    .addOption(
      new Option(
        '--audiohook-key <key:secret>',
        "take AudioHook's requests that are signed with these, several with commas",
      )
        .env('UNDERTONE_AUDIOHOOK_KEY')
        .argParser(keyAndSecret),
    )
    .addOption(
      new Option('--basic-auth <user:password>', 'take these of jambonz, FreeSWITCH and Asterisk')
        .env('UNDERTONE_BASIC_AUTH')
        .argParser(userAndPassword),
    )
    .option(
      '--audiosocket-port <port>',
      "also listen for Asterisk's AudioSocket; may be given several times, as 9092?roles=customer",
      audioSocketPort,
    )
    .option('--audiosocket-host <address>', 'address of those ports, which have no key (default: 127.0.0.1)');
}

/** The same as the server has it. */
export function telephonyOptions(given: TelephonyArguments): TelephonyOptions {
  const { publicUrl, trustProxy, twilioAuthToken, audiohookKey, basicAuth, audiosocketPort, audiosocketHost } = given;
  const host = audiosocketHost === undefined ? {} : { host: audiosocketHost };
  return {
    trustProxy,
    ...(publicUrl !== undefined && { publicUrl }),
    ...(twilioAuthToken !== undefined && { twilioAuthTokens: twilioAuthToken }),
    ...(audiohookKey !== undefined && { audiohookKeys: audiohookKey }),
    ...(basicAuth !== undefined && { basicAuth }),
    ...(audiosocketPort !== undefined && { audioSockets: audiosocketPort.map((socket) => ({ ...socket, ...host })) }),
  };
}

function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['ws:', 'wss:', 'http:', 'https:'].includes(url.protocol)) {
    throw new InvalidArgumentError('Give a URL such as wss://voice.example.com.');
  }
  return text;
}

function userAndPassword(text: string, before: readonly string[] | undefined): readonly string[] {
  if (!/^[^:]+:./.test(text)) throw new InvalidArgumentError('Give USER:PASSWORD.');
  return collect(text, before);
}
