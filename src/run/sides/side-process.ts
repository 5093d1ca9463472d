/**
 * The controller's end of a side's process: starts it, sends requests, and detects its end. If the process dies,
 * `failure` settles and every open request is rejected.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, TrunklineError } from '../../base/errors.ts';
import { processEnd } from '../../base/process-end.ts';
import type { CrowdSettings } from './crowd-settings.ts';
import type {
  SideAnswers,
  SideEnvelope,
  SideMessage,
  SideName,
  SideRequestName,
  SideRequests,
  SideSample,
} from './side-messages.ts';

const ENTRY = fileURLToPath(new URL('./side-main.js', import.meta.url));
/** Time within which a process must end after it was asked to. */
const LEAVE_MILLIS = 10_000;

interface Question {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class SideProcess {
  readonly name: SideName;
  /** Settles when the process, or a thread of it, fails; never rejects. */
  readonly failure: Promise<TrunklineError>;
  readonly #child: ChildProcess;
  /**
   * Open questions, by number. Their number has no maximum of its own: each caller waits for its answer, so there are
   * as many as callers at a time, which are the current phase, the time series and the live view. An answer, the end of
   * the process, or `end` settles each.
   */
  readonly #questions = new Map<number, Question>();
  readonly #exited: Promise<void>;
  readonly #onSample: (sample: SideSample) => void;
  #fail: (error: TrunklineError) => void = () => {};
  #failed: TrunklineError | undefined;
  #number = 0;
  #isLeaving = false;

  /**
   * @param crowd settings for a process with many threads; null for others.
   * @param onSample called with the counters that the process sends by itself.
   */
  constructor(name: SideName, crowd: CrowdSettings | null, onSample: (sample: SideSample) => void) {
    this.name = name;
    this.#onSample = onSample;
    this.failure = new Promise((resolve) => {
      this.#fail = resolve;
    });
    // The name is shown in lists of processes.
    this.#child = fork(ENTRY, [name], {
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...(crowd?.flags ?? [])],
      env: { ...process.env, ...crowd?.environment },
    });
    this.#child.on('message', (message) => this.#received(message as SideMessage)); // it sends nothing else
    this.#child.on('error', (error) => this.#ended('SIDE_FAILED', `could not be started: ${error.message}`));
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#ended('SIDE_FAILED', `ended unexpectedly ${processEnd(code, signal)}`);
        resolve();
      });
    });
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** @throws the error with which the side refused, or SIDE_FAILED if its process is gone or was told to end. */
  ask<Name extends SideRequestName>(name: Name, request: SideRequests[Name]): Promise<SideAnswers[Name]> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    if (this.#isLeaving) return Promise.reject(this.#leaving());
    const number = ++this.#number;
    return new Promise<unknown>((resolve, reject) => {
      this.#questions.set(number, { resolve, reject });
      // A process that is just dying receives nothing; its end settles this question like all others.
      this.#child.send({ number, name, request } satisfies SideEnvelope, () => {});
    }) as Promise<SideAnswers[Name]>; // an answer has the type that belongs to its request
  }

  /** Rejects open questions and ends the process, by force if it does not leave. Never rejects. */
  async end(): Promise<void> {
    this.#isLeaving = true;
    this.#rejectQuestions(this.#leaving());
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (this.#child.connected) this.#child.disconnect();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), LEAVE_MILLIS);
    await this.#exited;
    clearTimeout(kill);
  }

  /** Ends the process at once (kill -9), and rejects open questions. Never rejects. */
  async kill(): Promise<void> {
    this.#isLeaving = true;
    this.#rejectQuestions(this.#leaving());
    this.signal('SIGKILL');
    await this.#exited;
  }

  /** Sends a signal, if the process is still there. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  #received(message: SideMessage): void {
    switch (message.kind) {
      case 'sample':
        this.#onSample(message.sample);
        break;
      case 'failed':
        this.#stop(new TrunklineError(message.code, message.message));
        break;
      default:
        this.#answered(message);
    }
  }

  #answered(message: Exclude<SideMessage, { kind: 'sample' | 'failed' }>): void {
    const question = this.#questions.get(message.number);
    this.#questions.delete(message.number);
    if (message.kind === 'answer') question?.resolve(message.answer);
    else question?.reject(new TrunklineError(message.code, message.message));
  }

  #ended(code: ErrorCode, what: string): void {
    if (!this.#isLeaving) this.#stop(new TrunklineError(code, `The process of the ${this.name} ${what}.`));
  }

  #stop(error: TrunklineError): void {
    if (this.#failed !== undefined) return;
    this.#failed = error;
    this.#rejectQuestions(error);
    this.#fail(error);
  }

  #rejectQuestions(error: TrunklineError): void {
    for (const question of this.#questions.values()) question.reject(error);
    this.#questions.clear();
  }

  #leaving(): TrunklineError {
    return new TrunklineError('SIDE_FAILED', `The process of the ${this.name} was told to end.`);
  }
}
