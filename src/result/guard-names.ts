/**
 * The names of the guards of a run. A name describes what is measured and not an outcome, since the same name is used
 * whether the guard holds or trips. Code that looks for a guard in a result takes its name from here, so a misspelt
 * name does not compile.
 */
export const GUARD_NAMES = [
  'load paused',
  'ramp',
  'time measured',
  'processor steal',
  'other programs',
  'throttling',
  'swapping',
  'listen backlog',
  'retransmission',
  'socket memory',
  'free ports',
  'invalid segments',
  'packets in transit',
  'other sockets',
  'lane load',
  'driver load',
  'send delay',
  'offered load',
  'steadiness',
  'halves',
  'backlog',
  'load by interval',
  'logins by interval',
  "Little's law",
  'HTTP load',
  'HTTP answers',
  'message balance',
  'profiled',
] as const;

export type GuardName = (typeof GUARD_NAMES)[number];
