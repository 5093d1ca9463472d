/** Starts the built command, for tests of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));
/** Against a command that hangs; a slow machine is no reason to fail. */
const LIMIT_MILLIS = 240_000;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs, and what it has said so far. */
export class RunningCommand {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  stdout = '';
  stderr = '';

  /**
   * @param stdout a file for what it prints; without it that is kept here.
   * @param under a program with its arguments that runs the command, such as strace; it comes first.
   */
  constructor(
    args: readonly string[],
    folder: string,
    environment: Readonly<Record<string, string>> = {},
    stdout: string | null = null,
    under: readonly string[] = [],
  ) {
    const output = stdout === null ? 'pipe' : openSync(stdout, 'w');
    const [program = process.execPath, ...rest] = [...under, process.execPath, MAIN, ...args];
    this.child = spawn(program, rest, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['pipe', output, 'pipe'],
    });
    if (typeof output === 'number') closeSync(output);
    this.child.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.outcome = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.child.kill('SIGKILL');
        reject(new Error(`no end within ${LIMIT_MILLIS} ms: ${args.join(' ')}\n${this.stderr}`));
      }, LIMIT_MILLIS);
      this.child.once('close', (code) => {
        clearTimeout(timer);
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
    this.outcome.catch(() => {}); // whoever waits for it hears of it
  }

  /** Waits until it has said something on one of its streams. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = what.exec(this.stdout) ?? what.exec(this.stderr);
      if (match !== null) return match;
      if (this.child.exitCode !== null)
        throw new Error(`it ended without saying ${what}: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
