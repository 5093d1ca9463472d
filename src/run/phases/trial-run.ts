/**
 * A run for many short trials: its phones log in once and stay connected while the rate of messages changes. Between
 * trials the switch comes to rest, so that a trial does not affect the next one.
 */
import { formatMicros } from '../../base/units.ts';
import { currentLoad } from '../../measure/fingerprint.ts';
import { difference, kernelCounters } from '../../measure/kernel-counters.ts';
import { kernelMemory } from '../../measure/kernel-memory.ts';
import { allocatableBytes } from '../../measure/process-memory.ts';
import type { Result } from '../../result/result-schema.ts';
import type { Environment } from '../../result/sections/environment-schema.ts';
import { longestAbsence } from '../../scenario/keys/phones/platforms-key.ts';
import type { Histogram } from '../../stats/histogram.ts';
import { TREND_SHARE_MAX } from '../../stats/steadiness.ts';
import { buildResult } from '../../verdict/build-result.ts';
import { balanceGuard } from '../../verdict/guards/balance-guard.ts';
import { DRIVER_GUARD_LIMITS } from '../../verdict/guards/driver-guards.ts';
import { judgeGuards } from '../../verdict/guards/judge-guards.ts';
import type { CalibrationOutcome } from '../../verdict/record/calibration-outcome.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { RampOutcome } from '../../verdict/record/ramp-outcome.ts';
import type { RunRecord } from '../../verdict/record/run-record.ts';
import { makeSides } from '../sides/make-sides.ts';
import type { RunSides } from '../sides/run-sides.ts';
import type { OpenStore } from '../worker/store/open-store.ts';
import { calibrate } from './calibration/calibrate.ts';
import { RunControl, RunEnded } from './control/run-control.ts';
import { MachineInterval } from './intervals/machine-interval.ts';
import { type IntervalListener, TimeSeries } from './intervals/time-series.ts';
import { emptyRecord, environmentNow, type RunOrder } from './order/run-order.ts';
import { storedOrder } from './order/stored-order.ts';
import { drain, rest } from './traffic/drain.ts';
import { drainLimit } from './traffic/drain-limit.ts';
import { measureTraffic, startTraffic } from './traffic/measure-traffic.ts';
import { plannedReturnsPerSecond } from './traffic/planned-returns.ts';
import { ramp } from './traffic/ramp.ts';
import { TrialWaits } from './trial-waits.ts';

/** Receives the progress before the first trial. */
export interface TrialListener {
  phase(name: 'calibrate' | 'ramp' | 'settle', detail: string): void;
}

/** A changed rate starts a moment after the command, so that no lane is late from the start. */
const LEAD_MICROS = 2000;
/** Distance from the guard on the driver's load, so that random variation in a trial does not trip it. */
const BELOW_GUARD = 0.98;
/** Time from a rate change to the measurement: queues fill and threads wake up within milliseconds. */
const SETTLE_MILLIS = 500;
/** Phones settle at least at this share of the rates of the scenario: at less, it would take more than ten absences. */
const SETTLE_FACTOR_MIN = 0.1;
/** Trials show no intervals as they go. */
const NOBODY: IntervalListener = { interval: () => {}, event: () => {} };
/** Time limit for coming to rest after a trial that overloaded the switch. */
const REST_MICROS_MAX = 15e6;
/**
 * Trials at other rates of messages, at which phones come and go and send heartbeats more or less often in proportion.
 */
export interface TrialRates {
  /** The scenario's own rate of messages, at which phones do these as it says. */
  readonly ownPerSecond: number;
  /** Messages per second while the phones settle before the first trial: a rate that surely is carried. */
  readonly settlePerSecond: number;
}

/** A trial, and what it was to show beside its messages. */
export interface Trial {
  readonly result: Result;
  /** Phones that were to come back per second; null if that is not known, or if phones do not leave. */
  readonly intendedReturnsPerSecond: number | null;
  /** Why the load of an earlier trial was part of this one, in words; null if it was not. */
  readonly disturbedBy: string | null;
}

/** The run after its last trial, at rest if the drain has come to its end. */
export interface Drained {
  /** Of all messages of all trials. */
  readonly result: Result;
  /** How long the drain could last, in words. */
  readonly limit: string;
}

export class TrialRun {
  readonly #order: RunOrder;
  readonly #store: OpenStore | null;
  readonly #environment: Environment;
  readonly #sides: RunSides;
  readonly #control: RunControl;
  readonly #series: TimeSeries;
  readonly #waits: TrialWaits;
  readonly #calibration: CalibrationOutcome | null;
  /** One per level of the ramp, of which a scenario has at most 32 (`phases.levels`); later trials add none. */
  readonly #readings: MemoryReading[] = [];
  /** How all rates change together; null where only that of messages changes. */
  readonly #rates: TrialRates | null;
  #ramp: RampOutcome | null = null;
  #loginLatency: Histogram | null = null;
  #trials = 0;

