/** The time of a run, as whoever needs it is given it. */
export interface Clock {
  /** Microseconds since the run began, the same for all its threads. */
  nowMicros(): number;
}
