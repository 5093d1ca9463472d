/**
 * The project's own gate in a short form: this build against itself, few pairs of its scenario made small. What
 * the machine does meanwhile may make runs invalid, and may leave processor time undecided; it must never fail.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { GateOutcome, RuleOutcome } from '../analysis/gate-outcome.ts';
import { parseGateRules } from '../analysis/gate-rules.ts';
import { schemaComplaints } from '../result/published-schema.test-suite.ts';
import type { Outcome } from './command.test-suite.ts';
import { commandFolder } from './command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
const GATES = new URL('../../gates/', import.meta.url);
const SCENARIO = fileURLToPath(new URL('self-scenario.yaml', GATES));
const BYTES = 'memory.switch.bytesPerConnection';
const CPU = 'cpu.switchMicrosPerMessage';
/** As few as an interval can be made of. */
const PAIRS = 6;
/** The scenario of the gate with a fortieth of its phones and hardly a load. */
const SMALL = [
  'phones.count=5k',
  'login.rate=50k',
  'traffic.rate=5k',
  'phases.bin=50ms',
  'phases.measure=500ms',
  'switch.mailbox.blocks=16k',
];

async function gate(rules: readonly string[], ...args: string[]): Promise<Outcome & { outcome: GateOutcome }> {
  writeFileSync(path('rules.yaml'), [`looks: [${PAIRS}]`, ...rules].join('\n'));
  const sets = SMALL.flatMap((setting) => ['--base-set', setting, '--candidate-set', setting]);
  const ended = await trunkline(['gate', 'rules.yaml', SCENARIO, ...sets, '--format', 'json', '--quiet', ...args]);
  assert.notEqual(ended.stdout, '', ended.stderr);
  const outcome = JSON.parse(ended.stdout) as GateOutcome;
  assert.deepEqual(schemaComplaints('gate', outcome), []);
  return { ...ended, outcome };
}

const ruleOf = ({ rules }: GateOutcome, start: string): RuleOutcome =>
  rules.find(({ rule }) => rule.startsWith(start)) ?? assert.fail(`no rule ${start}`);

/** Where guards tripped in more than a quarter of the runs nothing is said, and the exit code is that of the invalid. */
function isMeasured({ outcome, code, stderr }: { outcome: GateOutcome; code: number | null; stderr: string }): boolean {
  const isSaid = outcome.rules.some(({ isEvaluated }) => isEvaluated);
  if (!isSaid) assert.equal(code, 2, stderr);
  else if (outcome.outcome === 'invalid') assert.equal(code, 3, stderr);
  return outcome.outcome !== 'invalid';
}

describe("the project's own gate", () => {
  it('has rules that can be read, on bytes for each connection and processor time for each message', () => {
    const rules = parseGateRules(readFileSync(new URL('self.yaml', GATES), 'utf8'), 'self.yaml');
    const metrics = (those: readonly { metric: { name: string } }[]): string[] =>
      those.map(({ metric }) => metric.name);
    assert.deepEqual(metrics(rules.relative), [BYTES, 'cpu.switchToDriverRatio', CPU]);
    assert.ok(metrics(rules.absolute).includes(BYTES) && metrics(rules.absolute).includes(CPU));
  });

  it('does not fail this build against itself, and finds the very same bytes for each connection', async () => {
    const rules = ['confidence: 90%', `absolute: [${BYTES} < 41B]`, `relative: [${BYTES}, ${CPU} within 10%]`];
    const ended = await gate(rules, '--warm-ups', '0');
    const { outcome, code, stderr } = ended;
    assert.notEqual(ruleOf(outcome, `${BYTES} <`).outcome, 'failed', stderr);
    const row = outcome.comparison?.rows.find(({ metric }) => metric === BYTES);
    assert.ok(row !== undefined);
    assert.ok(
      row.ratios.every((ratio) => ratio === 1),
      `a ledger counts what was reserved: ${row.ratios.join(', ')}`,
    );
    if (!isMeasured(ended)) return;
    // A pair that a guard dropped leaves five, and an interval needs six.
    const verdict = row.ratios.length < PAIRS ? 'inconclusive' : 'equivalent';
    assert.deepEqual([row.base, row.candidate, row.verdict], [40, 40, verdict]);
    // Short runs on a busy machine may differ by luck in processor time: that alone may have failed.
    assert.ok(code === 0 || ruleOf(outcome, CPU).outcome === 'failed', stderr);
  });

  it('exits 1 for a rule that cannot hold', async () => {
    const ended = await gate(['absolute: [connections.failed < 0]', `relative: [${BYTES}]`], ...sameRuns());
    if (!isMeasured(ended)) return;
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.outcome.sentence, /^Failed: 1 of 2 rules broken: connections\.failed < 0/);
  });

  it('exits 2 where no rule could be evaluated', async () => {
    const kernel = 'memory.kernel.bytesPerConnection'; // there are no sockets
    const ended = await gate([`absolute: [${kernel} < 1GiB]`, `relative: [${kernel}]`], ...sameRuns());
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.outcome.sentence, /^Invalid: no rule could be evaluated/);
  });
});

/** The runs of the first gate, judged by other rules: nothing is measured again. */
function sameRuns(): string[] {
  const [series = ''] = readdirSync(path('results'));
  return ['--warm-ups', '0', '--resume', path(`results/${series}`)];
}
