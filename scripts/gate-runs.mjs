// What both experiments about the gate share: the run, the rules, and how a result is kept.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseGateRules } from '../dist/analysis/gate-rules.js';

/** A run of a pull request's gate: as short as its figures allow. */
const SETTINGS = [
  'phases.calibrate=false', // its load was calibrated once; each gate compares two equal loads
  'phases.bin=100ms',
  'phases.measure=2s',
  'phones.session=none',
  'phones.offline=0', // mailboxes that fill up would cost more from second to second
  'traffic.rate=150k', // threads that hardly sleep: waking up is most of what varies
];
const LIMIT_MILLIS = 60_000;

export const RULES = parseGateRules(
  `
looks: [10, 20]
absolute:
  - integrity.lost == 0
relative:
  - cpu.switchMicrosPerMessage
  - memory.switch.bytesPerConnection
`,
  'rules of the experiment',
);

/** Runs the scenario with the trunkline whose build is in this folder. @returns its result, without series and histograms. */
export function gateRun(root) {
  const out = mkdtempSync(join(tmpdir(), 'trunkline-gate-'));
  try {
    const args = ['run', 'smoke', '--json', '--quiet', '--out', out, ...SETTINGS.flatMap((one) => ['--set', one])];
    const run = spawnSync(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...args], {
      encoding: 'utf8',
      timeout: LIMIT_MILLIS,
      maxBuffer: 2 ** 26,
    });
    if (run.stdout === '') throw new Error(`A run left no result: ${run.stderr}`);
    return slim(JSON.parse(run.stdout));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function slim(result) {
  const series = Object.fromEntries(Object.keys(result.series).map((name) => [name, []]));
  const latency = Object.fromEntries(
    Object.entries(result.latency).map(([name, summary]) => [name, { ...summary, histogram: null }]),
  );
  return { ...result, series, latency };
}
