import { asteriskSimulator } from './asterisk.ts';
import { audiohookSimulator } from './audiohook.ts';
import { audiosocketSimulator } from './audiosocket.ts';
import { azureSimulator } from './azure.ts';
import { exotelSimulator } from './exotel.ts';
import { freeswitchSimulator } from './freeswitch.ts';
import { funasrSimulator } from './funasr.ts';
import { jambonzSimulator } from './jambonz.ts';
import { livekitSimulator } from './livekit.ts';
import { plivoSimulator, vobizSimulator } from './plivo.ts';
import { rawSimulator } from './raw.ts';
import { signalwireSimulator } from './signalwire.ts';
import type { DialectSimulator } from './simulator.ts';
import { sinchSimulator } from './sinch.ts';
import { telnyxSimulator } from './telnyx.ts';
import { twilioSimulator } from './twilio.ts';
import { vonageSimulator } from './vonage.ts';
import { voximplantSimulator } from './voximplant.ts';

export type { DialectSimulator, SimulatedHandshake, TimedMessage } from './simulator.ts';

/** One for every dialect, by its name. */
export const simulators: readonly DialectSimulator[] = [
  twilioSimulator,
  signalwireSimulator,
  telnyxSimulator,
  exotelSimulator,
  plivoSimulator,
  vobizSimulator,
  voximplantSimulator,
  azureSimulator,
  funasrSimulator,
  audiohookSimulator,
  vonageSimulator,
  asteriskSimulator,
  audiosocketSimulator,
  sinchSimulator,
  jambonzSimulator,
  livekitSimulator,
  freeswitchSimulator,
  rawSimulator,
];
