/** The HTTP load of a measured window, as plain data. */
import type { Histogram } from '../../stats/histogram.ts';

export interface HttpWindow {
  readonly seconds: number;
  /** Requests per second that the scenario intends. */
  readonly ratePerSecond: number;
  readonly connections: number;
  /** Requests whose intended time was in the window, those that were sent, and how they were answered. */
  readonly due: number;
  readonly sent: number;
  readonly answers2xx: number;
  readonly answers4xx: number;
  readonly answers5xx: number;
  /** Connections that broke with a request open. */
  readonly errors: number;
  /** Messages that the switch acknowledged for HTTP clients. */
  readonly acknowledged: number;
  /** From the intended time until the answer, and until the request was sent. */
  readonly latency: Histogram;
  readonly sendDelay: Histogram;
}
