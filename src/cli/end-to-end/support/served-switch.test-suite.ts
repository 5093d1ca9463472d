/** The switch of `trunkline serve`, in a process of its own, for phones that connect by themselves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SECRET } from './stranger-phone.test-suite.ts';

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));

export class ServedSwitch {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  /** Of its first shard. */
  readonly port: number;

  private constructor(serve: ChildProcess, ended: Promise<unknown>, port: number) {
    this.#process = serve;
    this.#ended = ended;
    this.port = port;
  }

  /**
   * Starts it, and waits until it listens.
   * @param settings `a.b=c` each.
   * @param numbers FIRST+COUNT; its default without.
   */
  static async start(transport: string, settings: readonly string[], numbers?: string): Promise<ServedSwitch> {
    const args = ['serve', '--listen', '127.0.0.1:0', '--transport', transport, '--json', '--quiet'];
    if (numbers !== undefined) args.push('--numbers', numbers);
    const sets = settings.flatMap((one) => ['--set', one]);
    const serve = spawn(process.execPath, [MAIN, ...args, ...sets], {
      env: { ...process.env, TRUNKLINE_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => serve.once('exit', resolve));
    const line = await new Promise<string>((resolve, reject) => {
      serve.stdout.once('data', (data) => resolve(String(data)));
      serve.once('exit', (code) => reject(new Error(`serve ended with code ${code} before it listened`)));
    });
    return new ServedSwitch(serve, ended, JSON.parse(line).places[0].port);
  }

  /** Asks it to stop, without waiting. */
  terminate(): void {
    this.#process.kill('SIGTERM');
  }

  /** Stops it, if it has not ended by itself. */
  async stop(): Promise<void> {
    this.terminate();
    await this.#ended;
  }
}
