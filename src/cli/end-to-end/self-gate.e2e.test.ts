/**
 * The project's own gate in a short form: this build against itself, few pairs of its scenario made small. A busy
 * machine may make runs invalid: then the gate says that it cannot judge, by the number of runs that are left. It never
 * fails a build against itself. So what is expected is read from the runs that were kept, valid or not.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { DROPPED_SHARE_MAX } from '../../analysis/comparison/comparison-rows.ts';
import { isUsable, type Pair } from '../../analysis/comparison/usable-pairs.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import type { GateOutcome, GateVerdict, RuleOutcome } from '../../analysis/gate/gate-schema.ts';
import { schemaComplaints } from '../../result/published-schema.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import { readResults } from '../../run/series/read-results.ts';
import type { Outcome } from './support/command.test-suite.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
const GATES = new URL('../../../gates/', import.meta.url);
const SCENARIO = 'self';
const BYTES = 'memory.switch.bytesPerConnection';
const CPU = 'cpu.switchMicrosPerMessage';
/** As few as an interval can be made of. */
const PAIRS = 6;
/** The scenario of the gate with a fortieth of its phones and hardly a load. */
const SMALL = [
  'phones.count=5k',
  'login.rate=50k',
  'traffic.rate=5k',
  'switch.shards=1',
  'driver.lanes=1',
  'phases.bin=50ms',
  'phases.settle=1s',
  'phases.measure=500ms',
  'switch.mailbox.blocks=16k',
];

async function gate(rules: readonly string[], ...args: string[]): Promise<Outcome & { outcome: GateOutcome }> {
  writeFileSync(path('rules.yaml'), [`looks: [${PAIRS}]`, ...rules].join('\n'));
  // A gate of two sides that are the same in every word is refused.
  const sets = [...SMALL.flatMap((setting) => ['--set', setting]), '--candidate-set', 'description=The same once more'];
  const ended = await trunkline(['gate', 'rules.yaml', SCENARIO, ...sets, '--format', 'json', '--quiet', ...args]);
  assert.notEqual(ended.stdout, '', ended.stderr);
  const outcome = JSON.parse(ended.stdout) as GateOutcome;
  assert.deepEqual(schemaComplaints('gate', outcome), []);
  return { ...ended, outcome };
}

const ruleOf = ({ rules }: GateOutcome, start: string): RuleOutcome =>
  rules.find(({ rule }) => rule.startsWith(start)) ?? assert.fail(`no rule ${start}`);

const bytesOf = ({ memory }: Result): number | null | undefined => memory.switch.ledger?.bytesPerConnection;

/** Every run of the series, valid or not, base and candidate of each pair. */
function keptPairs(): Pair[] {
  const [series = ''] = readdirSync(path('results'));
  const runs = readdirSync(path(`results/${series}`)).filter((name) => name.startsWith('run-'));
  const ofSide = (side: string): Result[] =>
    runs
      .filter((name) => name.endsWith(`-${side}`))
      .sort()
      .map((name) => readResults([path(`results/${series}/${name}`)])[0] ?? assert.fail(`${name} left no result`));
  const candidates = ofSide('candidate');
  return ofSide('base').map((base, i) => ({ base, candidate: candidates[i] ?? assert.fail('a base stands alone') }));
}

/** What rules that hold come to: an interval needs all six, and more than a quarter lost says nothing. */
function outcomeOf(valid: number, isInterval: boolean): GateVerdict {
  if (PAIRS - valid > DROPPED_SHARE_MAX * PAIRS) return 'invalid';
  return isInterval && valid < PAIRS ? 'inconclusive' : 'passed';
}

describe("the project's own gate", () => {
  it('has rules that can be read, on bytes for each connection and processor time for each message', () => {
    const rules = parseGateRules(readFileSync(new URL('self.yaml', GATES), 'utf8'), 'self.yaml');
    const metrics = (those: readonly { metric: { name: string } }[]): string[] =>
      those.map(({ metric }) => metric.name);
    assert.deepEqual(metrics(rules.relative), [BYTES, 'cpu.switchToDriverRatio', CPU]);
    assert.ok(metrics(rules.absolute).includes(BYTES) && metrics(rules.absolute).includes(CPU));
  });

  it('never fails this build against itself, and finds the same bytes for each connection in every run', async () => {
    // Processor time of short runs differs by luck on a busy machine; it does not double in every pair.
    const rules = ['confidence: 90%', `relative: [${BYTES}, ${CPU} within 100%]`];
    const { outcome, code, stderr } = await gate(rules, '--warm-ups', '0');
    for (const { outcome: found, sentence } of outcome.rules) assert.notEqual(found, 'failed', sentence);
    const pairs = keptPairs();
    assert.deepEqual(
      pairs.flatMap(({ base, candidate }) => [base, candidate].map(bytesOf)),
      new Array<number>(2 * PAIRS).fill(40),
      'a ledger counts what was reserved',
    );
    const expected = outcomeOf(pairs.filter(isUsable).length, true);
    assert.equal(ruleOf(outcome, BYTES).outcome, expected, stderr);
    const isEvaluated = outcome.rules.some((rule) => rule.isEvaluated);
    if (expected !== 'passed') assert.equal(code, isEvaluated ? 3 : 2, 'what could not be judged is not green');
    else assert.equal(code, 0, stderr); // processor time may be undecided
  });

  it('exits 1 for a rule that cannot hold, unless guards left too few runs to say', async () => {
    const rules = ['absolute: [connections.failed < 0]', `relative: [${BYTES}]`];
    const { outcome, code, stderr } = await gate(rules, ...sameRuns());
    const valid = keptPairs().filter(({ candidate }) => candidate.validity.isValid).length;
    const isJudged = outcomeOf(valid, false) === 'passed';
    assert.deepEqual([outcome.outcome, code], isJudged ? ['failed', 1] : ['invalid', 2], stderr);
    if (isJudged) assert.match(outcome.sentence, /^Failed: 1 of 2 rules broken: connections\.failed < 0/);
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
