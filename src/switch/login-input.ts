/**
 * Handles LOGIN. What can be judged without the account's home is judged first, and what costs most of that last:
 * version, account, admission, token. Then the home is asked: by a call if it is this shard, otherwise by a question
 * through a hop.
 */

import { Capability, LoginCode, PROTOCOL_MAJOR, PROTOCOL_MINOR } from '../wire/frames.ts';
import {
  readLoginAccountHigh,
  readLoginAccountLow,
  readLoginCapabilities,
  readLoginMajor,
  readLoginMinor,
  tokenStart,
} from '../wire/login.ts';
import { NO_ACCOUNT } from '../wire/numbering-plan.ts';
import { FrameFlow } from '../wire/parse-frames.ts';
import { Shed, type Shedding } from './admission/shedding.ts';
import type { GroupInput } from './group-input.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import type { Hops } from './homes/hops.ts';
import type { PhoneSessions } from './phone-sessions.ts';
import type { LoginAdmission } from './tables/login-admission.ts';
import { LOGIN_QUESTION, type OpenQuestions } from './tables/open-questions.ts';
import { PhoneKind } from './tables/session-table.ts';
import type { Authenticator, ShardSettings } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** What logins need of the shard. */
export interface LoginInputParts {
  readonly sessions: PhoneSessions;
  readonly homes: HomeRoutes;
  readonly hops: Hops;
  readonly questions: OpenQuestions;
  readonly authenticate: Authenticator;
  readonly shedding: Shedding;
  /** Undefined if all logins are admitted. */
  readonly admission: LoginAdmission | undefined;
  readonly groups: GroupInput | undefined;
}

export class LoginInput {
  readonly #settings: ShardSettings;
  readonly #sessions: PhoneSessions;
  readonly #homes: HomeRoutes;
  readonly #hops: Hops;
  readonly #questions: OpenQuestions;
  readonly #authenticate: Authenticator;
  readonly #shedding: Shedding;
  readonly #admission: LoginAdmission | undefined;
  readonly #groups: GroupInput | undefined;

  constructor(settings: ShardSettings, parts: LoginInputParts) {
    this.#settings = settings;
    this.#sessions = parts.sessions;
    this.#homes = parts.homes;
    this.#hops = parts.hops;
    this.#questions = parts.questions;
    this.#authenticate = parts.authenticate;
    this.#shedding = parts.shedding;
    this.#admission = parts.admission;
    this.#groups = parts.groups;
  }

  /** A turn of the shard begins. */
  beginTurn(): void {
    this.#admission?.beginTurn();
  }

  /** Takes a LOGIN, which begins at `body`, from the connection in a slot that has sent none. */
  take(slot: number, tick: number, view: DataView, body: number, end: number): FrameFlow {
    if (readLoginMajor(view, body) !== PROTOCOL_MAJOR) {
      return this.#refuse(slot, LoginCode.VERSION_UNSUPPORTED, SwitchCounter.loginsRefusedVersion);
    }
    const high = readLoginAccountHigh(view, body);
    const low = readLoginAccountLow(view, body);
    const account = this.#settings.plan.indexOfHalves(high, low);
    if (account === NO_ACCOUNT || this.#groups?.isGroup(account) === true) {
      return this.#refuse(slot, LoginCode.ACCOUNT_UNKNOWN, SwitchCounter.loginsRefusedAccount);
    }
    const admission = this.#admission;
    const isDeferred = admission !== undefined && !admission.admits();
    const isShed = this.#shedding.isShed(Shed.LOGINS);
    if (isDeferred || isShed) {
      // Before its token is checked, which costs more than all the rest of a login.
      const counter = isShed ? SwitchCounter.loginsRefusedOverloaded : SwitchCounter.loginsDeferred;
      const pauseMillis = admission?.pauseMillis() ?? this.#shedding.pauseMillis;
      this.#sessions.refuseLogin(slot, LoginCode.BUSY, counter, pauseMillis);
      return FrameFlow.STOP;
    }
    const token = tokenStart(body);
    if (!this.#authenticate(high, low, view, token, end - token)) {
      return this.#refuse(slot, LoginCode.TOKEN_WRONG, SwitchCounter.loginsRefusedToken);
    }
    const sessions = this.#sessions;
    const to = this.#settings.homes.shardOf(account);
    const address = this.#homes.addressOf(slot);
    const generation = sessions.table.generation(slot);
    const remote = to !== this.#settings.shard;
    if (remote && !this.#ask(slot, tick, to, account, address, generation)) return FrameFlow.STALL;
    admission?.take();
    const kind = phoneKind(readLoginMinor(view, body), readLoginCapabilities(view, body));
    sessions.table.beginLogin(slot, account, kind);
    if (!remote) this.#homes.own.login(account, address, generation, tick);
    return FrameFlow.NEXT;
  }

  #ask(slot: number, tick: number, to: number, account: number, address: number, generation: number): boolean {
    if (this.#questions.isFull) return false;
    if (!this.#hops.write.login(to, account, address, generation, tick)) return false;
    this.#questions.ask(to, slot, LOGIN_QUESTION, tick);
    return true;
  }

  #refuse(slot: number, code: number, counter: number): FrameFlow {
    this.#sessions.refuseLogin(slot, code, counter, 0);
    return FrameFlow.STOP;
  }
}

/** The {@link PhoneKind} of a LOGIN. Read receipts are for those that want receipts. */
function phoneKind(minor: number, capabilities: number): number {
  const wantsReceipts = (capabilities & Capability.RECEIPTS) !== 0;
  const wantsReads = wantsReceipts && (capabilities & Capability.READS) !== 0;
  if (minor === 0) return wantsReceipts ? PhoneKind.MINOR_0_RECEIPTS : PhoneKind.MINOR_0;
  const first = minor > PROTOCOL_MINOR ? PhoneKind.LATER : PhoneKind.MINOR_1;
  return first + (wantsReceipts ? 1 : 0) + (wantsReads ? 1 : 0);
}
