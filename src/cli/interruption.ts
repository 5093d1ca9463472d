/** Ctrl-C and SIGTERM: the first asks for an early end, the second ends the process. */
import { ExitCode } from './exit-code.ts';

const RUN_NOTE = 'Interrupted: draining, then a partial result. Once more stops at once.';

export class Interruption {
  exitCode: number | undefined;
  readonly #controller = new AbortController();
  readonly #note: (text: string) => void;
  readonly #text: string;
  readonly #onInterrupt = (): void => this.#receive(ExitCode.INTERRUPTED);
  readonly #onTerminate = (): void => this.#receive(ExitCode.TERMINATED);

  /**
   * @param note is told once, at the first signal, what happens next.
   * @param text what that is, if it is not a single run that ends.
   */
  constructor(note: (text: string) => void, text = RUN_NOTE) {
    this.#note = note;
    this.#text = text;
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
    this.#note(this.#text);
    this.#controller.abort();
  }
}
