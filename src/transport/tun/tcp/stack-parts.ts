/**
 * What the parts of a stack share: arrivals, transmission, deadlines and lifetimes work on the same tables of one lane,
 * which none of them owns.
 */
import type { PacketPort } from '../packets/packet-port.ts';
import type { ActivityTable } from './activity-table.ts';
import type { ByteStore } from './byte-store.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { SegmentOutput } from './segment-output.ts';
import type { TimerWheel } from './timer-wheel.ts';

export interface StackSettings {
  /** Maximum of connections, with those that are still closing. */
  readonly rowsMax: number;
  /** Maximum of connections with something under way at the same time. */
  readonly activitiesMax: number;
  /** Bytes for all output that is not acknowledged and all input out of order. */
  readonly storeBytesMax: number;
  /** Maximum of bytes of one connection that are not acknowledged; beyond it, the peer does not read. */
  readonly outputBytesMax: number;
  /**
   * How long an acknowledgement waits for output to travel with; RFC 9293 allows 500 ms. A peer that sends again after
   * 200 ms, as Linux does, needs a shorter one.
   */
  readonly ackDelayMillis: number;
  readonly connectTimeoutMillis: number;
  /** Maximum of connections that are being opened at the same time. */
  readonly connectingMax: number;
  /** From it follow the first sequence numbers. */
  readonly seed: number;
}

export interface StackParts {
  readonly settings: StackSettings;
  readonly port: PacketPort;
  readonly rows: ConnectionTable;
  readonly activities: ActivityTable;
  readonly store: ByteStore;
  readonly wheel: TimerWheel;
  readonly segments: SegmentOutput;
  /** A row of TCP_COUNTERS. */
  readonly counters: Float64Array;
  /** The time of the last poll, whole milliseconds. */
  readonly time: { millis: number };
}
