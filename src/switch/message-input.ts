/**
 * Handles SEND: checks the id against the session's window (SessionTable), and takes a message that is new to the home
 * of its recipient, by a call if that is this shard, otherwise by a question through a hop. Those to groups go on to
 * GroupInput.
 *
 * While there is no room for the hop, or for the question, the frame waits with all that the phone sends after it.
 */
import type { ByteSpan } from '../base/byte-span.ts';
import { copyBytes } from '../base/copy-bytes.ts';
import { count } from '../base/counters.ts';
import { ErrorFrameCode, payloadStart, readAccountHigh, readAccountLow, readSerial } from '../wire/frames.ts';
import { NO_ACCOUNT } from '../wire/numbering-plan.ts';
import { FrameFlow } from '../wire/parse-frames.ts';
import type { MessageWork } from './admission/message-work.ts';
import { Shed, type Shedding } from './admission/shedding.ts';
import type { GroupInput } from './group-input.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import type { Hops } from './homes/hops.ts';
import type { PhoneOutput } from './phone-output.ts';
import type { PhoneSessions } from './phone-sessions.ts';
import type { OpenQuestions } from './tables/open-questions.ts';
import { IdStatus } from './tables/session-table.ts';
import type { ShardSettings } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** What messages need of the shard. */
export interface MessageInputParts {
  readonly sessions: PhoneSessions;
  readonly output: PhoneOutput;
  readonly homes: HomeRoutes;
  readonly hops: Hops;
  readonly questions: OpenQuestions;
  readonly counters: Float64Array;
  readonly shedding: Shedding;
  readonly work: MessageWork | undefined;
  readonly groups: GroupInput | undefined;
}

export class MessageInput {
  readonly #settings: ShardSettings;
  readonly #sessions: PhoneSessions;
  readonly #output: PhoneOutput;
  readonly #homes: HomeRoutes;
  readonly #hops: Hops;
  readonly #questions: OpenQuestions;
  readonly #counters: Float64Array;
  readonly #shedding: Shedding;
  readonly #work: MessageWork | undefined;
  readonly #groups: GroupInput | undefined;
  readonly #payload: ByteSpan;

  constructor(settings: ShardSettings, parts: MessageInputParts) {
    this.#settings = settings;
    this.#sessions = parts.sessions;
    this.#output = parts.output;
    this.#homes = parts.homes;
    this.#hops = parts.hops;
    this.#questions = parts.questions;
    this.#counters = parts.counters;
    this.#shedding = parts.shedding;
    this.#work = parts.work;
    this.#groups = parts.groups;
    this.#payload = { view: parts.hops.view, at: 0, bytes: 0 };
  }

  /** Takes a SEND, which begins at `body`, from the session in a slot. */
  send(slot: number, tick: number, view: DataView, body: number, end: number): FrameFlow {
    const id = readSerial(view, body);
    const recipient = this.#settings.plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
    if (this.#shedding.isShed(Shed.MESSAGES)) return this.#shedMessage(slot, tick, id, recipient);
    if (recipient === NO_ACCOUNT) {
      this.#sessions.rejectMessage(slot, ErrorFrameCode.RECIPIENT_UNKNOWN, id);
      return FrameFlow.NEXT;
    }
    const table = this.#sessions.table;
    if (recipient === table.account(slot)) {
      this.#sessions.rejectMessage(slot, ErrorFrameCode.RECIPIENT_IS_SENDER, id);
      return FrameFlow.NEXT;
    }
    if (this.#groups?.isGroup(recipient) === true) {
      const flow = this.#groups.send(slot, id, recipient, tick, this.#payloadOf(view, body, end));
      if (flow === FrameFlow.NEXT) this.#work?.spend();
      return flow;
    }
    const to = this.#settings.homes.shardOf(recipient);
    const remote = to !== this.#settings.shard;
    if (remote && this.#questions.isFull) return FrameFlow.STALL;
    const status = table.admit(slot, id);
    if (status !== IdStatus.NEW) return this.#notNew(slot, status, id);
    const payload = this.#payloadOf(view, body, end);
    if (!remote) {
      const address = this.#homes.addressOf(slot);
      const account = table.account(slot);
      const generation = table.generation(slot);
      this.#homes.own.route(account, address, generation, id, recipient, payload);
      this.#work?.spend();
      return FrameFlow.NEXT;
    }
    if (this.#route(slot, tick, to, id, recipient, payload)) {
      this.#work?.spend();
      return FrameFlow.NEXT;
    }
    table.answer(slot, id, false);
    return FrameFlow.STALL;
  }

  /** Asks the recipient's home on another shard to take a message. @returns false if there is no room in its inbox. */
  #route(slot: number, tick: number, to: number, id: number, recipient: number, payload: ByteSpan): boolean {
    const { table } = this.#sessions;
    const address = this.#homes.addressOf(slot);
    const payloadAt = this.#hops.write.route(
      to,
      payload.bytes,
      table.account(slot),
      address,
      table.generation(slot),
      id,
      recipient,
      tick,
    );
    if (payloadAt < 0) return false;
    copyBytes(payload.view, payload.at, this.#hops.view, payloadAt, payload.bytes);
    this.#hops.end(to);
    this.#questions.ask(to, slot, id, tick);
    return true;
  }

  /** The payload of the SEND that begins at `body`. It is valid until the next call. */
  #payloadOf(view: DataView, body: number, end: number): ByteSpan {
    const payload = this.#payload;
    payload.view = view;
    payload.at = payloadStart(body);
    payload.bytes = end - payload.at;
    return payload;
  }

  /** Refuses a message before any work is done for it. One that was accepted before is acknowledged again, as ever. */
  #shedMessage(slot: number, tick: number, id: number, recipient: number): FrameFlow {
    const { table } = this.#sessions;
    const status = table.admit(slot, id);
    if (status !== IdStatus.NEW && this.#groups?.isGroup(recipient) === true)
      return this.#groups.sentAgain(slot, status, id, recipient, tick);
    if (status !== IdStatus.NEW) return this.#notNew(slot, status, id);
    table.answer(slot, id, false);
    this.#sessions.rejectMessage(slot, ErrorFrameCode.OVERLOADED, id);
    return FrameFlow.NEXT;
  }

  /** Handles a message whose id is already in the window, or does not fit into it. */
  #notNew(slot: number, status: number, id: number): FrameFlow {
    switch (status) {
      case IdStatus.DUPLICATE:
        count(this.#counters, SwitchCounter.messagesDuplicate);
        this.#output.acknowledge(slot, id);
        break;
      case IdStatus.DUPLICATE_UNANSWERED:
        count(this.#counters, SwitchCounter.messagesDuplicate);
        break;
      default:
        this.#sessions.rejectOutsideWindow(slot, status, id);
    }
    return FrameFlow.NEXT;
  }
}
