/** Runs a tool of Clinic.js 13, which users install themselves, on one thread (`one-thread-main`). */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { TrunklineError } from '../../base/errors.ts';
import type { RunPlan } from '../../plan/run-plan.ts';

export const CLINIC_TOOLS = ['clinic-doctor', 'clinic-flame', 'clinic-bubbleprof', 'clinic-heapprofiler'] as const;
export type ClinicTool = (typeof CLINIC_TOOLS)[number];

const ENTRY = fileURLToPath(new URL('./one-thread-main.js', import.meta.url));
const MAJOR = '13';
const SAID_CHARACTERS_MAX = 2000;
const GLOBAL_MODULES = join(dirname(process.execPath), '..', 'lib', 'node_modules');
/** No questions, no statistics sent, no look for a newer version. */
const QUIET = { NO_INSIGHT: '1', NO_UPDATE_NOTIFIER: '1' };

/**
 * The program of clinic, from a folder's own packages or from the global ones.
 * @throws TOOL_MISSING if it is not installed there, or in another major version.
 */
export function findClinic(folder: string, globalModules = GLOBAL_MODULES): string {
  const require = createRequire(join(folder, 'package.json'));
  for (const place of ['clinic/package.json', join(globalModules, 'clinic', 'package.json')]) {
    try {
      const file = require.resolve(place);
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
      if (version?.split('.')[0] === MAJOR) return join(dirname(file), 'bin.js');
    } catch {
      // it is not there
    }
  }
  throw new TrunklineError(
    'TOOL_MISSING',
    `Expected Clinic.js ${MAJOR} in ${folder} or among the global packages, found none: npm install --global clinic@${MAJOR}`,
  );
}

/**
 * Runs a tool to its end.
 * @param say receives what the tool says.
 * @param interrupted aborts to end the load early; the tool then reports what it has seen.
 * @returns the path of its report. @throws TOOL_FAILED.
 */
export async function runClinic(
  program: string,
  tool: ClinicTool,
  {
    plan,
    out,
    say,
    interrupted,
  }: { plan: RunPlan; out: string; say: (text: string) => void; interrupted: AbortSignal },
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-plan-'));
  try {
    const file = join(folder, 'plan');
    writeFileSync(file, serialize(plan));
    const name = tool.replace('clinic-', '');
    const args = [program, name, '--open=false', '--dest', out, '--', process.execPath, ENTRY, file];
    const { code, said } = await toEnd(args, say, interrupted);
    const report = /Generated HTML file is (file:\/\/\S+)/.exec(said)?.[1];
    if (report !== undefined) return fileURLToPath(report);
    throw new TrunklineError(
      'TOOL_FAILED',
      `${tool} left no report (${code === null ? 'ended by a signal' : `exit code ${code}`}, Node ${process.version}): ${said.trim().slice(-SAID_CHARACTERS_MAX)}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toEnd(
  args: readonly string[],
  say: (text: string) => void,
  interrupted: AbortSignal,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...QUIET },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a signal from the terminal would reach it and its child at the same time
    });
    const interrupt = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT'); // the group: the tool waits for its child
    };
    interrupted.addEventListener('abort', interrupt, { once: true });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        say(text);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      interrupted.removeEventListener('abort', interrupt);
      resolve({ code, said });
    });
  });
}
