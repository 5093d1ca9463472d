/**
 * One run in a fresh process of the built command: heap, caches and compiled code of the run
 * before are gone, so that each run is one sample (MEASURING.md).
 */
import { spawn } from 'node:child_process';

export interface RunProcessOrder {
  /** Entry of the build that runs: this one, or that of another revision. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

export interface RunProcessOutcome {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end, or ends it at once where `interrupted` aborts. Never rejects on what the run does. */
export function runProcess(order: RunProcessOrder, interrupted: AbortSignal): Promise<RunProcessOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [order.entry, ...order.args], {
      cwd: order.cwd,
      env: ownEnvironment(),
      // The channel is how a run notices that whoever started it is gone, and ends.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    interrupted.addEventListener('abort', kill);
    if (interrupted.aborted) kill();
    const output = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      interrupted.removeEventListener('abort', kill);
      resolve({ code, ...output });
    });
  });
}

/** Without our own variables: what they said is in the arguments already. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TRUNKLINE_')));
}
