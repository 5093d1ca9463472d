/**
 * Two phones that write to each other all the time, as anyone would: what hostile phones do must not be felt by them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { FrameType } from '../wire/frames.ts';
import { PolitePhone, payloadOf, serialOf } from './polite-phone.test-suite.ts';

/** Numbers of a block of their own, which no flipped bit of a hostile login comes near to. */
export const PAIR_FIRST = 15_550_000_000;
export const PAIR_ACCOUNTS = 2;
const [ALICE, BOB] = [PAIR_FIRST, PAIR_FIRST + 1];
const PAUSE_MILLIS = 20;

export class PolitePair {
  /** Messages that were acknowledged, delivered as they were sent, and confirmed. */
  exchanged = 0;
  readonly #alice: PolitePhone;
  readonly #bob: PolitePhone;
  #stopped = false;

  private constructor(alice: PolitePhone, bob: PolitePhone) {
    this.#alice = alice;
    this.#bob = bob;
  }

  static async online(ports: readonly [number, ...number[]], isWebSocket: boolean): Promise<PolitePair> {
    const [first] = ports;
    const alice = await PolitePhone.connect(first, isWebSocket);
    const bob = await PolitePhone.connect(ports.at(-1) ?? first, isWebSocket);
    await alice.logIn(ALICE);
    await bob.logIn(BOB);
    return new PolitePair(alice, bob);
  }

  /** Exchanges messages until told to stop. @throws for any that is not answered, delivered and confirmed in time. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.exchange();
      await pause(PAUSE_MILLIS);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** One message from Alice to Bob, and a ping of each. */
  async exchange(): Promise<void> {
    const id = this.exchanged + 1;
    const payload = Buffer.from(`message ${id}`);
    this.#alice.send(id, BOB, payload);
    const delivered = payloadOf(await this.#bob.next(FrameType.DELIVER));
    if (!delivered.equals(payload)) throw new Error(`Bob got "${delivered}" for "${payload}"`);
    const acknowledged = serialOf(await this.#alice.next(FrameType.ACKNOWLEDGED));
    const received = serialOf(await this.#alice.next(FrameType.RECEIPT));
    if (acknowledged !== id || received !== id) throw new Error(`✓ of ${acknowledged}, ✓✓ of ${received} for ${id}`);
    for (const phone of [this.#alice, this.#bob]) {
      phone.ping();
      await phone.next(FrameType.PONG);
    }
    this.exchanged++;
  }

  hangUp(): void {
    this.#alice.hangUp();
    this.#bob.hangUp();
  }
}
