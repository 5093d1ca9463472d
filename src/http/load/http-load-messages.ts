/** What the controller of a run tells the thread of its HTTP load. */

export interface HttpLoadData {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  readonly ratePerSecond: number;
  readonly textBytes: number;
  /** Phones that messages go to: the first of the numbering plan. */
  readonly recipients: number;
  readonly numbering: readonly { readonly first: number; readonly count: number }[];
  readonly seed: number;
  /** The instant at which the run's clock is zero. */
  readonly epochNanos: string;
  readonly counters: SharedArrayBuffer;
  readonly latency: SharedArrayBuffer;
  readonly sendDelay: SharedArrayBuffer;
}

export type HttpLoadCommand =
  | { readonly kind: 'start'; readonly startMicros: number }
  /** Send nothing until the load is resumed. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume'; readonly pausedMicros: number }
  /** Send no more; answered with a message when all requests are answered. */
  | { readonly kind: 'stop' };
