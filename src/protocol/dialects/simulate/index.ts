import { azureSimulator } from './azure.ts';
import { exotelSimulator } from './exotel.ts';
import { funasrSimulator } from './funasr.ts';
import { plivoSimulator, vobizSimulator } from './plivo.ts';
import { signalwireSimulator } from './signalwire.ts';
import type { DialectSimulator } from './simulator.ts';
import { telnyxSimulator } from './telnyx.ts';
import { twilioSimulator } from './twilio.ts';
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
];
