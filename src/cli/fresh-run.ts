/** `trunkline run` in processes of its own: nothing of one run is left in the next. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TrunklineError } from '../base/errors.ts';
import { parseResult } from '../result/parse-result.ts';
import type { Result } from '../result/result-schema.ts';
import { ExitCode } from './exit-code.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

export interface FreshRunOrder {
  /** Name of a shipped scenario, or path of a YAML file. */
  readonly scenario: string;
  /** `a.b=c` each, the later before the earlier. */
  readonly settings: readonly string[];
  /** Folder in which the folder of the result is made. */
  readonly out: string;
}

/**
 * Runs a scenario to its end and reads its result, whatever it is worth.
 *
 * @param interrupted aborts to bring the run to an early end, with a partial result.
 * @throws SIDE_FAILED where there is no result, with what the run said.
 */
export async function freshRun(order: FreshRunOrder, interrupted: AbortSignal): Promise<Result> {
  const { scenario, settings, out } = order;
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const args = [MAIN, 'run', scenario, ...sets, '--json', '--quiet', '--out', out];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const interrupt = (): boolean => child.kill('SIGINT');
  interrupted.addEventListener('abort', interrupt, { once: true });
  if (interrupted.aborted) interrupt();
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === ExitCode.USAGE || said.stdout === '') {
      const why = said.stderr.trim() || `it ended with exit code ${code ?? 'none'}`;
      throw new TrunklineError('SIDE_FAILED', `A run of ${scenario} left no result: ${why}`);
    }
    return parseResult(said.stdout, `result of ${scenario}`);
  } finally {
    interrupted.removeEventListener('abort', interrupt);
  }
}
