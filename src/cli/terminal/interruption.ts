/** Signals to a command that has something to end properly. */
import { ExitCode } from './exit-code.ts';

/** The first signal brings what runs to an early end, the second ends the process. */
export class Interruption {
  exitCode: number | undefined;
  readonly #controller = new AbortController();
  readonly #say: () => void;
  readonly #onInterrupt = (): void => this.#receive(ExitCode.INTERRUPTED);
  readonly #onTerminate = (): void => this.#receive(ExitCode.TERMINATED);

  /** @param say tells whoever sent the first signal what now happens. */
  constructor(say: () => void) {
    this.#say = say;
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onTerminate);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
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