  private constructor(
    order: RunOrder,
    store: OpenStore | null,
    calibration: CalibrationOutcome | null,
    interrupted: AbortSignal,
    rates: TrialRates | null,
  ) {
    this.#rates = rates;
    const { plan } = order;
    this.#order = order;
    this.#store = store;
    this.#environment = environmentNow();
    this.#calibration = calibration;
    this.#sides = makeSides(plan, null);
    this.#control = new RunControl(interrupted, this.#sides.failure);
    this.#waits = new TrialWaits(plan, this.#sides, this.#control);
    this.#series = new TimeSeries(this.#sides, new MachineInterval(plan.sockets !== null), NOBODY);
  }

  /**
   * Calibrates the driver, if the scenario says so, and lets all phones log in.
   *
   * @param rates null: phones always leave as the scenario says.
   * @throws TrunklineError if the run could not start; RunEnded if it is interrupted meanwhile.
   */
  static async start(
    order: RunOrder,
    listener: TrialListener,
    interrupted: AbortSignal,
    rates: TrialRates | null = null,
  ): Promise<TrialRun> {
    let calibration: CalibrationOutcome | null = null;
    if (order.plan.settings.phases.calibrate) {
      listener.phase('calibrate', 'the driver alone, against a switch that only answers');
      calibration = await calibrate(order.plan, interrupted);
    }
    const { order: stored, store } = storedOrder(order);
    const run = new TrialRun(stored, store, calibration, interrupted, rates);
    try {
      listener.phase('ramp', 'phones log in, once for all trials');
      await run.#logIn();
      await run.#settle(listener);
      await run.#sides.refresh('counters');
      run.#waits.settled(run.#ramp);
    } catch (error) {
      await run.stop();
      throw error;
    }
    return run;
  }

