/**
 * The transport of a lane with a network between: connections are lost, half-open, stalled or slow. It wraps the real
 * transport. A connection without a fault passes through unchanged; for the others it holds bytes back (slow-link.ts),
 * or tells one end what the other is not told.
 *
 * The two ends of a connection may end at different times, and the real transport gives the number of one that has
 * ended for the switch to another phone. So the lane gets numbers of this transport, and what a phone still writes to a
 * connection that has ended for the switch is lost.
 *
 * A phone has one connection at most, and numbers are used again. So no table here is longer than the lane has rows, or
 * than the real transport has numbers, and nothing is dropped when all are in use.
 */
import type { Clock } from '../../base/clock.ts';
import { CloseReason, type ConnectionEvents, type PhoneTransport } from '../../wire/transport.ts';
import { SlowLink } from './slow-link.ts';

/** The end of a connection, which its phone learns of at a time. */
interface DueClose {
  readonly row: number;
  readonly connection: number;
  readonly dueMicros: number;
}

/** In place of a number of the real transport: the connection has ended for the switch. */
const ENDED = -1;

export class FaultyTransport implements PhoneTransport, ConnectionEvents {
  readonly output: DataView;
  readonly #inner: PhoneTransport;
  readonly #clock: Clock;
  /** By the lane's number of a connection: the number of the real transport, or ENDED. */
  readonly #innerOf: number[] = [];
  readonly #free: number[] = [];
  /** By the number of the real transport: the lane's number, where there is one. */
  readonly #outerOf: (number | undefined)[] = [];
  /** By the row of a phone: the lane's number of its connection, as long as it has not ended for the switch. */
  readonly #connections: (number | undefined)[] = [];
  readonly #rows: number[] = [];
  readonly #links = new Map<number, SlowLink>();
  #closes: DueClose[] = [];
  /** When the first of them is due, or earlier: looked at in each turn. */
  #closeMicros = Number.POSITIVE_INFINITY;
  #events: ConnectionEvents | undefined;
  #claimedAt = 0;
  #claimedBytes = 0;
  #claimedConnection = 0;
  #isDiverted = false;

  constructor(inner: PhoneTransport, clock: Clock) {
    this.output = inner.output;
    this.#inner = inner;
    this.#clock = clock;
  }

  /** The connection of a phone is lost. @param afterMicros when the phone notices. @returns whether it had one. */
  lose(row: number, afterMicros: number): boolean {
    return this.#end(row, afterMicros, (connection) => this.#inner.close(connection, CloseReason.BROKEN));
  }

  /** The phone loses its connection, and the switch does not notice. @returns whether it had one. */
  vanishOf(row: number): boolean {
    return this.#end(row, 0, (connection) => this.#inner.vanish(connection));
  }

