/**
 * Which phones and messages of a run do not behave: computed from the seed, so nothing about them is stored, and the
 * recipient of a message knows as well as its sender. See the scenario key `misfits`.
 */
import { mixPair } from '../../base/pseudo-random.ts';

export interface MisfitSettings {
  /** Phones that take no delivery: they send, confirm nothing, and their mailboxes fill up. */
  readonly stalledReaders: number;
  /** Share of all messages that go to {@link HOT_ACCOUNT}. */
  readonly hotAccountShare: number;
  /** Share of all messages that go to the first group; see hot-group. */
  readonly hotGroupShare: number;
  /** How often a phone that is online connects a second time, of all phones together. */
  readonly duplicateConnectsPerSecond: number;
  /** Share of messages that are sent again after their ✓. */
  readonly sentAgainShare: number;
}

/** The phone that a share of all messages goes to. It reads, however many phones are stalled. */
export const HOT_ACCOUNT = 0;

const HOT_SALT = 0x484f5453;
const AGAIN_SALT = 0x54574943;
const TWO_POW_32 = 2 ** 32;

export class Misfits {
  readonly #stalled: number;
  readonly #online: number;
  readonly #hotBelow: number;
  readonly #againBelow: number;
  readonly #seed: number;

  /** @param online phones that connect; fewer of them are stalled. */
  constructor(settings: MisfitSettings, seed: number, online: number) {
    this.#stalled = settings.stalledReaders;
    this.#online = online;
    this.#hotBelow = settings.hotAccountShare * TWO_POW_32;
    this.#againBelow = settings.sentAgainShare * TWO_POW_32;
    this.#seed = seed;
  }

  /** Whether a phone takes no delivery. Stalled phones are spread evenly over those that connect. */
  isStalled(phone: number): boolean {
    if (phone >= this.#online) return false;
    const before = Math.floor((phone * this.#stalled) / this.#online);
    return Math.floor(((phone + 1) * this.#stalled) / this.#online) > before;
  }

  /** Whether the message with this number of a phone goes to the hot account. */
  isHot(phone: number, number: number): boolean {
    return phone !== HOT_ACCOUNT && this.#draw(HOT_SALT, phone, number) < this.#hotBelow;
  }

  /** Whether the message with this number of a phone is sent again after its ✓. */
  isSentAgain(phone: number, number: number): boolean {
    return this.#draw(AGAIN_SALT, phone, number) < this.#againBelow;
  }

  /** From 0 to 2^32 - 1. */
  #draw(salt: number, phone: number, number: number): number {
    return mixPair(mixPair(this.#seed ^ salt, phone), number) >>> 0;
  }
}
