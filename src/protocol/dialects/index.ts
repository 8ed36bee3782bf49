import type { Dialect } from '../dialect.ts';
import { azure } from './azure.ts';
import { detecting } from './detect.ts';
import { exotel } from './exotel.ts';
import { funasr } from './funasr.ts';
import { plivo, vobiz } from './plivo.ts';
import { signalwire } from './signalwire.ts';
import { telnyx } from './telnyx.ts';
import { twilio } from './twilio.ts';
import { voximplant } from './voximplant.ts';

export { detect } from './detect.ts';
export { type DialectSimulator, type SimulatedHandshake, simulators, type TimedMessage } from './simulate/index.ts';

/** Every dialect, in the order in which detection asks them: SignalWire's shape is Twilio's with less in it. */
export const dialects: readonly Dialect[] = [
  signalwire,
  twilio,
  telnyx,
  exotel,
  plivo,
  vobiz,
  voximplant,
  azure,
  funasr,
];

/** Finds out from the handshake and the first message which of them speaks. */
export const auto: Dialect = detecting(dialects);