  /** Nothing passes between a phone and the switch for so long. @returns whether the phone has a connection. */
  stall(row: number, micros: number): boolean {
    const link = this.#linkOf(row);
    if (link === undefined) return false;
    link.stalledUntilMicros = Math.max(link.stalledUntilMicros, this.#clock.nowMicros() + micros);
    return true;
  }

  /** Bytes of a phone are late for so long, in pieces. @returns whether the phone has a connection. */
  slow(row: number, micros: number, delayMicros: number, pieceBytesMax: number): boolean {
    const link = this.#linkOf(row);
    if (link === undefined) return false;
    link.slowUntilMicros = Math.max(link.slowUntilMicros, this.#clock.nowMicros() + micros);
    link.delayMicros = delayMicros;
    link.pieceBytesMax = pieceBytesMax;
    return true;
  }

  poll(events: ConnectionEvents, limit: number): number {
    this.#events = events;
    if (this.#closes.length > 0) this.#tellCloses(events);
    if (this.#links.size > 0) this.#pass(events);
    return this.#inner.poll(this, limit);
  }

  hasInput(): boolean {
    return this.#closes.length > 0 || this.#links.size > 0 || this.#inner.hasInput();
  }

  claim(connection: number, bytes: number, reserveBytes: number): number {
    const inner = this.#innerOf[connection] as number; // the lane names connections it was given
    // Room is claimed for what will be lost too, so that a lane does not see the difference.
    const at = this.#inner.claim(inner === ENDED ? 0 : inner, bytes, reserveBytes);
    this.#isDiverted = inner === ENDED || (this.#links.size > 0 && this.#links.has(connection));
    this.#claimedAt = at;
    this.#claimedBytes = bytes;
    this.#claimedConnection = connection;
    return at;
  }

  /** What is diverted was claimed from the ring as well, and is not committed there. */
  commit(): void {
    if (!this.#isDiverted) {
      this.#inner.commit();
      return;
    }
    const link = this.#links.get(this.#claimedConnection);
    const end = this.#claimedAt + this.#claimedBytes;
    link?.hold(link.up, this.output, this.#claimedAt, end, this.#clock.nowMicros());
  }

  roomBytes(): number {
    return this.#inner.roomBytes();
  }

  flush(): void {
    this.#inner.flush();
  }

  connect(shard: number, token: number): boolean {
    return this.#inner.connect(shard, token);
  }

  close(connection: number, reason: number): boolean {
    const inner = this.#innerOf[connection] as number; // the lane names connections it was given, here and below
    if (inner !== ENDED && !this.#inner.close(inner, reason)) return false;
    this.#forget(connection);
    return true;
  }

  release(connection: number): boolean {
    return this.close(connection, CloseReason.PHONE_LEFT);
  }

  vanish(connection: number): boolean {
    const inner = this.#innerOf[connection] as number;
    if (inner !== ENDED && !this.#inner.vanish(inner)) return false;
    this.#forget(connection);
    return true;
  }

  opened(row: number, inner: number): void {
    const connection = this.#free.pop() ?? this.#innerOf.length;
    this.#innerOf[connection] = inner;
    this.#outerOf[inner] = connection;
    this.#connections[row] = connection;
    this.#rows[connection] = row;
    this.#events?.opened(row, connection);
  }

  refused(row: number, reason: number): void {
    this.#events?.refused(row, reason);
  }

  bytes(row: number, inner: number, view: DataView, start: number, end: number): number {
    const connection = this.#outerOf[inner];
    if (connection === undefined) return end - start; // on its way when the connection ended
    const link = this.#links.size === 0 ? undefined : this.#links.get(connection);
    if (link === undefined) return this.#events?.bytes(row, connection, view, start, end) ?? 0;
    link.hold(link.down, view, start, end, this.#clock.nowMicros());
    return end - start;
  }

  closed(row: number, inner: number, reason: number): void {
    const connection = this.#outerOf[inner];
    if (connection === undefined) return;
    const link = this.#links.get(connection);
    const stalledMicros = link === undefined ? 0 : link.stalledUntilMicros - this.#clock.nowMicros();
    if (link === undefined) this.#events?.closed(row, connection, reason);
    // What is held back is lost with the connection. The switch need not wait until the phone has noticed.
    else if (stalledMicros <= 0 || !this.lose(row, stalledMicros)) link.closeReason = reason;
  }

  /** Ends the phone's connection for the switch in a way; without room in the ring nothing happens. */
  #end(row: number, afterMicros: number, end: (inner: number) => boolean): boolean {
    const connection = this.#connections[row];
    if (connection === undefined || !end(this.#innerOf[connection] as number)) return false;
    this.#endForSwitch(connection);
    const dueMicros = this.#clock.nowMicros() + afterMicros;
    this.#closes.push({ row, connection, dueMicros });
    this.#closeMicros = Math.min(this.#closeMicros, dueMicros);
    return true;
  }

  #endForSwitch(connection: number): void {
    const inner = this.#innerOf[connection] as number;
    if (inner === ENDED) return;
    this.#innerOf[connection] = ENDED;
    this.#outerOf[inner] = undefined;
    this.#links.delete(connection);
    const row = this.#rows[connection] as number;
    if (this.#connections[row] === connection) this.#connections[row] = undefined;
  }

  /** The lane has no more use for the number of a connection. */
  #forget(connection: number): void {
    if (this.#innerOf[connection] === ENDED) this.#closes = this.#closes.filter((one) => one.connection !== connection);
    this.#endForSwitch(connection);
    this.#free.push(connection);
  }

  #linkOf(row: number): SlowLink | undefined {
    const connection = this.#connections[row];
    if (connection === undefined) return undefined;
    const link = this.#links.get(connection) ?? new SlowLink(row);
    this.#links.set(connection, link);
    return link;
  }

  #tellCloses(events: ConnectionEvents): void {
    const nowMicros = this.#clock.nowMicros();
    if (nowMicros < this.#closeMicros) return;
    const due = this.#closes.filter(({ dueMicros }) => dueMicros <= nowMicros);
    this.#closes = this.#closes.filter(({ dueMicros }) => dueMicros > nowMicros);
    this.#closeMicros = Math.min(...this.#closes.map(({ dueMicros }) => dueMicros));
    for (const { row, connection } of due) events.closed(row, connection, CloseReason.BROKEN);
  }

  /** Passes what is due on disturbed connections. */
  #pass(events: ConnectionEvents): void {
    const nowMicros = this.#clock.nowMicros();
    for (const [connection, link] of this.#links) {
      this.#passUp(connection, link, nowMicros);
      this.#passDown(events, connection, link, nowMicros);
      if (!this.#links.has(connection)) continue; // the phone has closed it
      if (link.down.length === 0 && link.closeReason !== undefined && nowMicros >= link.stalledUntilMicros) {
        const { closeReason } = link;
        link.closeReason = undefined;
        events.closed(link.row, connection, closeReason);
      } else if (link.isOver(nowMicros)) this.#links.delete(connection);
    }
  }

  #passUp(connection: number, link: SlowLink, nowMicros: number): void {
    for (let held = link.up.first; held !== undefined; held = link.up.first) {
      const end = link.passableEnd(held, nowMicros);
      const bytes = end - held.at;
      if (bytes === 0) return;
      const at = this.#inner.claim(this.#innerOf[connection] as number, bytes, 0);
      if (at < 0) return;
      for (let n = 0; n < bytes; n++) this.output.setUint8(at + n, held.view.getUint8(held.at + n));
      this.#inner.commit();
      held.at = end;
      if (end < held.view.byteLength) return; // the next piece in the next turn
      link.up.shift();
    }
  }

  #passDown(events: ConnectionEvents, connection: number, link: SlowLink, nowMicros: number): void {
    for (let held = link.down.first; held !== undefined; held = link.down.first) {
      const end = link.passableEnd(held, nowMicros);
      if (end === held.at) return;
      held.at += events.bytes(link.row, connection, held.view, held.at, end);
      if (!this.#links.has(connection) || held.at < held.view.byteLength) return;
      link.down.shift();
    }
  }
}
