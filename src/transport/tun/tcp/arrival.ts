/**
 * What a connection receives: bytes are handed to their owner in order, those before their turn wait in the store, and
 * each is acknowledged. If the owner takes only a part, the rest is offered again, and no other packet is handled until
 * it is taken.
 */
import { count } from '../../../base/counters.ts';
import type { ConnectionEvents } from '../../../wire/transport.ts';
import { type Segment, TcpFlag } from '../packets/segment.ts';
import { Activity, ActivityFlag } from './activity-table.ts';
import { NO_BLOCK } from './byte-store.ts';
import { NONE, RowFlag } from './connection-table.ts';
import { EarlySegments } from './early-segments.ts';
import { sequenceDistance } from './sequence-distance.ts';

import type { StackParts } from './stack-parts.ts';
import { TcpCounter } from './tcp-counters.ts';
import type { Transmission } from './transmission.ts';

export class Arrival {
  readonly early: EarlySegments;
  readonly #parts: StackParts;
  readonly #transmission: Transmission;

  constructor(parts: StackParts, transmission: Transmission) {
    this.#parts = parts;
    this.#transmission = transmission;
    this.early = new EarlySegments(parts.activities, parts.store);
  }

  /** Takes a segment that is before its turn, and acknowledges at once what is there: the peer counts these. */
  keepEarly(row: number, segment: Segment): void {
    const { activities, rows, counters } = this.#parts;
    count(counters, TcpCounter.arrivedEarly);
    let activity = rows.activity(row);
    if (activity === NONE) activity = this.#transmission.begin(row);
    if (
      activity === NONE ||
      !this.early.keep(activity, segment.sequence, this.#parts.port.input, segment.start, segment.end)
    )
      count(counters, TcpCounter.earlyDropped);
    else if ((segment.flags & TcpFlag.FIN) !== 0) this.#noteFin(activity, segment);
    if (activity !== NONE) activities.setFlags(activity, ActivityFlag.ACK_NOW);
    this.#transmission.acknowledge(row);
  }

  /**
   * Hands over what a segment carries, which is not before its turn, and what it makes contiguous.
   * @returns whether the owner took all of it. If not, call again with the same segment.
   */
  take(events: ConnectionEvents, row: number, segment: Segment): boolean {
    const { rows, port } = this.#parts;
    const known = sequenceDistance(rows.receiveNext(row), segment.sequence);
    const start = Math.min(segment.end, segment.start + known);
    if (start < segment.end && !this.#offer(events, row, port.input, start, segment.end)) return false;
    const activity = rows.activity(row);
    if (activity !== NONE && (segment.flags & TcpFlag.FIN) !== 0) this.#noteFin(activity, segment);
    return activity === NONE || this.#takeEarly(events, row);
  }

  /** Whether the peer's FIN is what comes next. */
  isAtFin(row: number): boolean {
    const { activities, rows } = this.#parts;
    const activity = rows.activity(row);
    if (activity === NONE || !activities.has(activity, ActivityFlag.FIN_SEEN)) return false;
    return activities.get(activity, Activity.FIN_SEQUENCE) === rows.receiveNext(row);
  }

  /**
   * Sees to the acknowledgement of bytes that arrived: at once for every second full segment (RFC 9293, 3.8.6.3). Every
   * fourth of short ones is acknowledged at once, too, because the congestion window of Linux counts segments, however
   * short.
   */
  acknowledge(row: number, bytes: number): void {
    const { activities, rows, segments } = this.#parts;
    let activity = rows.activity(row);
    if (activity === NONE) activity = this.#transmission.begin(row);
    if (activity === NONE) {
      this.#transmission.acknowledge(row); // nothing can remember it
      return;
    }
    const counted = Math.max(bytes, segments.segmentBytesMax >> 1);
    const arrived = activities.get(activity, Activity.ARRIVED_BYTES) + counted;
    activities.set(activity, Activity.ARRIVED_BYTES, arrived);
    if (arrived < 2 * segments.segmentBytesMax) {
      this.#transmission.acknowledgeLater(activity);
      return;
    }
    activities.setFlags(activity, ActivityFlag.ACK_NOW);
    this.#transmission.list(activity);
  }

  #noteFin(activity: number, segment: Segment): void {
    const { activities } = this.#parts;
    activities.setFlags(activity, ActivityFlag.FIN_SEEN);
    activities.set(activity, Activity.FIN_SEQUENCE, (segment.sequence + (segment.end - segment.start)) | 0);
  }

  #takeEarly(events: ConnectionEvents, row: number): boolean {
    const { rows, store } = this.#parts;
    for (;;) {
      const activity = rows.activity(row);
      if (activity === NONE) return true; // the owner's call ended it
      const next = rows.receiveNext(row);
      const block = this.early.blockAt(activity, next);
      if (block === NO_BLOCK) return true;
      const start = store.start(block);
      const from = start + sequenceDistance(next, store.sequence(block));
      if (!this.#offer(events, row, store.view, from, start + store.length(block))) return false;
    }
  }

  /** @returns whether all was taken. */
  #offer(events: ConnectionEvents, row: number, view: DataView, start: number, end: number): boolean {
    const { rows } = this.#parts;
    const isAbandoned = rows.has(row, RowFlag.ABANDONED);
    const taken = isAbandoned ? end - start : events.bytes(rows.token(row), row, view, start, end);
    const all = taken === end - start || rows.has(row, RowFlag.ABANDONED); // who hangs up wants no more
    rows.setReceiveNext(row, rows.receiveNext(row) + (all ? end - start : taken));
    return all;
  }
}
