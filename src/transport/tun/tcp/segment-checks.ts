/**
 * What of a segment may be believed: whether it lies in the window, whether a reset or a SYN is genuine, and what it
 * acknowledges (RFC 9293, 3.10.7.4, with RFC 5961 against forged segments).
 */
import { count } from '../../../base/counters.ts';
import { CloseReason, type ConnectionEvents } from '../../../wire/transport.ts';
import { type Segment, TcpFlag } from '../packets/segment.ts';
import { Activity } from './activity-table.ts';
import { NONE, TcpState } from './connection-table.ts';
import type { Lifetimes } from './lifetimes.ts';
import { RECEIVE_WINDOW_BYTES } from './segment-output.ts';
import { sequenceDistance } from './sequence-distance.ts';
import type { StackParts } from './stack-parts.ts';
import { TcpCounter } from './tcp-counters.ts';
import type { Transmission } from './transmission.ts';

/** Limit on answers to suspicious segments (RFC 5961, 7), for all connections together. */
const CHALLENGES_PER_SECOND_MAX = 1000;
const MILLIS_PER_SECOND = 1000;
/** No peer has a larger window, so an acknowledgement from before it is forged. */
const PEER_WINDOW_BYTES_MAX = RECEIVE_WINDOW_BYTES << 14;

export class SegmentChecks {
  readonly #parts: StackParts;
  readonly #transmission: Transmission;
  readonly #lifetimes: Lifetimes;
  #challenges = 0;
  #challengesSinceMillis = 0;

  constructor(parts: StackParts, transmission: Transmission, lifetimes: Lifetimes) {
    this.#parts = parts;
    this.#transmission = transmission;
    this.#lifetimes = lifetimes;
  }

  /** Whether a segment lies in the window, and is no doubtful RST or SYN; answers it if not. */
  isAcceptable(row: number, segment: Segment): boolean {
    const { rows, counters } = this.#parts;
    const offset = sequenceDistance(segment.sequence, rows.receiveNext(row));
    const { length, flags } = segment;
    const isIn = offset < RECEIVE_WINDOW_BYTES && (length === 0 ? offset >= 0 : offset + length > 0);
    const isReset = (flags & TcpFlag.RST) !== 0;
    if (!isIn) {
      count(counters, TcpCounter.arrivedAgain);
      if (isReset) return false;
      if (rows.state(row) === TcpState.TIME_WAIT) this.#lifetimes.waitForStragglers(row);
      this.#transmission.acknowledge(row);
      return false;
    }
    if (isReset && offset === 0) return true;
    if (isReset || (flags & TcpFlag.SYN) !== 0) {
      this.#challenge(row);
      return false;
    }
    if ((flags & TcpFlag.ACK) !== 0) return true;
    count(counters, TcpCounter.packetsWithBadFlags);
    return false;
  }

  /**
   * Takes a reset, or what an acceptable segment acknowledges.
   * @returns whether its payload and FIN are to be looked at.
   */
  takeAcknowledgement(events: ConnectionEvents, row: number, segment: Segment): boolean {
    const { rows, activities, counters } = this.#parts;
    const isOpening = rows.state(row) === TcpState.SYN_RECEIVED;
    if ((segment.flags & TcpFlag.RST) !== 0) {
      count(counters, TcpCounter.resetsIn);
      this.#lifetimes.end(events, row, isOpening ? CloseReason.CONNECT_REFUSED : CloseReason.BROKEN);
      return false;
    }
    const activity = rows.activity(row);
    if (isOpening) return this.#takeLastOfThree(events, row, activity, segment);
    const oldest = activity === NONE ? rows.sendNext(row) : activities.get(activity, Activity.UNACKNOWLEDGED);
    const bytes = sequenceDistance(segment.acknowledgement, oldest);
    const isFuture = sequenceDistance(segment.acknowledgement, rows.sendNext(row)) > 0;
    if (isFuture || bytes < -PEER_WINDOW_BYTES_MAX) {
      this.#challenge(row);
      return false;
    }
    if (bytes < 0) return true;
    const windowBytes = rows.windowBytes(row);
    this.#takeWindow(row, activity, segment);
    if (activity === NONE) return true;
    activities.set(activity, Activity.TRIES, 0);
    if (windowBytes === 0 && rows.windowBytes(row) > 0) activities.set(activity, Activity.BACKOFF, 0);
    if (bytes > 0) this.#transmission.onAcknowledged(row, activity, segment.acknowledgement, bytes);
    else if (segment.length === 0 && windowBytes > 0 && windowBytes === rows.windowBytes(row))
      this.#transmission.onDuplicate(row, activity);
    if (this.#transmission.unsentBytes(row, activity) > 0) this.#transmission.list(activity);
    return this.#lifetimes.afterAcknowledgement(row, activity);
  }

  /** SYN_RECEIVED: only the acknowledgement of our SYN opens the connection. */
  #takeLastOfThree(events: ConnectionEvents, row: number, activity: number, segment: Segment): boolean {
    const { rows, segments } = this.#parts;
    if (segment.acknowledgement !== rows.sendNext(row)) {
      segments.reject(segment);
      return false;
    }
    this.#takeWindow(row, activity, segment);
    this.#lifetimes.establish(events, row, activity);
    return true;
  }

  /** The window of a segment counts unless the segment is older than the one that set it. */
  #takeWindow(row: number, activity: number, segment: Segment): void {
    const { rows, activities } = this.#parts;
    if (activity !== NONE) {
      if (sequenceDistance(segment.sequence, activities.get(activity, Activity.WINDOW_SEQUENCE)) < 0) return;
      activities.set(activity, Activity.WINDOW_SEQUENCE, segment.sequence);
    }
    rows.setWindow(row, segment.window);
  }

  /** Answers a segment that may be forged: what the real peer answers to it proves the truth. */
  #challenge(row: number): void {
    const { time, counters } = this.#parts;
    if (time.millis - this.#challengesSinceMillis >= MILLIS_PER_SECOND) {
      this.#challengesSinceMillis = time.millis;
      this.#challenges = 0;
    }
    if (this.#challenges >= CHALLENGES_PER_SECOND_MAX) return;
    this.#challenges++;
    count(counters, TcpCounter.challenges);
    this.#transmission.acknowledge(row);
  }
}
