/** Handles signals for commands that have to shut down in order. */
import { ExitCode } from './exit-code.ts';

/** Shown after the first signal to a command that measures. */
export const INTERRUPTED =
  'Interrupted: draining, then reporting a partial result. Interrupt again to stop immediately.';

/** The first signal requests an early end, the second one ends the process. */
export class Interruption {
  exitCode: number | undefined;
  readonly #controller = new AbortController();
  readonly #say: () => void;
  readonly #onInterrupt = (): void => this.#receive(ExitCode.INTERRUPTED);
  readonly #onTerminate = (): void => this.#receive(ExitCode.TERMINATED);

  /** @param say tells the user what happens after the first signal. */
  constructor(say: () => void) {
    this.#say = say;
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onTerminate);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The same as the first Ctrl-C; no second one. */
  request(): void {
    if (this.exitCode === undefined) this.#receive(ExitCode.INTERRUPTED);
  }

  close(): void {
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onTerminate);
  }

  #receive(code: number): void {
    if (this.exitCode !== undefined) process.exit(code);
    this.exitCode = code;
    this.#say();
    this.#controller.abort();
  }
}
