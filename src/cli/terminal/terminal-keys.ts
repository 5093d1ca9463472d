/**
 * Single keys from the terminal. Reading them needs raw mode, in which the terminal turns neither Ctrl-C nor Ctrl-Z
 * into signals, so both are sent from here. Raw mode ends with {@link close}, and with the process however it exits.
 */
import { readFileSync } from 'node:fs';

/** The signals of keys in a terminal that is not in raw mode. */
const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = {
  '\u0003': 'SIGINT',
  '\u001a': 'SIGTSTP',
  '\u001c': 'SIGQUIT',
};

export class TerminalKeys {
  readonly #stream: NodeJS.ReadStream;
  readonly #onKey: (key: string) => void;
  readonly #onData = (data: Buffer): void => this.#receive(data.toString('latin1'));
  readonly #onContinue = (): void => void this.#stream.setRawMode(true);
  readonly #restore = (): void => void this.#stream.setRawMode(false);

  /**
   * Starts to read keys.
   * @param onKey is called with each key that is no signal, as one character.
   * @returns null where no keys can be read: the input is no terminal, or the process is not in its foreground.
   */
  static open(stream: NodeJS.ReadStream, onKey: (key: string) => void): TerminalKeys | null {
    return stream.isTTY && isInForeground() ? new TerminalKeys(stream, onKey) : null;
  }

  private constructor(stream: NodeJS.ReadStream, onKey: (key: string) => void) {
    this.#stream = stream;
    this.#onKey = onKey;
    stream.setRawMode(true);
    stream.on('data', this.#onData);
    stream.unref(); // an unread key must not keep the process alive
    process.on('exit', this.#restore);
    process.on('SIGCONT', this.#onContinue);
  }

  close(): void {
    process.off('exit', this.#restore);
    process.off('SIGCONT', this.#onContinue);
    this.#stream.off('data', this.#onData);
    this.#stream.pause();
    this.#restore();
  }

  /** Several keys may come at once. */
  #receive(keys: string): void {
    for (const key of keys) {
      const signal = SIGNALS[key];
      if (signal === undefined) this.#onKey(key);
      else this.#raise(signal);
    }
  }

  #raise(signal: NodeJS.Signals): void {
    if (signal !== 'SIGINT') this.#restore(); // the process stops or ends without further notice
    process.kill(process.pid, signal);
  }
}

/**
 * Whether this process may change the terminal: one in the background would be stopped by the attempt (SIGTTOU). Where
 * the kernel does not say (it is not Linux), yes.
 */
export function isInForeground(): boolean {
  try {
    // proc_pid_stat(5): after the name in brackets come state, parent, group, session, terminal, group in the
    // foreground.
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === foreground;
  } catch {
    return true;
  }
}
