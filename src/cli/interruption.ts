/** Ctrl-C and SIGTERM during a run or a series of runs. */
import { ExitCode } from './exit-code.ts';

/** The first signal brings the run to an early end, the second ends the process. */
export class Interruption {
  exitCode: number | undefined;
  readonly #controller = new AbortController();
  readonly #say: (text: string) => void;
  readonly #onInterrupt = (): void => this.#receive(ExitCode.INTERRUPTED);
  readonly #onTerminate = (): void => this.#receive(ExitCode.TERMINATED);

  /** @param say tells whoever interrupts what happens now. */
  constructor(say: (text: string) => void) {
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
    this.#say('Interrupted: draining, then a partial result. Once more stops at once.');
    this.#controller.abort();
  }
}
