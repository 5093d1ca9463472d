// The project's own gate, for experiments: its rules, and a run of its scenario.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseGateRules } from '../dist/analysis/gate/gate-rules.js';
import { bareResult } from '../dist/result/bare-result.js';

const RULES_FILE = 'gates/self.yaml';
const SCENARIO = 'scenarios/self.yaml';
const LIMIT_MILLIS = 60_000;

export function gateRules(root) {
  return parseGateRules(readFileSync(join(root, RULES_FILE), 'utf8'), RULES_FILE);
}

/** Runs the scenario of the gate. @returns its result, without series and histograms. */
export function gateRun(root) {
  const out = mkdtempSync(join(tmpdir(), 'trunkline-gate-'));
  try {
    const args = ['run', join(root, SCENARIO), '--json', '--quiet', '--out', out];
    const run = spawnSync(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...args], {
      encoding: 'utf8',
      timeout: LIMIT_MILLIS,
      maxBuffer: 2 ** 26,
    });
    if (run.stdout === '') throw new Error(`A run left no result: ${run.stderr}`);
    return bareResult(JSON.parse(run.stdout));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
