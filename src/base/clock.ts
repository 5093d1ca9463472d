/** The interface of a run's clock. It is passed in to everything that needs the time. */
export interface Clock {
  /** Microseconds since the run began; all threads of the run share this origin. */
  nowMicros(): number;
  /**
   * Stores the time in the first element of an array. For the hot path: V8 allocates a heap number for a returned
   * double wherever it does not inline the call.
   */
  tell(into: Float64Array): void;
}
