import { Argument, Command, Option } from 'commander';
import type { ChannelRequest } from '../protocol/index.ts';
import { interruption } from './exit.ts';
import { channelNames, DIALECT_NAMES, platformUrl, type Speed, speed } from './option-parsers.ts';

export interface SimulateOptions {
  readonly url: string;
  readonly apiKey?: string;
  readonly secret?: string;
  readonly speed: Speed;
  readonly channels?: readonly ChannelRequest[];
  readonly query?: string;
  readonly replies: boolean;
}

/** `undertone simulate` */
export function simulateCommand(): Command {
  return new Command('simulate')
    .summary('call a server as a telephony platform would')
    .description(
      'Plays a recording to a server as a telephony platform would: its handshake, its messages, its pacing. For trying a set-up before a real call, and for load.',
    )
    .addArgument(new Argument('<dialect>', 'the platform').choices(DIALECT_NAMES))
    .argument('<recording>', 'an audio file; a channel for each side of the call')
    .requiredOption(
      '--url <url>',
      'the server, e.g. ws://127.0.0.1:8790; for audiosocket its port, e.g. tcp://127.0.0.1:9092',
      platformUrl,
    )
    .addOption(new Option('--api-key <key>', 'the key of the server, sent as a bearer token').env('UNDERTONE_API_KEY'))
    .addOption(
      new Option(
        '--secret <secret>',
        "what the platform signs or sends: twilio's auth token, the client secret of audiohook in base64, user:password of jambonz, freeswitch and asterisk",
      ).env('UNDERTONE_SIMULATED_SECRET'),
    )
    .addOption(
      new Option(
        '--speed <factor>',
        '1 as the platform paces it, 4 four times as fast, max as fast as the server takes it',
      )
        .argParser(speed)
        .default(1),
    )
    .option(
      '--channels <names>',
      'who speaks on which channel, name:role per channel, instead of what the platform says',
      channelNames,
    )
    .option('--query <query>', 'more for the query of the URL, e.g. events=true')
    .option('--replies', 'show what the server answers', false)
    .addHelpText(
      'after',
      `
A platform that carries one side on a socket gets a socket for each channel of the recording, joined into one call.
The audio is sent in the platform's own format: resampled and encoded anew where the recording has another.

Examples:
  undertone simulate twilio call.wav --url ws://127.0.0.1:8790
  undertone simulate audiohook call.wav --url ws://127.0.0.1:8790 --speed max --query events=turn --replies
  undertone simulate twilio call.wav --url wss://voice.example.com --secret "$TWILIO_AUTH_TOKEN"
  undertone simulate asterisk call.wav --url ws://127.0.0.1:8790 --channels caller:customer,agent:employee
  undertone simulate audiosocket call.wav --url tcp://127.0.0.1:9092

Meanwhile, elsewhere:
  undertone watch '*' --url ws://127.0.0.1:8790`,
    )
    .action(async (dialect: string, recording: string, options: SimulateOptions) => {
      const { simulate } = await import('./simulate-call.ts');
      await simulate(dialect, recording, options, interruption());
    });
}
