/**
 * Does for a shard that has ended what a kernel does for a process: closes its connections and discards what is sent to
 * it. It works until all its phones have been told; then a new shard may use the same rings.
 */
import type { ManyToOneConsumer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE } from '../../ring/ring-layout.ts';
import type { MemorySwitchTransport } from '../../transport/memory/memory-switch-transport.ts';
import { CloseReason, type ConnectionEvents } from '../../wire/transport.ts';

/** Room for the only output that an input can cause here: the end of its connection. */
const CLOSE_ROOM_BYTES = 64;

export class EndedShard implements ConnectionEvents {
  /** The time from which a new shard may take its place. */
  readonly startMicros: number;
  readonly #transport: MemorySwitchTransport;
  readonly #inbox: ManyToOneConsumer;

  constructor(transport: MemorySwitchTransport, inbox: ManyToOneConsumer, startMicros: number) {
    this.#transport = transport;
    this.#inbox = inbox;
    this.startMicros = startMicros;
  }

  /** Discards input and closes connections. @returns whether no connection is left. */
  doWork(): boolean {
    while (this.#inbox.next() !== RING_NONE) this.#inbox.take();
    this.#inbox.release();
    this.#transport.poll(this, Math.floor(this.#transport.roomBytes() / CLOSE_ROOM_BYTES));
    const isLast = this.#transport.closeAll(CloseReason.BROKEN);
    this.#transport.flush();
    return isLast;
  }

  opened(_token: number, connection: number): void {
    this.#transport.close(connection, CloseReason.BROKEN);
  }

  refused(): void {
    // Only phones open connections, so only they can be refused.
  }

  bytes(_token: number, _connection: number, _view: DataView, start: number, end: number): number {
    return end - start; // taken and discarded
  }

  closed(_token: number, connection: number): void {
    this.#transport.release(connection);
  }
}
