/**
 * How a lane tells another that a push service would wake one of its phones: a ring per lane, into which all lanes
 * write. It is bounded: without room a push is lost, as pushes are, and the phone finds its mail when its absence is
 * over.
 */
import { ManyToOneConsumer, ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE, type RingMemory, ringBytes } from '../../ring/ring-layout.ts';

/** Room of the ring of a lane: 8,192 pushes, many times what comes between two turns. */
export const PUSH_RING_BYTES = 2 ** 16;
const RECORD_BYTES = 4;
/** In place of a row: no push has come. */
export const NO_PUSH = -1;

/** Bytes of the rings of so many lanes. */
export function pushRingsBytes(lanes: number): number {
  return lanes * ringBytes(PUSH_RING_BYTES);
}

export class PushLink {
  readonly #words: Int32Array;
  readonly #producers: readonly ManyToOneProducer[];
  readonly #consumer: ManyToOneConsumer;

  /** @param memory of {@link pushRingsBytes}, which all lanes share. */
  constructor(memory: RingMemory, lane: number, lanes: number) {
    const at = (one: number): number => one * ringBytes(PUSH_RING_BYTES);
    this.#words = memory.words;
    this.#producers = Array.from(
      { length: lanes },
      (_, one) => new ManyToOneProducer(memory, at(one), PUSH_RING_BYTES),
    );
    this.#consumer = new ManyToOneConsumer(memory, at(lane), PUSH_RING_BYTES);
  }

  /** Tells a lane of a message for the phone in its row. @returns false if there is no room. */
  post(lane: number, row: number): boolean {
    const producer = this.#producers[lane] as ManyToOneProducer; // one per lane
    const place = producer.claim(RECORD_BYTES, 0);
    if (place === RING_NONE) return false;
    this.#words[place >> 2] = row;
    producer.commit();
    return true;
  }

  /** The row of the next phone that another lane has told of, or {@link NO_PUSH}. */
  take(): number {
    const place = this.#consumer.next();
    if (place === RING_NONE) {
      this.#consumer.release();
      return NO_PUSH;
    }
    const row = this.#words[place >> 2] as number; // inside the ring
    this.#consumer.take();
    return row;
  }

  hasInput(): boolean {
    return this.#consumer.hasNext();
  }
}
