import type { Dialect } from '../dialect.ts';

export type { DialectSimulator, SimulatedHandshake, TimedMessage } from './simulate.ts';

/** Every dialect, in the order in which detection asks them. */
export const dialects: readonly Dialect[] = [];
