/**
 * Runs `trunkline run` in a fresh process, without the heap, caches and compiled code of earlier runs, so that each run
 * is an independent sample. Intervals within one process are not: they share its heap and its compiled code.
 */
import { spawn } from 'node:child_process';
import { TrunklineError } from '../../base/errors.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';

export interface FreshRunOrder {
  /** Main file of the build that runs: the one that is running, or that of another revision. */
  readonly entry: string;
  /** Name of a shipped scenario, or path of a YAML file. */
  readonly scenario: string;
  /** `a.b=c` each; later ones override earlier ones. */
  readonly settings: readonly string[];
  /** Parent of the result folder. */
  readonly out: string;
  /** Working directory of the run; by default that of this process. */
  readonly workFolder?: string;
}

/** Exit code of a process that the user has to correct. */
const USAGE_CODE = 2;
/** The end of the output says why a run ended. */
const SAID_CHARACTERS_MAX = 4000;

/**
 * Runs a scenario to its end and reads its result, whatever it is worth.
 *
 * @param interrupted aborts to bring the run to an early end, with a partial result.
 * @throws RUN_REFUSED where the run was refused, RUN_FAILED where it left no result; both with what it said.
 */
export async function freshRun(order: FreshRunOrder, interrupted: AbortSignal): Promise<Result> {
  const { code, stdout, stderr } = await runToEnd(order, interrupted);
  const said = stderr.trim().slice(-SAID_CHARACTERS_MAX) || 'it said nothing';
  if (code === USAGE_CODE) throw new TrunklineError('RUN_REFUSED', `A run of ${order.scenario} was refused: ${said}`);
  if (stdout === '') {
    const how = code === null ? 'ended by a signal' : `exit code ${code}`;
    throw new TrunklineError('RUN_FAILED', `A run of ${order.scenario} left no result (${how}): ${said}`);
  }
  return parseResult(stdout, `result of ${order.scenario}`);
}

interface ProcessEnd {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runToEnd(order: FreshRunOrder, interrupted: AbortSignal): Promise<ProcessEnd> {
  const { entry, scenario, settings, out, workFolder } = order;
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const args = [entry, 'run', scenario, ...sets, '--json', '--quiet', '--out', out];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      ...(workFolder === undefined ? {} : { cwd: workFolder }),
      env: foreignEnvironment(),
      detached: true, // a terminal's Ctrl-C would reach it beside ours, and a second one ends it without a result
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // by the channel it notices that this process is gone, and ends
    });
    const interrupt = (): boolean => child.kill('SIGINT');
    interrupted.addEventListener('abort', interrupt, { once: true });
    if (interrupted.aborted) interrupt();
    const said = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      interrupted.removeEventListener('abort', interrupt);
      resolve({ code, ...said });
    });
  });
}

/** Without our own variables: what they said is in the arguments already. */
function foreignEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TRUNKLINE_')));
}
