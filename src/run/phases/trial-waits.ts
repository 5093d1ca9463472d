/**
 * What a run of trials waits for before a trial, so that none has to make up for what came before it: phones that are to
 * leave, phones that are to be back, and notices of presence.
 */
import { TrunklineError } from '../../base/errors.ts';
import { formatCount, formatMicros } from '../../base/units.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { countNoise } from '../../stats/count-noise.ts';
import type { RampOutcome } from '../../verdict/record/ramp-outcome.ts';
import type { RunSides } from '../sides/run-sides.ts';
import type { RunControl } from './control/run-control.ts';
import { BEGIN_MICROS_MAX } from './traffic/measure-traffic.ts';
import { plannedConnected } from './traffic/planned-returns.ts';

/** How often to look whether phones have left, or have come back. */
const POLL_MILLIS = 100;
/** How often to look how many messages are not answered, and how often in a row few must have been answered since. */
const ANSWERS_MILLIS = 200;
const QUIET_LOOKS = 3;
/** Share of the messages per second of the scenario that phones which return may resolve per second, and as many at least. */
const LATE_SHARE_MAX = 0.005;
const ANSWERS_SLACK = 16;
/** Time limit until those have logged in that a trial beyond the capacity kept from it. */
const RETURN_MICROS_MAX = 180e6;
/**
 * Share of the connected phones that may be missing when a trial begins, beside random variation, and of those with
 * watches or notices that wait.
 */
const MISSING_SHARE_MAX = 0.001;
/** Watches and notices that may wait beside that share: with few phones, the share is less than one. */
const WAITING_SLACK = 16;

export class TrialWaits {
  readonly #plan: RunPlan;
  readonly #sides: RunSides;
  readonly #control: RunControl;
  /** Phones that are connected while as many return as leave: by the plan, or as measured before the first trial. */
  #heldInBalance = 0;

  constructor(plan: RunPlan, sides: RunSides, control: RunControl) {
    this.#plan = plan;
    this.#sides = sides;
    this.#control = control;
  }

  /**
   * Lets the phones leave that are away when traffic begins, before there are messages, and tells those who watch them:
   * of a hundred million phones so many leave that messages due meanwhile would be late for minutes, and returns with
   * them.
   */
  async begin(): Promise<void> {
    const until = this.#sides.clock.nowMicros() + BEGIN_MICROS_MAX;
    do {
      if (this.#sides.clock.nowMicros() > until) {
        const stillLeave = this.#sides.driver('lanesBeginning') > 0;
        const why = stillLeave
          ? 'phones still left that are away when traffic begins; expected all to have left. Use fewer phones (--set phones.count=…) or more lanes (--set driver.lanes=…).'
          : 'notices still waited that those phones have left; expected all to be sent. Use fewer phones (--set phones.count=…) or more shards (--set switch.shards=…).';
        throw new TrunklineError('RUN_FAILED', `After ${formatMicros(BEGIN_MICROS_MAX)} ${why}`);
      }
      await this.#control.wait(POLL_MILLIS);
      await this.#sides.refresh('counters');
    } while (this.#sides.driver('lanesBeginning') > 0 || this.#hasNoticesToSend());
  }

  /** The phones have settled: as many return as leave from now on. @param ramp how it ended; null if it did not begin. */
  settled(ramp: RampOutcome | null): void {
    this.#heldInBalance = this.#connectedInBalance(ramp);
  }

  /**
   * Waits until messages are answered, but for those of phones that left before an answer came: these are answered as
   * their phones return, so few in a second that the rest stands out.
   *
   * @param untilMicros when it ends at the latest.
   * @param perSecond messages per second in the scenario.
   */
  async answers(untilMicros: number, perSecond: number): Promise<void> {
    const sides = this.#sides;
    const fewPerPoll = Math.max(ANSWERS_SLACK, (perSecond * LATE_SHARE_MAX * ANSWERS_MILLIS) / 1000);
    let before = Number.POSITIVE_INFINITY;
    for (let quiet = 0; ; ) {
      await sides.refresh('counters');
      const unanswered = sides.driver('messagesUnanswered');
      quiet = before - unanswered <= fewPerPoll ? quiet + 1 : 0;
      if (unanswered === 0 || quiet === QUIET_LOOKS || sides.clock.nowMicros() > untilMicros) return;
      before = unanswered;
      await this.#control.wait(ANSWERS_MILLIS);
    }
  }

  /**
   * Waits until those have logged in that a trial beyond the capacity kept from it, and no notices of presence wait, also
   * from before the first trial: the next one would have to make up for these.
   *
   * @param isBeforeTrials whether no trial has begun yet.
   * @returns what is missing after the time limit; null if nothing is.
   */
  async returns(isBeforeTrials: boolean): Promise<string | null> {
    const sides = this.#sides;
    const expected = this.#heldInBalance;
    const missingMax = expected * MISSING_SHARE_MAX + countNoise(this.#plan.online - expected);
    const until = sides.clock.nowMicros() + RETURN_MICROS_MAX;
    for (;;) {
      await sides.refresh('counters');
      const missing = expected - sides.driver('held');
      if (missing <= missingMax && !this.#hasNoticesToSend()) return null;
      if (sides.clock.nowMicros() > until) {
        const what =
          missing > missingMax
            ? `${formatCount(missing)} phones had not come back`
            : 'notices of presence still waited';
        const since = isBeforeTrials
          ? 'after the phones had settled'
          : 'after an earlier trial that the switch did not carry';
        return `${what} ${formatMicros(RETURN_MICROS_MAX)} ${since}; try loads nearer to its capacity, or below it (--from, --to)`;
      }
      await this.#control.wait(POLL_MILLIS);
    }
  }

  /** See {@link #heldInBalance}. Phones that have given up their login are missing for good. */
  #connectedInBalance(ramp: RampOutcome | null): number {
    const planned = plannedConnected(this.#plan);
    if (planned === null || ramp?.isComplete !== true) return this.#sides.driver('held');
    return planned * (1 - this.#sides.driver('loginsGivenUp') / this.#plan.online);
  }

  /** Whether more notices wait than a few that some phone has no room for. */
  #hasNoticesToSend(): boolean {
    const sides = this.#sides;
    return sides.switch('presenceWaiting') > MISSING_SHARE_MAX * sides.driver('held') + WAITING_SLACK;
  }
}