  /**
   * Maximum rate that the driver may offer (70 % of its capacity), in messages per second; null without calibration.
   */
  get offeredMax(): number | null {
    if (this.#calibration === null) return null;
    return Math.floor(this.#calibration.messagesPerSecond * DRIVER_GUARD_LIMITS.loadShareMax * BELOW_GUARD);
  }

  /**
   * Offers a rate for a duration. @returns a result of its own. It does not check whether every message arrived:
   * {@link drain} does, for those of all trials.
   *
   * @throws RunEnded if the run is interrupted or fails meanwhile.
   */
  async trial(perSecond: number, micros: number): Promise<Trial> {
    const sides = this.#sides;
    await this.#change(0);
    await this.#rest();
    const disturbedBy = await this.#waits.returns(this.#trials === 0);
    await this.#change(perSecond);
    await this.#control.wait(SETTLE_MILLIS + this.#returnMillis);
    const kernelBefore = kernelCounters();
    const record = this.#record();
    const measured = await measureTraffic(sides, this.#control, this.#series, micros, async () => {
      await sides.refresh('counters');
      record.heldAtMeasure = sides.driver('held');
    });
    record.measured = measured;
    const { window, intervals, ended } = measured;
    if (ended !== null) throw ended;
    if (this.#order.plan.sockets !== null) {
      record.kernel = { counters: difference(kernelBefore, kernelCounters()), memory: kernelMemory() };
    }
    record.counters = sides.counters();
    record.guards = judgeGuards({
      window,
      intervals,
      intendedReturns: null, // a trial has a constant rate
      disturbances: [],
      settle: { isSteady: true, trendShare: null, trendShareMax: TREND_SHARE_MAX }, // a trial settles for a fixed time
      lanes: sides.threads.filter((thread) => thread.role === 'lane').map((thread) => thread.name),
      thresholds: this.#order.scenario.thresholds,
      offeredRate: window.driver('messagesSent') / window.seconds,
      calibration: this.#calibration,
      ramp: this.#ramp,
      wanted: this.#order.plan.online,
      intended: (fromMicros, toMicros) => ((toMicros - fromMicros) * perSecond) / 1e6,
      kernel: record.kernel?.counters ?? null,
      counters: record.counters,
      http: null,
      hasSwitch: true,
      hasOwnNetwork: false,
      network: null,
    });
    const returnsPerSecond = this.#rates === null ? null : plannedReturnsPerSecond(this.#order.plan);
    const intendedReturnsPerSecond = returnsPerSecond && returnsPerSecond * this.#factorAt(perSecond);
    return { result: buildResult(record, currentLoad()), intendedReturnsPerSecond, disturbedBy };
  }

  /**
   * Ends the traffic after the last trial, waits until everything has arrived, and checks that no message of any trial
   * was lost. An interruption makes it short, as in any other run.
   *
   * @param begins is told how long it may last, in words, when it begins.
   * @throws RunEnded if the run fails meanwhile.
   */
  async drain(begins: (limit: string) => void): Promise<Drained> {
    const sides = this.#sides;
    const { settings } = this.#order.plan;
    const isComplete = await this.#endLastTrial();
    const { micros, text } = drainLimit(settings, isComplete, 1 / this.#settleFactor);
    begins(text);
    const record = this.#record();
    const startMicros = sides.clock.nowMicros();
    record.integrity = await drain(sides, this.#control, micros, true);
    const durationSeconds = (sides.clock.nowMicros() - startMicros) / 1e6;
    record.phases.push({ name: 'drain', startSeconds: 0, durationSeconds, outcome: 'complete' });
    record.guards = [balanceGuard(record.integrity)];
    await sides.refresh('counters');
    record.counters = sides.counters();
    return { result: buildResult(record, currentLoad()), limit: text };
  }

  /**
   * Waits until the messages of the trial before are answered. Where phones come and go as often as the trials say, no
   * longer than that: mail in their mailboxes is delivered as they return, and with no new messages meanwhile a trial
   * would have fewer deliveries than in the long run.
   */
  async #rest(): Promise<void> {
    const until = this.#sides.clock.nowMicros() + REST_MICROS_MAX;
    if (this.#rates === null) await rest(this.#sides, this.#control, until, true);
    else await this.#waits.answers(until, this.#rates.ownPerSecond);
  }

  /**
   * Phones that are away return as slowly as they settle, which is surely carried, and those first that the last trial
   * kept from logging in. @returns false if the search was interrupted.
   */
  async #endLastTrial(): Promise<boolean> {
    try {
      this.#control.check();
      await this.#change(0);
      await this.#waits.returns(this.#trials === 0);
      return true;
    } catch (error) {
      if (error instanceof RunEnded && error.why === 'interrupted') return false;
      throw error;
    }
  }

  /** Releases all threads and processes. Never rejects. */
  async stop(): Promise<void> {
    this.#series.stop();
    await this.#sides.stop();
    this.#store?.close();
  }

  async #logIn(): Promise<void> {
    const sides = this.#sides;
    await sides.start();
    await this.#changeHeartbeats(this.#settleFactor);
    const onReading = (reading: MemoryReading): void => {
      this.#readings.push(reading);
    };
    this.#ramp = await ramp(sides, this.#control, { onReading, memoryLeft: allocatableBytes, fault: () => null });
    await sides.refresh('all');
    this.#loginLatency = sides.latency('login');
    await startTraffic(sides);
    await this.#change(0);
    await this.#waits.begin();
    this.#series.start(this.#order.plan.settings.phases.bin);
  }

  /**
   * Lets phones come and go until all are back that were away when traffic began, so that as many messages wait for
   * those that are away as at any rate: phones come and go as at the lowest load, which is surely carried, but at least
   * at {@link SETTLE_FACTOR_MIN}. Faster, phones would queue up whose logins a trial would have to make up for. After
   * that a change of all rates keeps this balance, since the sessions and absences of platforms become longer and
   * shorter together.
   */
  async #settle(listener: TrialListener): Promise<void> {
    const { settings } = this.#order.plan;
    const micros = Math.min(settings.phases.settle, longestAbsence(settings));
    if (this.#rates === null || settings.platforms.length === 0 || micros === 0) return;
    const factor = this.#settleFactor;
    const settleMicros = micros / factor;
    listener.phase('settle', `until as many messages wait as at any later time, ${formatMicros(settleMicros)}`);
    await this.#change(this.#rates.settlePerSecond, factor);
    await this.#control.wait(settleMicros / 1000);
  }

  /**
   * Until phones return as often as they leave, and come back from the background as often as they go there, where the
   * trial has changed how often they do.
   */
  get #returnMillis(): number {
    if (this.#rates === null) return 0;
    const { phones, presence } = this.#order.plan.settings;
    const away = Number.isFinite(phones.session) ? phones.away : 0;
    return Math.max(away, presence.background > 0 ? presence.backgroundTime : 0) / 1000;
  }

  async #change(perSecond: number, departuresFactor = this.#factorAt(perSecond)): Promise<void> {
    const startMicros = this.#sides.clock.nowMicros() + LEAD_MICROS;
    await this.#sides.lanes({ kind: 'changeLoad', perSecond, departuresFactor, startMicros });
    await this.#changeHeartbeats(departuresFactor);
  }

  async #changeHeartbeats(factor: number): Promise<void> {
    if (this.#rates !== null) await this.#sides.lanes({ kind: 'changeHeartbeats', factor });
  }

  /**
   * How much faster than the scenario says phones come and go; while there are no messages, as slowly as they settle.
   */
  #factorAt(perSecond: number): number {
    if (this.#rates === null) return 1;
    return perSecond === 0 ? this.#settleFactor : perSecond / this.#rates.ownPerSecond;
  }

  /** The share of all rates at which phones settle before the trials, and rest between them. */
  get #settleFactor(): number {
    if (this.#rates === null) return 1;
    const { settlePerSecond, ownPerSecond } = this.#rates;
    return Math.min(1, Math.max(SETTLE_FACTOR_MIN, settlePerSecond / ownPerSecond));
  }

  #record(): RunRecord {
    this.#trials++;
    const id = `${this.#order.id}-trial-${this.#trials}`;
    const record = emptyRecord({ ...this.#order, id, startedAt: new Date() }, this.#environment);
    record.calibration = this.#calibration;
    record.ramp = this.#ramp;
    record.readings.push(...this.#readings);
    record.loginLatency = this.#loginLatency;
    record.threads = this.#sides.threads;
    return record;
  }
}
