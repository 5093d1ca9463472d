/**
 * Handles READ: takes a read receipt to the home of the message's author, by a call or a hop. There it goes on to the
 * author's session, or waits in the author's mailbox as a receipt (✓✓) does, and within the same bound.
 *
 *     reader ── READ ──▶ ReadInput ── readHome ──▶ home of the author ── read ──▶ shard of the author ── READ ──▶ author
 *
 * Whether the reader ever got such a message is not examined: nobody keeps messages that were received.
 */
import { count } from '../base/counters.ts';
import { ErrorFrameCode, readAccountHigh, readAccountLow, readSerial } from '../wire/frames.ts';
import { NO_ACCOUNT } from '../wire/numbering-plan.ts';
import { FrameFlow } from '../wire/parse-frames.ts';
import { Shed, type Shedding } from './admission/shedding.ts';
import type { GroupInput } from './group-input.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import type { Hops } from './homes/hops.ts';
import type { PhoneOutput } from './phone-output.ts';
import type { PhoneSessions } from './phone-sessions.ts';
import type { ShardSettings } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** What read receipts need of the shard. */
export interface ReadInputParts {
  readonly sessions: PhoneSessions;
  readonly output: PhoneOutput;
  readonly homes: HomeRoutes;
  readonly hops: Hops;
  readonly counters: Float64Array;
  readonly shedding: Shedding;
  readonly groups: GroupInput | undefined;
}

/** In place of a generation: the receipt does not come back from a session. */
const NO_GENERATION = -1;

export class ReadInput {
  readonly #settings: ShardSettings;
  readonly #parts: ReadInputParts;

  constructor(settings: ShardSettings, parts: ReadInputParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Takes a READ, which begins at `body`, from the session in a slot. While there is no room for the hop, it waits. */
  read(slot: number, view: DataView, body: number): FrameFlow {
    const { sessions, homes, hops, counters, shedding, groups } = this.#parts;
    const author = this.#settings.plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
    const reader = sessions.table.account(slot);
    if (author === NO_ACCOUNT || groups?.isGroup(author) === true)
      return this.#refuse(slot, ErrorFrameCode.RECIPIENT_UNKNOWN);
    if (author === reader) return this.#refuse(slot, ErrorFrameCode.RECIPIENT_IS_SENDER);
    if (shedding.isShed(Shed.READ_RECEIPTS)) {
      count(counters, SwitchCounter.readReceiptsShed);
      return FrameFlow.NEXT;
    }
    const id = readSerial(view, body);
    const to = this.#settings.homes.shardOf(author);
    if (to === this.#settings.shard) homes.own.read(author, id, reader, 0, NO_GENERATION);
    else if (!hops.write.readHome(to, author, id, reader, 0, NO_GENERATION)) return FrameFlow.STALL;
    count(counters, SwitchCounter.reads);
    return FrameFlow.NEXT;
  }

  #refuse(slot: number, code: number): FrameFlow {
    const { output, counters } = this.#parts;
    output.error(slot, code, 0);
    count(counters, SwitchCounter.readsRefused);
    return FrameFlow.NEXT;
  }
}
