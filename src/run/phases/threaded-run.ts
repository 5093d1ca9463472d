/**
 * The part of a run that needs threads: its phases from ramp to drain, and the end of the threads however they end.
 * What is found out goes into the record of the run.
 */
import { formatCount, formatMicros } from '../../base/units.ts';
import { difference, kernelCounters } from '../../measure/kernel-counters.ts';
import { kernelMemory } from '../../measure/kernel-memory.ts';
import { allocatableBytes } from '../../measure/process-memory.ts';
import { queueDrops } from '../../measure/queue-drops.ts';
import { loadArrivals } from '../../plan/load/load-curve.ts';
import { longestAbsence } from '../../scenario/keys/phones/platforms-key.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { TREND_SHARE_MAX } from '../../stats/steadiness.ts';
import { deviceName } from '../../transport/tun/device/device-addresses.ts';
import { balanceGuard } from '../../verdict/guards/balance-guard.ts';
import { judgeGuards } from '../../verdict/guards/judge-guards.ts';
import { pauseGuard } from '../../verdict/guards/pause-guard.ts';
import { declaredDisturbances, disturbanceMarks } from '../../verdict/record/declared-disturbances.ts';
import { uncheckedIntegrity, withHttpMessages } from '../../verdict/record/integrity.ts';
import { type IntendedEvents, intendedEvents } from '../../verdict/record/intended-events.ts';
import type { NetworkReadings, NetworkWindow } from '../../verdict/record/network-reading.ts';
import type { PhaseName, RunRecord } from '../../verdict/record/run-record.ts';
import { calmOfFaults, mayLoseMessages } from '../../verdict/record/switch-fault.ts';
import { makeSides } from '../sides/make-sides.ts';
import type { RunSides } from '../sides/run-sides.ts';
import { SwitchFaults } from '../sides/switch-faults.ts';
import { targetFault } from '../sides/target-fault.ts';
import { LoadPause } from './control/load-pause.ts';
import type { PauseRequests } from './control/pause-requests.ts';
import { noteEnd, RunControl, RunEnded } from './control/run-control.ts';
import { MachineInterval } from './intervals/machine-interval.ts';
import { TimeSeries } from './intervals/time-series.ts';
import type { RunOrder } from './order/run-order.ts';
import type { RunListener } from './run-listener.ts';
import type { RunProfiles } from './run-profiles.ts';
import { drain } from './traffic/drain.ts';
import { drainLimit } from './traffic/drain-limit.ts';
import { HttpTraffic } from './traffic/http-traffic.ts';
import { measureTraffic, settleTraffic, startTraffic } from './traffic/measure-traffic.ts';
import { plannedCurveReturns } from './traffic/planned-returns.ts';
import { ramp } from './traffic/ramp.ts';

/** How a phase is run: it is recorded with its times and its outcome, and reported to the listener. */
export type Phase = <T>(name: PhaseName, detail: string, work: () => Promise<T>) => Promise<T>;

/** What a user may ask of a run. */
export interface UserRequests {
  readonly interrupted: AbortSignal;
  readonly pauses: PauseRequests;
  readonly profiles: RunProfiles | null;
}

export class ThreadedRun {
  readonly #order: RunOrder;
  readonly #record: RunRecord;
  readonly #sides: RunSides;
  readonly #pauses: PauseRequests;
  readonly #pause: LoadPause;
  readonly #control: RunControl;
  readonly #series: TimeSeries;
  readonly #listener: RunListener;
  readonly #phase: Phase;
  readonly #profiles: RunProfiles | null;
  readonly #kernelBefore = kernelCounters();
  readonly #http: HttpTraffic;
  readonly #faults: SwitchFaults;
  #intended: IntendedEvents = () => 0;
  #intendedReturns: IntendedEvents | null = null;
  #isDrained = false;

