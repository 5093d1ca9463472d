/**
 * A pool of pinned workers: each keeps its role (a shard, a lane) for the whole run.
 *
 * It is not a task queue. A worker starts, reports that it is ready, runs its own loop, answers commands and stops;
 * each of these has a time limit. The first worker that throws, exits or runs out of memory settles `failure` with its
 * name and cause, and rejects every open request. The changelog (Dependencies) explains why npm's package of the same
 * name is not used.
 */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { isErrorCode, TrunklineError } from '../base/errors.ts';
import { ANNOUNCED_WORD, type Envelope, PORT_WORDS, PROGRESS_WORD, type WorkerMessage } from './worker-port.ts';

export interface WorkerSpecification {
  /** The role, as used in messages: `shard-0`. */
  readonly name: string;
  /** The data of the worker; requested when it is about to start. */
  readonly data: () => object;
  readonly resourceLimits?: NonNullable<WorkerOptions['resourceLimits']>;
  /** Called after a command was posted: rings the worker's doorbell in case it sleeps. */
  readonly wake?: () => void;
}

export interface PoolLimits {
  /** Time limit for starting without any worker getting ready. */
  readonly startMillis: number;
  /** Time limit for the answer to a command. */
  readonly commandMillis: number;
  /** Time limit for shutting down without progress of any worker. */
  readonly stopMillis: number;
  /** Whether a worker starts only when the previous one is ready; otherwise all start at the same time. */
  readonly isStartedInTurn?: boolean;
}

/** The pool's part of a worker's data: the words of its port. */
export interface PooledWorkerData<Data> {
  readonly data: Data;
  readonly announced: SharedArrayBuffer;
}

export interface StopReport {
  /** Workers that ended by themselves. */
  readonly stopped: readonly string[];
  /** Workers that had to be terminated. */
  readonly terminated: readonly string[];
}

/**
 * Starting is limited in steps of this length, each of which this thread has seen: while a process is stopped or its
 * machine is asleep, workers do not start either.
 */
const START_STEP_MILLIS = 100;
/** What to do about workers that are late. */
const FEWER = 'Use fewer phones or workers, or look at what else runs on this machine.';

interface Request {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Member {
  readonly specification: WorkerSpecification;
  readonly worker: Worker;
  readonly announced: Int32Array;
  readonly exited: Promise<void>;
  /**
   * Open requests, by number. Their number has no maximum of its own: each caller waits for its answer, and after
   * `commandMillis` the request is removed and rejected with PHASE_TIMEOUT, or when the pool is ended, with
   * WORKER_ENDED.
   */
  readonly requests: Map<number, Request>;
  isReady: boolean;
  hasExited: boolean;
  info: unknown;
}

export class WorkerThreadsPool<Command> {
  /** Settles the first time a worker fails; never rejects. */
  readonly failure: Promise<TrunklineError>;
  readonly #entry: URL;
  readonly #specifications: readonly WorkerSpecification[];
  readonly #limits: PoolLimits;
  readonly #members = new Map<string, Member>();
  #fail: (error: TrunklineError) => void = () => {};
  #failed: TrunklineError | undefined;
  #stopping = false;
  #isTerminated = false;
  #requestNumber = 0;

