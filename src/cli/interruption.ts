/** What a signal does to a command: the first brings it to an early end, the second ends the process. */
import { ExitCode } from './exit-code.ts';

export class Interruption {
  /** Of the signal that came; undefined while none has. */
  exitCode: number | undefined;
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;
  readonly #onInterrupt = (): void => this.#receive(ExitCode.INTERRUPTED);
  readonly #onTerminate = (): void => this.#receive(ExitCode.TERMINATED);

  /** @param onFirst called once, at the first signal, to say what happens now. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
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
    this.#onFirst();
    this.#controller.abort();
  }
}
