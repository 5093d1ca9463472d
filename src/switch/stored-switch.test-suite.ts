/** A switch with logs that can be slowed down and outlast it, and phones that are online. */
import { DelayedLog } from '../store/delayed-log.test-suite.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

export interface ReturningPhone {
  readonly account: number;
  logIn(shard: number): unknown;
  /** Reads what has come. */
  take(): unknown;
  moveTo(small: SmallSwitch): void;
}

export class StoredSwitch<Phone extends ReturningPhone> {
  readonly logs: DelayedLog[];
  small: SmallSwitch;
  readonly phones: Phone[];
  readonly #settings: SmallSwitchSettings;

  constructor(
    shards: number,
    phones: number,
    settings: SmallSwitchSettings,
    phoneOf: (small: SmallSwitch, account: number) => Phone,
  ) {
    this.logs = Array.from({ length: shards }, () => new DelayedLog());
    this.#settings = { ...settings, shards, makeLog: (shard) => this.logs[shard] ?? new DelayedLog() };
    this.small = new SmallSwitch(this.#settings);
    this.phones = Array.from({ length: phones }, (_, account) => phoneOf(this.small, account));
    this.#logIn();
  }

  /** All logs complete so many turns after a batch is submitted. */
  delay(turns: number): void {
    for (const log of this.logs) log.delayTurns = turns;
  }

  settle(): void {
    for (let n = 0; n < 4; n++) {
      this.small.settle();
      for (const phone of this.phones) phone.take();
    }
  }

  /**
   * All shards end, another switch starts from their logs, and the phones come back.
   * @param survivorsOf how many of the records that are not complete survive in the log of a shard.
   */
  restart(survivorsOf: (shard: number) => number): void {
    for (const [shard, log] of this.logs.entries()) log.crash(survivorsOf(shard));
    this.small = new SmallSwitch(this.#settings);
    for (const phone of this.phones) phone.moveTo(this.small);
    this.#logIn();
  }

  #logIn(): void {
    for (const phone of this.phones) phone.logIn(phone.account % this.logs.length);
    this.settle();
  }
}
