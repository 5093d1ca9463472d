/**
 * The reasons for which a run may end early: the user interrupts it, or a worker fails. Every wait of a run uses this
 * class, so that none of them continues after either.
 */

/** Thrown by a wait if the run must not continue. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';
  readonly why: 'interrupted' | 'failed' | 'reserve';

  constructor(why: 'interrupted' | 'failed' | 'reserve', message: string, cause?: unknown) {
    super(message, { cause });
    this.why = why;
  }
}

export class RunControl {
  readonly #interrupted: AbortSignal;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  /**
   * @param interrupted aborts to end the run.
   * @param failure settles with the first worker that fails.
   */
  constructor(interrupted: AbortSignal, failure: Promise<Error>) {
    this.#interrupted = interrupted;
    interrupted.addEventListener('abort', () => this.#wake(), { once: true });
    failure.then((error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Waits. @throws RunEnded if the run must not go on. */
  async pause(millis: number): Promise<void> {
    this.check();
    await this.#sleep(millis);
    this.check();
  }

  /** Waits even if the run was interrupted, for draining. @throws RunEnded only on failure. */
  async pauseToDrain(millis: number): Promise<void> {
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