  constructor(order: RunOrder, record: RunRecord, listener: RunListener, requests: UserRequests, phase: Phase) {
    this.#order = order;
    this.#record = record;
    this.#sides = makeSides(order.plan, order.targets);
    this.#http = new HttpTraffic(this.#sides);
    this.#series = new TimeSeries(this.#sides, new MachineInterval(order.plan.sockets !== null), listener);
    this.#pauses = requests.pauses;
    this.#pause = new LoadPause(this.#sides, (isPaused) => this.#notePause(isPaused), this.#http);
    this.#control = new RunControl(requests.interrupted, this.#sides.failure, this.#pause);
    this.#faults = new SwitchFaults(this.#sides, (name, detail) => this.#series.note(name, detail));
    record.faults = this.#faults.done;
    record.series = this.#series;
    this.#listener = listener;
    this.#phase = phase;
    this.#profiles = requests.profiles;
  }

  async execute(): Promise<void> {
    const { plan, step, targets } = this.#order;
    try {
      await this.#sides.start();
    } catch (error) {
      await this.#sides.stop();
      throw error;
    }
    try {
      this.#series.start(plan.settings.phases.bin);
      if (step !== null) this.#series.note('step', `${step.number} of ${step.of}: ${step.name}`);
      await this.#load();
    } finally {
      this.#endPauses();
      await this.#faults.end();
      this.#series.stop();
      await this.#http.end();
      await this.#sides.refresh('counters').catch(() => {}); // if a side failed, its last counters are used
      this.#record.counters = this.#sides.counters();
      this.#record.inboxRefusals = this.#sides.inboxRefusals();
      this.#record.threads = this.#sides.threads;
      if (!this.#isDrained) {
        this.#record.integrity = uncheckedIntegrity(messagesOf(this.#record), targets === null);
      }
      const late = await this.#sides.stop((text) => this.#listener.phase('drain', text));
      if (late.length > 0)
        this.#listener.phase('drain', `ended by force, because they did not answer: ${late.join(', ')}`);
    }
  }

