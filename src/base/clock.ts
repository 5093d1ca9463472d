/** The time of a run, as whoever needs it is given it. */
export interface Clock {
  /** Microseconds since the run began, the same for all its threads. */
  nowMicros(): number;
  /**
   * Puts the same into the first place of an array. For the hot path: a double that a call hands over is an object
   * wherever V8 does not inline the call.
   */
  tell(into: Float64Array): void;
}
