/** `trunkline serve` in a process of its own, read as its operator reads it: by its lines and its last word. */
import type { Buffer } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MARK } from '../measure/leftovers.test-suite.ts';

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const LINE = /^ *[\d.]+ s +([\d,]+) connections +([\d,]+) sessions .*?([\d,]+) queued/;
const KEPT_CHARACTERS = 20_000;

export interface ServeFigures {
  readonly connections: number;
  readonly sessions: number;
  readonly queued: number;
}

export interface ServeEnd {
  readonly code: number | null;
  readonly drainedSessions: number;
  readonly cutConnections: number;
  readonly queuedMessages: number;
  readonly counters: Readonly<Record<string, number>>;
}

interface Listening {
  readonly places: readonly { readonly port: number }[];
  readonly http: { readonly port: number } | null;
}

export class ServedSwitch {
  /** What it last said of itself; null before its first line. */
  figures: ServeFigures | null = null;
  ports: readonly [number, ...number[]] = [0];
  /** Port of the HTTP side; null without one. */
  httpPort: number | null = null;
  /** Its last lines that are no figures: why it ended. */
  said = '';
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #stdout = '';
  #line = '';

  private constructor(args: readonly string[], environment: Readonly<Record<string, string>>) {
    const env = { ...process.env, ...MARK, ...environment };
    this.#child = spawn(process.execPath, [MAIN, 'serve', ...args], { env });
    this.exited = once(this.#child, 'exit').then(([code]) => code as number | null); // as Node says it
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.#stdout += data;
    });
    this.#child.stderr?.on('data', (data: Buffer) => this.#heard(String(data)));
  }

  /** Starts it on ports that are free, without tokens. @throws if it ends before it listens. */
  static async start(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServedSwitch> {
    const served = new ServedSwitch(['--listen', '127.0.0.1:0', '--auth', 'none', '--json', ...args], environment);
    const ended = served.exited.then(() => {
      throw new Error(`the switch does not start: ${served.said}`);
    });
    const stdout = served.#child.stdout;
    while (!served.#stdout.includes('\n') && stdout !== null) await Promise.race([once(stdout, 'data'), ended]);
    ended.catch(() => {}); // it ends some time
    const { places, http }: Listening = JSON.parse(served.#stdout);
    served.httpPort = http?.port ?? null;
    served.ports = places.map(({ port }) => port) as [number, ...number[]]; // there is at least one
    return served;
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks it to drain, and waits for its last word. */
  async stop(): Promise<ServeEnd> {
    this.#child.kill('SIGTERM');
    const code = await this.exited;
    const last = this.#stdout.trim().split('\n').at(-1) ?? '';
    return { drainedSessions: 0, cutConnections: 0, queuedMessages: 0, counters: {}, ...JSON.parse(last), code };
  }

  /** Ends it in any case. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #heard(text: string): void {
    const lines = (this.#line + text).split(/[\r\n]+/);
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const match = LINE.exec(line);
      if (match === null) {
        this.said = `${this.said}${line}\n`.slice(-KEPT_CHARACTERS);
        continue;
      }
      const [connections = 0, sessions = 0, queued = 0] = match.slice(1).map((one) => Number(one.replaceAll(',', '')));
      this.figures = { connections, sessions, queued };
    }
  }
}
