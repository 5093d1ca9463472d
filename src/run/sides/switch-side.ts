/**
 * The side of the switch of a run over sockets, whose process faults may kill, start again, or stop for a time. For
 * everybody else it is one side that goes on: while its process is away its figures stay as they were, and other
 * requests wait.
 */
import { TrunklineError } from '../../base/errors.ts';
import type { StoreFigures } from '../../verdict/record/store-figures.ts';
import type { SwitchTarget } from '../worker/thread/worker-messages.ts';
import type { CrowdSettings } from './crowd-settings.ts';
import { EarlierSwitch } from './earlier-switch.ts';
import type { Freshness, SwitchControl } from './run-sides.ts';
import type { SideAnswers, SideRequestName, SideRequests, SideSample } from './side-messages.ts';
import { SideProcess } from './side-process.ts';

/** The kernel may free the port of a killed process late, if it had many sockets. */
const PORT_MILLIS = 60_000;
const PORT_PAUSE_MILLIS = 20;

export class SwitchSide implements SwitchControl {
  readonly name = 'switch';
  /** Settles when a process that was not killed on purpose fails; never rejects. */
  readonly failure: Promise<TrunklineError>;
  readonly #crowd: CrowdSettings | null;
  /** For samples that have the sums of all processes already. */
  readonly #keep: (sample: SideSample) => void;
  readonly #onSample: (sample: SideSample) => void;
  readonly #earlier = new EarlierSwitch();
  #process: SideProcess;
  #fail: (error: TrunklineError) => void = () => {};
  #order: SideRequests['start'] | null = null;
  #places: readonly SwitchTarget[] = [];
  #isWatched = true;
  /** Settles when the process is there. */
  #present: Promise<void> = Promise.resolve();
  #arrive: () => void = () => {};
  /** Settles when the process goes away. */
  #gone: Promise<null> = Promise.resolve(null);
  #leave: () => void = () => {};
  #isAway = false;
  #kills = 0;
  #isEnding = false;

  /** @param onSample called with samples, which have the sums of all processes so far. */
  constructor(crowd: CrowdSettings | null, onSample: (sample: SideSample) => void) {
    this.#crowd = crowd;
    this.#keep = onSample;
    this.#onSample = (sample) => onSample(this.#earlier.with(sample));
    this.failure = new Promise((resolve) => {
      this.#fail = resolve;
    });
    this.#process = this.#newProcess();
    this.#setPresent();
  }

  get kills(): number {
    return this.#kills;
  }

  get processId(): number | undefined {
    return this.#process.processId;
  }

  /** As {@link SideProcess.ask}, once the process is there. The next one is asked if it is killed before it answers. */
  async ask<Name extends SideRequestName>(name: Name, request: SideRequests[Name]): Promise<SideAnswers[Name]> {
    if (name === 'stop' && this.#isAway) this.resume(); // nobody else will
    for (;;) {
      await this.#present;
      const asked = this.#process;
      try {
        const answer = await asked.ask(name, request);
        this.#note(name, request, answer);
        return answer;
      } catch (error) {
        if (!this.#isAway && asked === this.#process) throw error; // nobody has killed it on purpose
      }
    }
  }

  /** @returns null if the process is away, or goes away before it answers. */
  async sample(freshness: Freshness): Promise<SideSample | null> {
    if (this.#isAway) return null;
    const asked = this.#process;
    try {
      const sample = await Promise.race([asked.ask('sample', freshness), this.#gone]);
      return sample === null || asked !== this.#process ? null : this.#earlier.with(sample);
    } catch (error) {
      if (this.#isAway || asked !== this.#process) return null;
      throw error;
    }
  }

  async storeFigures(): Promise<StoreFigures | null> {
    return this.#earlier.withStore(await this.ask('storeFigures', null));
  }

  /** kill -9. What the process had counted is kept, but for what it counts in its last milliseconds. */
  async kill(): Promise<void> {
    const interval = await this.sample('interval');
    const last = await this.sample('all');
    const store = await this.storeFigures();
    if (last !== null) {
      this.#earlier.ended({ ...last, interval: interval?.interval ?? null }, store);
      this.#keep(last); // a measurement may end before the next process answers
    }
    this.#setAway();
    this.#kills++;
    await this.#process.kill();
  }

  /** Starts a new process after {@link kill}; see {@link SwitchControl}. @throws SIDE_FAILED after {@link end}. */
  async startAgain(): Promise<StoreFigures | null> {
    if (this.#isEnding) throw new TrunklineError('SIDE_FAILED', 'The process of the switch was told to end.');
    this.#process = this.#newProcess();
    try {
      if (this.#order !== null) await this.#process.ask('start', this.#order);
      await this.#listenAgain();
      if (!this.#isWatched) await this.#process.ask('watch', false);
      return await this.#process.ask('storeFigures', null);
    } catch (error) {
      if (error instanceof TrunklineError) this.#fail(error);
      throw error;
    } finally {
      this.#setPresent();
    }
  }

  suspend(): void {
    this.#setAway();
    this.#process.signal('SIGSTOP');
  }

  resume(): void {
    this.#process.signal('SIGCONT');
    this.#setPresent();
  }

  /** Never rejects. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#process.signal('SIGCONT');
    this.#setPresent();
    await this.#process.end();
  }

  #newProcess(): SideProcess {
    const process: SideProcess = new SideProcess(this.name, this.#crowd, (sample) => {
      if (process === this.#process && !this.#isAway) this.#onSample(sample); // not what a killed one had still sent
    });
    void process.failure.then((error) => this.#fail(error));
    return process;
  }

  /** What a process that is started again must be told as well. */
  #note(name: SideRequestName, request: unknown, answer: unknown): void {
    if (name === 'start') this.#order = request as SideRequests['start'];
    if (name === 'listen') this.#places = answer as SideAnswers['listen'];
    if (name === 'watch') this.#isWatched = request as SideRequests['watch'];
  }

  /** @throws LISTEN_FAILED if the port stays in use. */
  async #listenAgain(): Promise<void> {
    const until = performance.now() + PORT_MILLIS;
    for (;;) {
      try {
        await this.#process.ask('listen', this.#places);
        return;
      } catch (error) {
        const isTaken = error instanceof TrunklineError && error.code === 'LISTEN_FAILED';
        if (!isTaken || performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, PORT_PAUSE_MILLIS));
      }
    }
  }

  #setAway(): void {
    this.#isAway = true;
    this.#present = new Promise((resolve) => {
      this.#arrive = resolve;
    });
    this.#leave();
  }

  #setPresent(): void {
    this.#isAway = false;
    this.#gone = new Promise((resolve) => {
      this.#leave = () => resolve(null);
    });
    this.#arrive();
  }
}
