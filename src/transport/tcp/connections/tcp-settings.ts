/** What connections over TCP need: their limits, and the parts that are passed in. */
import type { Clock } from '../../../base/clock.ts';
import type { SocketOptionSettings } from '../system/socket-options.ts';
import type { SystemCalls } from '../system/system-calls.ts';

export interface TcpSettings extends SocketOptionSettings {
  /** Rows of the table: one more than the highest place that will be used. */
  readonly rows: number;
  /** Number of sockets per table of io_uring, a power of two; null if each socket is held by its descriptor. */
  readonly ringPlaces: number | null;
  readonly outputLimitBytes: number;
  readonly outputTimeoutMicros: number;
  readonly outputPoolBytes: number;
  readonly eventBatch: number;
  /**
   * Size of the receive buffer that all sockets share. Sockets in rings do not use it: each event of a batch has 4 KiB.
   */
  readonly receiveBytes: number;
}

export interface TcpParts {
  readonly calls: SystemCalls;
  readonly clock: Clock;
  /** A row of SOCKET_COUNTERS. */
  readonly counters: Float64Array;
  /** An eventfd that wakes this thread when another has work for it; null if no other thread ever has. */
  readonly bellDescriptor: number | null;
}
