/** Runs the built command in a process of its own, marked so that whatever it leaves is found. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, MARK, markedProcesses } from '../../../measure/leftovers.test-suite.ts';

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));

export interface ProcessOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Soft limit of open files, set before the command starts. */
  readonly openFiles?: number;
}

export class TrunklineProcess {
  stdout = '';
  stderr = '';
  /** The exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(args: readonly string[], { folder, environment = {}, openFiles }: ProcessOptions) {
    const command = [process.execPath, MAIN, ...args];
    const limited =
      openFiles === undefined ? command : ['bash', '-c', `ulimit -Sn ${openFiles}; exec "$0" "$@"`, ...command];
    const [program = '', ...rest] = limited;
    this.#child = spawn(program, rest, { cwd: folder, env: { ...process.env, ...MARK, ...environment } });
    this.#child.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.#child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.exited = once(this.#child, 'exit').then(([code]) => code as number | null); // as Node says it
  }

  get processId(): number {
    return this.#child.pid as number; // it was started
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until a phase has begun, by what is said on stderr. */
  async phase(name: string): Promise<void> {
    const hasBegun = (): boolean => this.stderr.includes(`\n${name}`);
    await eventually(
      () => hasBegun() || this.#child.exitCode !== null,
      () => `${name} does not begin: ${this.stderr}`,
    );
    if (!hasBegun()) throw new Error(`it ended before ${name}: ${this.stderr}`);
  }

  /** The process of one side of the run. */
  side(name: 'switch' | 'driver'): number {
    const found = markedProcesses().find((one) => one.commandLine.endsWith(`side-main.js ${name}`));
    if (found === undefined)
      throw new Error(`there is no process of the ${name}: ${JSON.stringify(markedProcesses())}`);
    return found.processId;
  }
}
