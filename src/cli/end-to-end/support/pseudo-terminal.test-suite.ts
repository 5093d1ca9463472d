/**
 * The built command in a pseudo-terminal, made by `script` of util-linux: a test types keys, changes the size of the
 * terminal, and reads what a terminal would be sent.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmulatedTerminal } from '../../terminal/emulated-terminal.test-suite.ts';
import { MAIN } from './command.test-suite.ts';

/** Against a command that hangs; a slow machine is no reason to fail. */
const LIMIT_MILLIS = 120_000;
const CODE = /\r\nexit code (\d+)\r\n/;

/** Why tests in a pseudo-terminal cannot run here; null if they can. In CI they must. */
export function withoutPseudoTerminal(): string | null {
  const { error, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  if (error === undefined && stdout.includes('util-linux')) return null;
  if (process.env['CI']) throw new Error('script of util-linux is missing: install bsdutils');
  return 'script of util-linux is missing: install bsdutils';
}

export interface TerminalSettings {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it runs as a background job of the terminal's shell. */
  readonly isInBackground?: boolean;
}

export class PseudoTerminal {
  output = '';
  /** What its user sees. */
  readonly screen: EmulatedTerminal;
  /** What the terminal was sent, and the settings of its line afterwards (`stty -a`). */
  readonly ended: Promise<{ readonly code: number; readonly line: string; readonly output: string }>;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], folder: string, settings: TerminalSettings = {}) {
    const { columns = 100, rows = 24, environment = {}, isInBackground = false } = settings;
    const words = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    const run = `sh -c 'echo $$ > pid; exec "$@"' - ${words}`;
    const command = [
      `tty > tty; stty cols ${columns} rows ${rows}`,
      isInBackground ? `set -m; ${run} & wait $!` : run,
      'code=$?; echo; echo "exit code $code"; stty -a',
    ].join('; ');
    this.screen = new EmulatedTerminal(columns, rows);
    this.#folder = folder;
    this.#child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
      cwd: folder,
      env: { ...withoutOurs(process.env), TERM: 'xterm-256color', SHELL: '/bin/sh', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.screen.write(text);
      for (const look of [...this.#waiting]) look();
    });
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), LIMIT_MILLIS);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', () => {
        clearTimeout(kill);
        const [said = '', code, line = ''] = this.output.split(CODE);
        if (code === undefined)
          reject(new Error(`the terminal was closed before the command had ended: ${this.output}`));
        else resolve({ code: Number(code), line, output: said });
      });
    });
  }

  /** The process id of the command. */
  get processId(): number {
    return Number(readFileSync(join(this.#folder, 'pid'), 'utf8'));
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  resize(columns: number, rows: number): void {
    const tty = readFileSync(join(this.#folder, 'tty'), 'utf8').trim();
    this.screen.resize(columns, rows);
    spawnSync('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)]);
  }

  /** Waits until the terminal has been sent a text that matches, from a place in its output on. */
  async sees(text: RegExp, from = 0): Promise<void> {
    let look = (): void => {};
    const seen = new Promise<void>((resolve) => {
      look = () => {
        if (text.test(this.output.slice(from))) resolve();
      };
      this.#waiting.add(look);
      look();
    });
    const closed = this.ended.then(({ output }) => {
      if (!text.test(output.slice(from))) throw new Error(`never saw ${text} in ${JSON.stringify(output.slice(from))}`);
    });
    try {
      await Promise.race([seen, closed]);
    } finally {
      this.#waiting.delete(look);
    }
  }
}

/** Whatever the tests themselves run in. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(TRUNKLINE_|NO_COLOR$|FORCE_COLOR$|NODE_TEST_CONTEXT$)/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name)));
}
