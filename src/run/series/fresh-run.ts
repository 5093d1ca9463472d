/**
 * Runs `trunkline run` in a fresh process, without the heap, caches and compiled code of earlier runs, so that each run
 * is an independent sample. Intervals within one process are not: they share its heap and its compiled code.
 */
import { spawn } from 'node:child_process';
import { TrunklineError } from '../../base/errors.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { ASK_FOR_INTERVALS, intervalLineOf } from '../streams/parent-stream.ts';

export interface FreshRunOrder {
  /** Main file of the build to run: this one, or that of another revision. */
  readonly entry: string;
  /** Name of a shipped scenario, or path of a YAML file. */
  readonly scenario: string;
  /** Settings of the form `a.b=c`; later ones override earlier ones. */
  readonly settings: readonly string[];
  /** Parent of the result folder. */
  readonly out: string;
  /** Working directory of the run; by default that of this process. */
  readonly workFolder?: string;
  /** Receives each interval while it runs, as a line of `trunkline.interval/1`; not given: the run passes on none. */
  readonly onInterval?: ((line: string) => void) | undefined;
}

/** Exit code for errors that the user has to correct. */
const USAGE_CODE = 2;
/** Characters that are kept of the end of the output, which contains the reason if a run fails. */
const SAID_CHARACTERS_MAX = 4000;

/**
 * Runs a scenario to its end and reads its result, even if that is not valid.
 *
 * @param interrupted aborts to bring the run to an early end, with a partial result.
 * @throws RUN_REFUSED if the run was refused, RUN_FAILED if it left no result; both contain the output of the run.
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
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runToEnd(order: FreshRunOrder, interrupted: AbortSignal): Promise<ProcessEnd> {
  const { entry, scenario, settings, out, workFolder, onInterval } = order;
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const args = [entry, 'run', scenario, ...sets, '--json', '--quiet', '--out', out];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      ...(workFolder === undefined ? {} : { cwd: workFolder }),
      env: foreignEnvironment(),
      detached: true, // otherwise Ctrl-C would reach it directly, and a second one would end it without a result
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // it ends when the channel closes because this process has ended
    });
    const interrupt = (): boolean => child.kill('SIGINT');
    interrupted.addEventListener('abort', interrupt, { once: true });
    if (interrupted.aborted) interrupt();
    if (onInterval !== undefined) {
      child.on('message', (message) => {
        const line = intervalLineOf(message);
        if (line !== null) onInterval(line);
      });
      child.send(ASK_FOR_INTERVALS, () => {}); // if it has ended already, that is said below
    }
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

/** The environment without trunkline's variables, because the arguments contain their values already. */
function foreignEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TRUNKLINE_')));
}
