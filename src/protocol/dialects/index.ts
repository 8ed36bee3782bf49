import type { Dialect } from '../dialect.ts';
import { asterisk } from './asterisk.ts';
import { audiohook } from './audiohook.ts';
import { audiosocket } from './audiosocket.ts';
import { azure } from './azure.ts';
import { detecting } from './detect.ts';
import { exotel } from './exotel.ts';
import { freeswitch } from './freeswitch.ts';
import { funasr } from './funasr.ts';
import { jambonz } from './jambonz.ts';
import { livekit } from './livekit.ts';
import { plivo, vobiz } from './plivo.ts';
import { raw } from './raw.ts';
import { signalwire } from './signalwire.ts';
import { sinch } from './sinch.ts';
import { telnyx } from './telnyx.ts';
import { twilio } from './twilio.ts';
import { vonage } from './vonage.ts';
import { voximplant } from './voximplant.ts';

export { unauthorizedAudiohook } from './audiohook.ts';
export { detect } from './detect.ts';
export { type DialectSimulator, type SimulatedHandshake, simulators, type TimedMessage } from './simulate/index.ts';

/**
 * Every dialect, in the order in which detection asks them: SignalWire's shape is Twilio's with less in it, and what is told by
 * the URL alone comes last.
 */
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
  audiohook,
  vonage,
  asterisk,
  sinch,
  jambonz,
  livekit,
  freeswitch,
  audiosocket,
  raw,
];

/** Finds out from the handshake and the first message which of them speaks. */
export const auto: Dialect = detecting(dialects);
