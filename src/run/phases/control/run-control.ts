/**
 * The reasons for which a run may end early or stand still: the user interrupts it, a worker fails, or the load is
 * paused. Every wait of a run uses this class, so that none of them continues after the first two or during the third.
 */
import { TrunklineError } from '../../../base/errors.ts';
import type { RunRecord } from '../../../verdict/record/run-record.ts';
import type { LoadPause } from './load-pause.ts';

/**
 * Thrown by a wait if the run must not continue. Like a TrunklineError it has a stable code; but what has ended may
 * still have a record, so it is none.
 */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';
  readonly code = 'RUN_ENDED';
  readonly why: 'interrupted' | 'failed' | 'reserve';

  constructor(why: 'interrupted' | 'failed' | 'reserve', message: string, cause?: unknown) {
    super(message, { cause });
    this.why = why;
  }
}

export class RunControl {
  readonly #interrupted: AbortSignal;
  readonly #load: LoadPause | null;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  /**
   * @param interrupted aborts to end the run.
   * @param failure settles with the first worker that fails.
   * @param load the pauses of the load; null if it cannot be paused.
   */
  constructor(interrupted: AbortSignal, failure: Promise<Error>, load: LoadPause | null = null) {
    this.#interrupted = interrupted;
    this.#load = load;
    interrupted.addEventListener('abort', () => this.#wake(), { once: true });
    failure.then((error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Waits, at least until the load is not paused. @throws RunEnded if the run must not go on. */
  async wait(millis: number): Promise<void> {
    do {
      this.check();
      await this.#sleep(millis);
      this.check();
    } while (this.#load?.isPaused);
  }

  /** Length of all pauses of the load so far, in microseconds: limits of phases do not count them. */
  get pausedMicros(): number {
    return this.#load?.pausedMicros ?? 0;
  }

  /** Waits even if the run was interrupted, for draining. @throws RunEnded only on failure. */
  async waitToDrain(millis: number): Promise<void> {
    if (this.#failure === undefined) await this.#sleep(millis);
    this.#checkFailure();
  }

  /** @throws RunEnded if the run must not go on. */
  check(): void {
    this.#checkFailure();
    if (this.#interrupted.aborted) throw new RunEnded('interrupted', 'The run was interrupted.');
  }

  #checkFailure(): void {
    if (this.#failure !== undefined) throw new RunEnded('failed', this.#failure.message, this.#failure);
  }

  async #sleep(millis: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, millis);
      this.#wake = resolve;
    });
    clearTimeout(timer);
  }
}

/** Records what ended a run; other errors are rethrown. */
export function noteEnd(record: RunRecord, error: unknown): void {
  if (error instanceof RunEnded) {
    record.ended = error.why;
    record.failure = error.why === 'interrupted' ? null : error.message;
    return;
  }
  if (!(error instanceof TrunklineError) || error.kind === 'usage') throw error;
  record.ended = 'failed';
  record.failure = error.message;
}
