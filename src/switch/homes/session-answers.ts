/**
 * What a home tells a session: by a call if the session is on the same shard, otherwise by a hop. The home of an
 * account decides without knowing where its sessions are; an address says that.
 *
 * An answer for which an inbox has no room answers a question that is no longer open (see Hops), and is dropped.
 */
import { count } from '../../base/counters.ts';
import type { AddressLayout } from '../tables/address-layout.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import type { Hops } from './hops.ts';

/** What the home tells the sessions on its own shard. */
export interface LocalSessions {
  loginAnswer(slot: number, generation: number, code: number, highest: number, seen: number, waiting: number): void;
  answer(slot: number, generation: number, id: number, code: number): void;
  groupAnswer(slot: number, generation: number, id: number, version: number, members: number): void;
  replace(account: number, slot: number, generation: number): void;
}

export class SessionAnswers {
  readonly #addresses: AddressLayout;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #sessions: LocalSessions;

  constructor(addresses: AddressLayout, hops: Hops, counters: Float64Array, sessions: LocalSessions) {
    this.#addresses = addresses;
    this.#hops = hops;
    this.#counters = counters;
    this.#sessions = sessions;
  }

  /** Answers a login. `highest` and `seen` are the account's window of ids, `waiting` counts its mailbox. */
  login(address: number, generation: number, code: number, highest: number, seen: number, waiting: number): void {
    const addresses = this.#addresses;
    const slot = addresses.slotOf(address);
    if (addresses.isOwn(address)) {
      this.#sessions.loginAnswer(slot, generation, code, highest, seen, waiting);
      return;
    }
    const to = addresses.shardOf(address);
    const has = this.#hops.write.loginAnswer(to, slot, generation, code, highest, seen, waiting);
    if (!has) count(this.#counters, SwitchCounter.answersDropped);
  }

  /** A group has accepted a message or a change. @param members -1 if it was before, and is not known any more. */
  group(address: number, generation: number, id: number, version: number, members: number): void {
    const addresses = this.#addresses;
    const slot = addresses.slotOf(address);
    if (addresses.isOwn(address)) {
      this.#sessions.groupAnswer(slot, generation, id, version, members);
      return;
    }
    const has = this.#hops.write.groupAnswer(addresses.shardOf(address), slot, generation, id, version, members);
    if (!has) count(this.#counters, SwitchCounter.answersDropped);
  }

  /** Answers the sender of a message. */
  message(address: number, generation: number, id: number, code: number): void {
    const addresses = this.#addresses;
    const slot = addresses.slotOf(address);
    if (addresses.isOwn(address)) {
      this.#sessions.answer(slot, generation, id, code);
      return;
    }
    const has = this.#hops.write.answer(addresses.shardOf(address), slot, generation, id, code);
    if (!has) count(this.#counters, SwitchCounter.answersDropped);
  }

  /** Answers a gateway that asked for an account. The fields are those of the hop `located`. */
  located(
    address: number,
    id: number,
    shard: number,
    sinceTick: number,
    seenAgoSeconds: number,
    waiting: number,
  ): void {
    const addresses = this.#addresses;
    const to = addresses.shardOf(address);
    const has = this.#hops.write.located(to, addresses.slotOf(address), id, shard, sinceTick, seenAgoSeconds, waiting);
    if (!has) count(this.#counters, SwitchCounter.answersDropped);
  }

  /** Tells a session that another one takes its place. @returns false if there is no room to tell it now. */
  replace(account: number, address: number, generation: number): boolean {
    const addresses = this.#addresses;
    const slot = addresses.slotOf(address);
    if (!addresses.isOwn(address)) {
      return this.#hops.write.replace(addresses.shardOf(address), account, slot, generation);
    }
    this.#sessions.replace(account, slot, generation);
    return true;
  }
}