  constructor(entry: URL, specifications: readonly WorkerSpecification[], limits: PoolLimits) {
    this.#entry = entry;
    this.#specifications = specifications;
    this.#limits = limits;
    this.failure = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /**
   * Starts all workers.
   * @returns the message of each worker when it was ready, by name.
   * @throws WORKER_START_TIMEOUT or WORKER_FAILED; all workers are then terminated.
   */
  async start(): Promise<Map<string, unknown>> {
    const ready = this.#limits.isStartedInTurn === true ? this.#startInTurn() : this.#startTogether();
    try {
      await this.#starting(Promise.race([ready, this.#rejection()]));
    } catch (error) {
      await this.terminate();
      throw error;
    }
    return new Map([...this.#members.values()].map((member) => [nameOf(member), member.info]));
  }

  /**
   * Sends a command to a worker and waits for its answer.
   * @throws PHASE_TIMEOUT if there is no answer in time, WORKER_FAILED if a worker fails in the meantime, WORKER_ENDED
   *   if the workers have been ended.
   */
  async request<Answer>(name: string, command: Command): Promise<Answer> {
    const member = this.#members.get(name);
    assert(member !== undefined, `there is no worker ${name}`);
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#isTerminated) throw ended(member);
    const number = ++this.#requestNumber;
    const answer = new Promise<unknown>((resolve, reject) => {
      member.requests.set(number, { resolve, reject });
    });
    this.#post(member, { number, command });
    const limit = this.#limits.commandMillis;
    const late = (): TrunklineError =>
      new TrunklineError('PHASE_TIMEOUT', `Expected ${name} to answer within ${limit} ms, found no answer. ${FEWER}`);
    try {
      return (await withLimit(answer, limit, late)) as Answer; // the worker answers with this type
    } finally {
      member.requests.delete(number);
    }
  }

  /** Sends a command to every worker whose name `matches`; answers by name. */
  async requestAll<Answer>(command: Command, matches: (name: string) => boolean): Promise<Map<string, Answer>> {
    const names = [...this.#members.keys()].filter(matches);
    const answers = await Promise.all(names.map((name) => this.request<Answer>(name, command)));
    return new Map(names.map((name, i) => [name, answers[i] as Answer])); // one answer per name
  }

  /**
   * Asks every worker to shut down, and terminates those that do not in time. Never rejects.
   * @param isLast whether a worker takes what the others have to say until they end: it is asked when they have ended.
   */
  async stop(command: Command, isLast: (name: string) => boolean = () => false): Promise<StopReport> {
    this.#stopping = true;
    const left = [...this.#members.values()].filter((member) => !member.hasExited);
    for (const wave of [false, true]) {
      const members = left.filter((member) => isLast(nameOf(member)) === wave);
      for (const member of members) this.#post(member, { number: 0, command });
      await this.#leaving(members);
    }
    const terminated = left.filter((member) => !member.hasExited).map(nameOf);
    await this.terminate();
    const stopped = [...this.#members.keys()].filter((name) => !terminated.includes(name));
    return { stopped, terminated };
  }

  /** Waits for workers to shut down, as long as any of them ends or reports progress. */
  async #leaving(members: readonly Member[]): Promise<void> {
    const gone = Promise.all(members.map((member) => member.exited));
    const progress = (): string =>
      members.map(({ hasExited, announced }) => `${hasExited} ${Atomics.load(announced, PROGRESS_WORD)}`).join();
    for (let before = ''; before !== progress(); ) {
      before = progress();
      if (await isDoneWithin(gone, this.#limits.stopMillis)) return;
    }
  }

  /** Ends every worker at once, and rejects open requests. Never rejects itself. */
  async terminate(): Promise<void> {
    this.#stopping = true;
    this.#isTerminated = true;
    for (const member of this.#members.values()) {
      for (const request of member.requests.values()) request.reject(ended(member));
    }
    await Promise.all([...this.#members.values()].map((member) => member.worker.terminate()));
  }

  /** Waits until all workers have started, as long as any of them gets ready. */
  async #starting(ready: Promise<void>): Promise<void> {
    const limit = this.#limits.startMillis;
    const missing = (): string[] =>
      this.#specifications.map(({ name }) => name).filter((name) => this.#members.get(name)?.isReady !== true);
    let left = missing().length;
    for (let waited = 0; waited < limit; waited += START_STEP_MILLIS) {
      if (await isDoneWithin(ready, START_STEP_MILLIS)) return;
      if (missing().length === left) continue;
      left = missing().length;
      waited = 0;
    }
    throw new TrunklineError(
      'WORKER_START_TIMEOUT',
      `Expected another worker to be ready within ${limit} ms, found none; still starting: ${missing().join(', ')}. ` +
        FEWER,
    );
  }

  async #startTogether(): Promise<void> {
    await Promise.all(this.#specifications.map((specification) => this.#startOne(specification)));
  }

  async #startInTurn(): Promise<void> {
    for (const specification of this.#specifications) {
      if (this.#stopping) return;
      await this.#startOne(specification);
    }
  }

  #startOne(specification: WorkerSpecification): Promise<void> {
    const { name, data, resourceLimits } = specification;
    const announced = new SharedArrayBuffer(PORT_WORDS * Int32Array.BYTES_PER_ELEMENT);
    const worker = new Worker(this.#entry, {
      name,
      workerData: { data: data(), announced } satisfies PooledWorkerData<object>,
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    });
    let exit = (): void => {};
    const member: Member = {
      specification,
      worker,
      announced: new Int32Array(announced),
      exited: new Promise((resolve) => {
        exit = resolve;
      }),
      requests: new Map(),
      isReady: false,
      hasExited: false,
      info: undefined,
    };
    this.#members.set(name, member);
    worker.on('error', (error) => this.#memberFailed(member, causeOf(error), error));
    worker.on('messageerror', (error) => this.#memberFailed(member, 'sent a message that cannot be read', error));
    worker.on('exit', (code) => {
      member.hasExited = true;
      exit();
      if (!this.#stopping) this.#memberFailed(member, `exited with code ${code}`, undefined);
    });
    return new Promise((resolve) => {
      worker.on('message', (message: WorkerMessage) => this.#received(member, message, resolve));
    });
  }

  #received(member: Member, message: WorkerMessage, ready: () => void): void {
    if (message.kind === 'ready') {
      member.isReady = true;
      member.info = message.info;
      ready();
      return;
    }
    const request = member.requests.get(message.number);
    if (message.kind === 'reply') request?.resolve(message.value);
    else request?.reject(new TrunklineError(message.code, message.message));
  }

  #post(member: Member, envelope: Envelope<Command>): void {
    member.worker.postMessage(envelope);
    Atomics.add(member.announced, ANNOUNCED_WORD, 1);
    member.specification.wake?.();
  }

  #memberFailed(member: Member, what: string, cause: unknown): void {
    if (this.#failed !== undefined || this.#stopping) return;
    const error = failureOf(nameOf(member), what, cause);
    this.#failed = error;
    for (const other of this.#members.values()) {
      for (const request of other.requests.values()) request.reject(error);
    }
    this.#fail(error);
  }

  async #rejection(): Promise<never> {
    throw await this.failure;
  }
}

function nameOf(member: Member): string {
  return member.specification.name;
}

function ended(member: Member): TrunklineError {
  return new TrunklineError('WORKER_ENDED', `${nameOf(member)} was ended before it answered.`);
}

/** An operating error of a worker keeps its code, which Node transfers; any other error is a failure of the worker. */
function failureOf(name: string, what: string, cause: unknown): TrunklineError {
  const isOperating = cause instanceof Error && cause.name === 'TrunklineError' && 'code' in cause;
  if (isOperating && isErrorCode(cause.code))
    return new TrunklineError(cause.code, `${name}: ${cause.message}`, { cause });
  return new TrunklineError('WORKER_FAILED', `${name} ${what}`, { cause });
}

/** The meaning of an error event of a worker, in words. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw: ${String(error)}`;
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return `ran out of memory: ${error.message}`;
  }
  return `threw: ${error.name}: ${error.message}`;
}

/** Whether a promise resolves within a time limit; rejects if it rejects. */
async function isDoneWithin(promise: Promise<unknown>, limitMillis: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMillis, false);
  });
  try {
    return await Promise.race([promise.then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a promise up to a time limit; then rejects with the error of `late`. */
async function withLimit<T>(promise: Promise<T>, limitMillis: number, late: () => Error): Promise<T> {
  if (await isDoneWithin(promise, limitMillis)) return promise;
  throw late();
}
