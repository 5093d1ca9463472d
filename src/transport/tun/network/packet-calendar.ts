/**
 * When packets arrive at the other end of a simulated network: a wheel of ticks, each with a queue. Packets that are
 * due in the same tick leave in the order in which they came.
 */
import { NO_PACKET } from './packet-store.ts';

const TICK_MICROS = 100;
/** One turn is 6.5 s, longer than any delay of a link. */
const TICKS = 65_536;

export class PacketCalendar {
  readonly #first = new Int32Array(TICKS).fill(NO_PACKET);
  readonly #last = new Int32Array(TICKS).fill(NO_PACKET);
  /** Of each packet, the one behind it in its tick. */
  readonly #next: Int32Array;
  /** The earliest tick that may hold packets. */
  #tick = 0;
  #count = 0;

  /** @param packets numbers of packets are below it. */
  constructor(packets: number) {
    this.#next = new Int32Array(packets);
  }

  get bytes(): number {
    return this.#first.byteLength + this.#last.byteLength + this.#next.byteLength;
  }

  /** How many packets are in it. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds a packet. One that is due before now is due now, and one that is due beyond a turn of the wheel, which only a
   * lane that stood still for seconds can meet, at its end.
   * @param dueMicros its first element is the time. @param nowMicros likewise.
   */
  add(packet: number, dueMicros: Float64Array, nowMicros: Float64Array): void {
    if (this.#count === 0) this.#tick = Math.floor((nowMicros[0] as number) / TICK_MICROS); // its first, here and below
    const isDue = (dueMicros[0] as number) <= (nowMicros[0] as number);
    const ticks = (dueMicros[0] as number) / TICK_MICROS;
    const due = isDue ? Math.floor(ticks) : Math.ceil(ticks); // never early, and at once without a delay
    const bucket = Math.max(this.#tick, Math.min(this.#tick + TICKS - 1, due)) & (TICKS - 1);
    this.#next[packet] = NO_PACKET;
    if (this.#first[bucket] === NO_PACKET) this.#first[bucket] = packet;
    else this.#next[this.#last[bucket] as number] = packet; // the bucket has one
    this.#last[bucket] = packet;
    this.#count++;
  }

  /** Takes out the packet that has been due for the longest time. @returns {@link NO_PACKET} if none is due. */
  take(nowMicros: Float64Array): number {
    if (this.#count === 0) return NO_PACKET;
    const nowTick = Math.floor((nowMicros[0] as number) / TICK_MICROS);
    for (; this.#tick <= nowTick; this.#tick++) {
      const bucket = this.#tick & (TICKS - 1);
      const packet = this.#first[bucket] as number; // inside the wheel
      if (packet === NO_PACKET) continue;
      this.#first[bucket] = this.#next[packet] as number; // a packet of the calendar
      this.#count--;
      return packet;
    }
    this.#tick = nowTick; // more may still come that are due in this tick
    return NO_PACKET;
  }

  /** Microseconds until a packet is due, at most `microsMax`. */
  untilDueMicros(nowMicros: Float64Array, microsMax: number): number {
    if (this.#count === 0) return microsMax;
    const now = nowMicros[0] as number;
    const end = Math.min(this.#tick + TICKS, Math.ceil((now + microsMax) / TICK_MICROS));
    for (let tick = this.#tick; tick < end; tick++) {
      if (this.#first[tick & (TICKS - 1)] !== NO_PACKET)
        return Math.min(microsMax, Math.max(0, tick * TICK_MICROS - now));
    }
    return microsMax;
  }
}