  async #load(): Promise<void> {
    const record = this.#record;
    this.#pauses.sendTo(() => this.#pause.toggle());
    try {
      await this.#enter('ramp', 'phones log in; memory is read at each level', () => this.#ramp());
      const startMicros = await startTraffic(this.#sides);
      this.#http.start(startMicros);
      const { faults, phases } = this.#order.plan.settings;
      this.#faults.start(faults, startMicros + phases.settle);
      record.marks = disturbanceMarks(this.#order.plan.settings, startMicros);
      this.#series.expect(record.marks);
      this.#intended = intendedEvents(loadArrivals(this.#order.plan.settings), startMicros);
      this.#intendedReturns = plannedCurveReturns(this.#order.plan, startMicros);
      await this.#enter('settle', 'until the load is steady', () => this.#settle());
      const isSteady = record.settle?.isSteady !== false; // the guard on it is judged now, and shown now
      await this.#enter('measure', isSteady ? '' : 'the load did not become steady: not valid', () => this.#measure());
    } catch (error) {
      noteEnd(record, error);
      if (record.ended !== 'complete') this.#series.note(record.ended, record.failure ?? '');
      if (record.ended === 'failed') return;
      await this.#profiles?.stop(this.#sides);
    }
    this.#endPauses();
    const { micros, text } = drainLimit(this.#order.plan.settings, record.ended === 'complete');
    await this.#enter('drain', text, () => this.#drain(micros));
  }

  async #enter(name: PhaseName, detail: string, work: () => Promise<void>): Promise<void> {
    await this.#profiles?.begin(name, this.#sides);
    this.#record.profile = this.#profiles?.profile ?? null;
    this.#series.enter(name);
    await this.#phase(name, detail, work);
    await this.#profiles?.end(name, this.#sides);
  }

  async #ramp(): Promise<void> {
    const record = this.#record;
    const sides = this.#sides;
    const { plan, targets } = this.#order;
    record.ramp = await ramp(sides, this.#control, {
      onReading: (reading) => {
        record.readings.push(reading);
        this.#series.note('level', `${formatCount(reading.connections)} connections`);
        this.#listener.reading(reading);
      },
      memoryLeft: allocatableBytes,
      fault: targets === null ? () => null : targetFault(sides, targets),
    });
    await sides.refresh('all');
    record.loginLatency = sides.latency('login');
    if (plan.sockets !== null) this.#noteKernel();
    const { stopped } = record.ramp;
    if (stopped?.why === 'target') throw new RunEnded('failed', stopped.sentence);
    if (stopped?.why === 'reserve') throw new RunEnded('reserve', `The ramp was stopped: ${stopped.sentence}.`);
  }

  async #networkSince(before: NetworkReadings): Promise<NetworkWindow> {
    const drops = queueDrops();
    const after = await this.#sides.network();
    const byLane = [...after.keys()].map((lane, index): [string, number] => [lane, drops?.get(deviceName(index)) ?? 0]);
    return { before, after, queueDrops: drops === null ? null : new Map(byLane) };
  }

  #noteKernel(): void {
    this.#record.kernel = { counters: difference(this.#kernelBefore, kernelCounters()), memory: kernelMemory() };
  }

  async #settle(): Promise<void> {
    const { settings } = this.#order.plan;
    const isFixed = declaredDisturbances(settings).length > 0;
    const limits = {
      limitMicros: settings.phases.settle,
      intended: this.#intended,
      isFixed,
      leastMicros: longestAbsence(settings),
    };
    this.#record.settle = await settleTraffic(this.#sides, this.#control, this.#series, limits);
  }

  async #measure(): Promise<void> {
    const record = this.#record;
    const sides = this.#sides;
    const { plan, scenario, targets } = this.#order;
    const { measure: micros } = plan.settings.phases;
    const { hasOwnNetwork } = TRANSPORTS[plan.settings.transport];
    let networkBefore: NetworkReadings = new Map();
    const begin = async (): Promise<void> => {
      await sides.refresh('counters');
      record.heldAtMeasure = sides.driver('held');
      await sides.inspect(false); // collections count from here
      if (hasOwnNetwork) networkBefore = await sides.network();
      if (record.store !== null) record.store = { ...record.store, before: await sides.storeFigures() };
      this.#http.begin();
    };
    const measured = await measureTraffic(sides, this.#control, this.#series, micros, begin);
    await this.#faults.end();
    record.http = this.#http.window();
    record.measured = measured;
    if (record.store !== null) record.store = { ...record.store, after: await sides.storeFigures() };
    if (plan.sockets !== null) this.#noteKernel();
    if (measured.ended?.why !== 'failed') {
      record.inspections = await sides.inspect(false);
      if (hasOwnNetwork) record.network = await this.#networkSince(networkBefore);
    }
    record.guards = judgeGuards({
      window: measured.window,
      intervals: calmOfFaults(measured.intervals, record.faults),
      settle: record.settle ?? { isSteady: false, trendShare: null, trendShareMax: TREND_SHARE_MAX },
      lanes: sides.threads.filter((thread) => thread.role === 'lane').map((thread) => thread.name),
      thresholds: scenario.thresholds,
      offeredRate: measured.window.driver('messagesSent') / measured.window.seconds,
      calibration: record.calibration,
      hasSwitch: targets === null,
      ramp: record.ramp,
      wanted: plan.online,
      intended: this.#intended,
      intendedReturns: this.#intendedReturns,
      disturbances: declaredDisturbances(plan.settings),
      kernel: record.kernel?.counters ?? null,
      hasOwnNetwork,
      network: record.network,
      counters: sides.counters(),
      http: record.http,
    });
    if (measured.ended !== null) throw measured.ended;
  }

  async #drain(limitMicros: number): Promise<void> {
    const record = this.#record;
    const hasSwitch = this.#order.targets === null;
    await this.#http.stop();
    record.integrity = await drain(this.#sides, this.#control, limitMicros, hasSwitch);
    const paused = pauseGuard(this.#pause.pausedMicros);
    const balance = balanceGuard(record.integrity, mayLoseMessages(this.#order.plan.settings));
    record.guards = [paused, ...record.guards, ...this.#http.guards(), balance];
    record.storms = await this.#sides.storms();
    this.#isDrained = true;
  }

  #notePause(isPaused: boolean): void {
    if (isPaused) this.#series.note('paused', 'by the user; the run is not valid');
    else this.#series.note('resumed', `${formatMicros(this.#pause.pausedMicros)} of pauses in all`);
  }

  /** From now on there is no load to pause. */
  #endPauses(): void {
    this.#pauses.sendTo(null);
    this.#pause.end();
  }
}

function messagesOf({ counters }: RunRecord): Readonly<Record<string, number>> {
  return withHttpMessages(counters.driver, counters.gateway);
}
