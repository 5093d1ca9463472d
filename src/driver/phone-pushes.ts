/**
 * The push service of simulated phones: it sees each message that the switch accepts for a phone, and wakes the phone
 * if it sleeps, after a delay. The lane of the sender knows the recipient, and tells the lane in which that phone
 * lives. Of a message to a group or list it knows the first members: it goes through all of them, some in each turn.
 *
 * It stands beside the switch and costs it nothing: a real switch would ask a service of the platform, and that request
 * is not modelled. Not modelled either are calls of a phone that is offline for another reason, pushes from other
 * drivers, and that members of a group change: who has joined is not called, and who has left is called.
 */
import { count } from '../base/counters.ts';
import { NO_GROUP } from '../wire/group-plan.ts';
import { NO_MEMBER } from './people/group-calls.ts';
import type { PlatformShares } from './people/platforms.ts';
import { NO_PUSH } from './people/push-link.ts';
import { type PushWakes, WakeTurn } from './people/push-wakes.ts';
import type { PhoneDepartures } from './phone-departures.ts';
import { ArriveOutcome, type PhoneLogins } from './phone-logins.ts';
import type { LaneState } from './state/lane-state.ts';
import { PhoneState } from './tables/phone-table.ts';
import { DriverCounter } from './terms/driver-counters.ts';

/** Most pushes that are taken from other lanes in a turn. */
const PUSHES_MAX = 1024;
/** Most members of groups that are called in a turn. */
const MEMBERS_MAX = 1024;

/**
 * The switch has accepted a message of a phone: the lane of its recipient is told, if a push may wake that. Members of a
 * group are called in this turn and the next ones.
 */
export function announceMessage(state: LaneState, phone: number, number: number): void {
  const { messagePlan, groups, groupCalls, parts } = state;
  const recipient = messagePlan.recipientOf(phone, number);
  const group = groups === undefined ? NO_GROUP : groups.plan.groupAt(recipient);
  if (group === NO_GROUP) announceTo(state, recipient);
  else if (groupCalls?.push(group, phone) === false) count(parts.counters, DriverCounter.groupPushesLost);
}

function announceTo(state: LaneState, recipient: number): void {
  const { pushWakes, platformShares, settings, parts } = state;
  if (pushWakes === undefined || platformShares === undefined) return;
  const { population, lane } = settings;
  if (recipient >= population.online) return; // it never connects
  if (!pushWakes.hasPush(platformShares.of(recipient))) return;
  const [to, row] = [population.laneOf(recipient), population.rowOf(recipient)];
  if (to === lane) call(state, pushWakes, platformShares, row);
  else if (parts.pushLink?.post(to, row) !== true) count(parts.counters, DriverCounter.pushesLost);
}

function call(state: LaneState, pushWakes: PushWakes, shares: PlatformShares, row: number): void {
  const phone = state.phoneAt(row);
  const isMerged = pushWakes.isCalled(row);
  if (isMerged) count(state.parts.counters, DriverCounter.pushesMerged);
  else if (pushWakes.call(row, phone, shares.of(phone))) state.countForPlatform(row, DriverCounter.platformPushes0, 1);
}

export class PhonePushes {
  readonly #state: LaneState;
  readonly #logins: PhoneLogins;
  readonly #departures: PhoneDepartures;

  constructor(state: LaneState, logins: PhoneLogins, departures: PhoneDepartures) {
    this.#state = state;
    this.#logins = logins;
    this.#departures = departures;
  }

  /**
   * Takes what other lanes have told, wakes phones, and lets those sleep again that were woken; at most so many.
   * @param mayLeave whether phones leave. @returns how many phones it handled.
   */
  doWork(limit: number, mayLeave: boolean): number {
    const { pushWakes, platformShares, parts, nowMicros } = this.#state;
    if (pushWakes === undefined || platformShares === undefined) return 0;
    pushWakes.advance(nowMicros);
    let done = this.#callMembers();
    if (parts.pushLink !== undefined) {
      let taken = 0;
      for (let row = parts.pushLink.take(); row !== NO_PUSH; row = parts.pushLink.take()) {
        call(this.#state, pushWakes, platformShares, row);
        if (++taken === PUSHES_MAX) break;
      }
      done += taken;
    }
    for (let handled = 0; handled < limit; handled++) {
      const turn = pushWakes.take();
      if (turn === WakeTurn.NONE) break;
      if (turn === WakeTurn.WAKE) this.#wake(pushWakes);
      else if (mayLeave && !this.#departures.sleep(pushWakes.row)) pushWakes.stays();
      done++;
    }
    return done;
  }

  /** Calls members of groups that messages went to. @returns how many. */
  #callMembers(): number {
    const { groupCalls } = this.#state;
    if (groupCalls === undefined) return 0;
    let done = 0;
    while (done < MEMBERS_MAX) {
      const member = groupCalls.take();
      if (member === NO_MEMBER) break;
      announceTo(this.#state, member);
      done++;
    }
    return done;
  }

  #wake(pushWakes: PushWakes): void {
    const { phones, nowWord, nowHigh } = this.#state;
    const { row } = pushWakes;
    const before = phones.state(row);
    if (before !== PhoneState.AWAY && before !== PhoneState.LEAVING) return; // it is already connecting
    const isBegun =
      before === PhoneState.AWAY && this.#logins.arrive(row, nowWord, nowHigh, 0, 0) === ArriveOutcome.BEGUN;
    if (!isBegun) pushWakes.again(WakeTurn.WAKE);
  }
}
