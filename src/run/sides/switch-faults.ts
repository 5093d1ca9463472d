/**
 * Does to the process of the switch what the scenario declares as faults, one after the other, and watches how phones
 * come back. A fault that is due while the switch is still starting waits until it listens.
 *
 * After a kill every session is a new one, so no more sessions can be back than logins were accepted since. Phones that
 * come and go as the scenario intends log in as well: with short sessions the times are lower bounds.
 */
import { TrunklineError } from '../../base/errors.ts';
import { formatCountOf, formatMicros } from '../../base/units.ts';
import type { RunEventName } from '../../result/series-schema.ts';
import type { DeclaredFault } from '../../scenario/keys/faults-key.ts';
import { BACK_SHARES, type SwitchFault } from '../../verdict/record/switch-fault.ts';
import type { RunSides, SwitchControl } from './run-sides.ts';

/** Time between two looks at who is back: times to return are as exact as this. */
const LOOK_MILLIS = 10;

type Note = (name: RunEventName, detail: string) => void;

export class SwitchFaults {
  /** What happened so far, in order of time. */
  readonly done: SwitchFault[] = [];
  readonly #sides: RunSides;
  readonly #note: Note;
  #isEnding = false;
  #wake: () => void = () => {};
  #work: Promise<void> = Promise.resolve();
  #mistake: unknown = null;

  /** @param note records an event of the series. */
  constructor(sides: RunSides, note: Note) {
    this.#sides = sides;
    this.#note = note;
  }

  /** @param faults in order of time. @param zeroMicros when their times count from, on the clock of the sides. */
  start(faults: readonly DeclaredFault[], zeroMicros: number): void {
    const { switchControl } = this.#sides;
    if (switchControl === null || faults.length === 0) return;
    this.#work = this.#execute(faults, zeroMicros, switchControl).catch((error: unknown) => {
      // A side that fails reports that itself, and ends the run.
      if (!(error instanceof TrunklineError)) this.#mistake = error;
    });
  }

  /**
   * Ends the fault that is going on, and does no other. The switch is there afterwards, or it has failed.
   *
   * @throws what is no failure of a side: a mistake of ours.
   */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#wake();
    await this.#work;
    const mistake = this.#mistake;
    this.#mistake = null; // told once: whoever ends a run that fails calls this again
    if (mistake !== null) throw mistake;
  }

  async #execute(faults: readonly DeclaredFault[], zeroMicros: number, control: SwitchControl): Promise<void> {
    for (const [place, declared] of faults.entries()) {
      await this.#sleepUntil(zeroMicros + declared.at);
      if (this.#isEnding) return;
      await this.#sides.refresh('counters');
      const acceptedBefore = this.#sides.driver('loginsAccepted');
      const fault = this.#begin(declared);
      if (declared.kill === undefined) await this.#stop(fault, control);
      else await this.#kill(fault, control);
      const next = faults[place + 1];
      const untilMicros = next === undefined ? Number.POSITIVE_INFINITY : zeroMicros + next.at;
      await this.#watchReturn(fault, acceptedBefore, untilMicros);
    }
  }

  #begin(declared: DeclaredFault): SwitchFault {
    const fault: SwitchFault = {
      declared,
      atMicros: this.#sides.clock.nowMicros(),
      sessions: this.#sides.driver('held'),
      presentMicros: null,
      restoreMicros: null,
      restoredEntries: null,
      backMicros: [null, null, null],
      acknowledgedMicros: null,
    };
    this.done.push(fault);
    return fault;
  }

  async #kill(fault: SwitchFault, control: SwitchControl): Promise<void> {
    await control.kill();
    const store = await control.startAgain();
    fault.presentMicros = this.#since(fault);
    fault.restoreMicros = store?.totals.restoreMicros ?? null;
    fault.restoredEntries = store?.totals.restoredEntries ?? null;
    this.#note('recovered', `switch listens again after ${formatMicros(fault.presentMicros)}`);
  }

  async #stop(fault: SwitchFault, control: SwitchControl): Promise<void> {
    control.suspend();
    await this.#sleepUntil(fault.atMicros + (fault.declared.for ?? 0));
    control.resume();
    fault.presentMicros = this.#since(fault);
  }

  /** Until all shares are back and messages flow, the next fault is due, or the load ends. */
  async #watchReturn(fault: SwitchFault, acceptedBefore: number, untilMicros: number): Promise<void> {
    const { clock } = this.#sides;
    await this.#sides.refresh('counters');
    const acknowledgedBefore = this.#sides.driver('messagesAcknowledged');
    while (!this.#isEnding && clock.nowMicros() < untilMicros) {
      await this.#sides.refresh('counters');
      const held = this.#sides.driver('held');
      const isNew = fault.declared.kill !== undefined;
      const back = isNew ? Math.min(held, this.#sides.driver('loginsAccepted') - acceptedBefore) : held;
      this.#noteBack(fault, back);
      if (fault.acknowledgedMicros === null && this.#sides.driver('messagesAcknowledged') > acknowledgedBefore)
        fault.acknowledgedMicros = this.#since(fault);
      const isBack = fault.sessions === 0 || fault.backMicros.every((micros) => micros !== null);
      if (fault.acknowledgedMicros !== null && isBack) return;
      await this.#sleepUntil(clock.nowMicros() + LOOK_MILLIS * 1000);
    }
  }

  #noteBack(fault: SwitchFault, back: number): void {
    const micros = this.#since(fault);
    for (const [place, share] of BACK_SHARES.entries()) {
      if (fault.backMicros[place] !== null || fault.sessions === 0 || back < share * fault.sessions) continue;
      fault.backMicros[place] = micros;
      if (place === BACK_SHARES.length - 1)
        this.#note(
          'recovered',
          `99 % of ${formatCountOf(fault.sessions, 'session')} back after ${formatMicros(micros)}`,
        );
    }
  }

  #since(fault: SwitchFault): number {
    return this.#sides.clock.nowMicros() - fault.atMicros;
  }

  /** Sleeps, unless the load ends. */
  async #sleepUntil(micros: number): Promise<void> {
    const millis = (micros - this.#sides.clock.nowMicros()) / 1000;
    if (this.#isEnding || millis <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, millis);
      this.#wake = resolve;
    });
    clearTimeout(timer);
  }
}
