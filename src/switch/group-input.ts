/**
 * Handles what phones send to groups: messages, JOIN and LEAVE. A group is asked like the home of an account: with an
 * id of the phone's window, by a call if its home is this shard, otherwise by a question through a hop.
 *
 * An id that was accepted before is asked for again, since only the group knows the version that its ✓ carried.
 */
import type { ByteSpan } from '../base/byte-span.ts';
import { copyBytes } from '../base/copy-bytes.ts';
import { count } from '../base/counters.ts';
import { FrameFlow } from '../wire/parse-frames.ts';
import { GroupRequest } from './groups/group-request.ts';
import type { ShardGroups } from './groups/shard-groups.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import type { Hops } from './homes/hops.ts';
import type { PhoneSessions } from './phone-sessions.ts';
import type { OpenQuestions } from './tables/open-questions.ts';
import { IdStatus } from './tables/session-table.ts';
import type { ShardSettings } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** What input to groups needs of the shard. */
export interface GroupInputParts {
  readonly groups: ShardGroups;
  readonly sessions: PhoneSessions;
  readonly homes: HomeRoutes;
  readonly hops: Hops;
  readonly questions: OpenQuestions;
  readonly counters: Float64Array;
}

export class GroupInput {
  readonly #settings: ShardSettings;
  readonly #groups: ShardGroups;
  readonly #sessions: PhoneSessions;
  readonly #homes: HomeRoutes;
  readonly #hops: Hops;
  readonly #questions: OpenQuestions;
  readonly #counters: Float64Array;

  constructor(settings: ShardSettings, parts: GroupInputParts) {
    this.#settings = settings;
    this.#groups = parts.groups;
    this.#sessions = parts.sessions;
    this.#homes = parts.homes;
    this.#hops = parts.hops;
    this.#questions = parts.questions;
    this.#counters = parts.counters;
  }

  /** Whether an account index is that of a group. */
  isGroup(account: number): boolean {
    return this.#groups.isGroup(account);
  }

  /** Takes a message to a group from the session in a slot. */
  send(slot: number, id: number, group: number, tick: number, payload: ByteSpan): FrameFlow {
    const to = this.#settings.homes.shardOf(group);
    const isRemote = to !== this.#settings.shard;
    if (isRemote && this.#questions.isFull) return FrameFlow.STALL;
    const { table } = this.#sessions;
    const status = table.admit(slot, id);
    if (status !== IdStatus.NEW) return this.#notNew(slot, status, id, group, tick);
    const account = table.account(slot);
    const address = this.#homes.addressOf(slot);
    const generation = table.generation(slot);
    if (!isRemote) {
      this.#groups.home.route(account, address, generation, id, group, payload);
      return FrameFlow.NEXT;
    }
    const payloadAt = this.#hops.write.route(to, payload.bytes, account, address, generation, id, group, tick);
    if (payloadAt < 0) {
      table.answer(slot, id, false);
      return FrameFlow.STALL;
    }
    copyBytes(payload.view, payload.at, this.#hops.view, payloadAt, payload.bytes);
    this.#hops.end(to);
    this.#questions.ask(to, slot, id, tick);
    return FrameFlow.NEXT;
  }

  /** Takes a JOIN or a LEAVE. */
  change(slot: number, id: number, group: number, tick: number, isJoin: boolean): FrameFlow {
    const isRemote = this.#settings.homes.shardOf(group) !== this.#settings.shard;
    if (isRemote && this.#questions.isFull) return FrameFlow.STALL;
    const status = this.#sessions.table.admit(slot, id);
    if (status !== IdStatus.NEW) return this.#notNew(slot, status, id, group, tick);
    if (this.#request(slot, id, group, tick, isJoin ? GroupRequest.JOIN : GroupRequest.LEAVE)) return FrameFlow.NEXT;
    this.#sessions.table.answer(slot, id, false);
    return FrameFlow.STALL;
  }

  /** Handles a message whose id is already in the window, or does not fit into it, while new ones are refused. */
  sentAgain(slot: number, status: number, id: number, group: number, tick: number): FrameFlow {
    const isRemote = this.#settings.homes.shardOf(group) !== this.#settings.shard;
    return isRemote && this.#questions.isFull ? FrameFlow.STALL : this.#notNew(slot, status, id, group, tick);
  }

  /** Handles an id that is already in the window, or does not fit into it. */
  #notNew(slot: number, status: number, id: number, group: number, tick: number): FrameFlow {
    switch (status) {
      case IdStatus.DUPLICATE:
        this.#sessions.table.ask(slot, id);
        if (this.#request(slot, id, group, tick, GroupRequest.ASK)) break;
        this.#sessions.table.answer(slot, id, true);
        return FrameFlow.STALL;
      case IdStatus.DUPLICATE_UNANSWERED:
        count(this.#counters, SwitchCounter.groupDuplicates);
        break;
      default:
        this.#sessions.rejectOutsideWindow(slot, status, id);
    }
    return FrameFlow.NEXT;
  }

  /** Asks the home of a group. @returns false if there is no room in its inbox. */
  #request(slot: number, id: number, group: number, tick: number, request: number): boolean {
    const { table } = this.#sessions;
    const to = this.#settings.homes.shardOf(group);
    const account = table.account(slot);
    const address = this.#homes.addressOf(slot);
    const generation = table.generation(slot);
    if (to === this.#settings.shard) {
      this.#groups.home.request(account, address, generation, id, group, request);
      return true;
    }
    if (!this.#hops.write.groupRequest(to, account, address, generation, id, group, tick, request)) return false;
    this.#questions.ask(to, slot, id, tick);
    return true;
  }
}
