/**
 * The guards of a run by name: states, not claims, since the same name stands where one holds and where it trips.
 * Whoever looks for a guard in a result takes its name from here, so that a misspelt one does not compile.
 */
export const GUARD_NAMES = [
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
  'other sockets',
  'lane load',
  'driver load',
  'send delay',
  'offered load',
  'steadiness',
  'halves',
  'backlog',
  "Little's law",
  'message balance',
] as const;

export type GuardName = (typeof GUARD_NAMES)[number];
