import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CapacityOutcome } from '../../analysis/capacity/capacity-schema.ts';
import { searchBounds } from '../../analysis/capacity/mlr-search-step.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const LIMITED = new URL('./support/limited-switch.test-worker.js', import.meta.url).href;
const LIMIT_MILLIS = 240_000;
/** Few phones that stay, in even gaps, and a switch of one shard. */
const SMALL = [
  'phones.count=2k',
  'phones.offline=0',
  'phones.session=none',
  'phones.heartbeat=none',
  'traffic.arrivals=constant',
  'traffic.rate=2k',
  'switch.shards=1',
  'driver.lanes=1',
  'phases.calibration=200ms',
].flatMap((setting) => ['--set', setting]);
const SHORT = ['--trial', '500ms', ...SMALL];

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-capacity-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function capacity(args: readonly string[], environment: Record<string, string> = {}) {
  return spawnSync(process.execPath, [MAIN, 'capacity', ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: LIMIT_MILLIS,
    env: { ...process.env, ...environment },
  });
}

function stored(out: string): CapacityOutcome {
  const [name = ''] = readdirSync(join(folder, out));
  return JSON.parse(readFileSync(join(folder, out, name, 'capacity.json'), 'utf8')) as CapacityOutcome;
}

describe('trunkline capacity', () => {
  it('finds that a switch held to a rate of messages carries less than twice that', () => {
    const limited = { NODE_OPTIONS: `--import ${LIMITED}`, TEST_MESSAGES_PER_SECOND: '4000' };
    const { status, stdout, stderr } = capacity(
      ['smoke', ...SHORT, '--confirm', '1s', '--from', '500', '--to', '64k', '--out', 'limited'],
      limited,
    );
    const outcome = stored('limited');
    assert.ok([0, 1, 3].includes(status ?? -1), stderr);
    assert.deepEqual(outcome.bounds, searchBounds(outcome.trials, outcome.goal), 'the bounds follow from the trials');
    const good = outcome.trials.filter((trial) => trial.isValid && trial.isGood).map(({ load }) => load);
    assert.ok(Math.max(0, ...good) < 8000, 'no trial of twice the limit is good, however slow the machine is');
    assert.ok(
      outcome.trials.some((trial) => !trial.isGood),
      'the limit was met',
    );
    assert.match(stdout, /lower bound .*messages\/s|No capacity|The capacity is unknown/);
    assert.match(stdout, /MLRsearch \(RFC 9971\) from [\d,]+ to [\d,]+/);
    // 2,000, or what the driver itself can do on a busy machine.
    assert.match(stderr, /trial 1: [\d,]+ messages\/s/);
  });

  it('raises connections by fresh runs, and says what ended the range where no limit broke', () => {
    const args = ['--over', 'connections', '--from', '1k', '--to', '2k', '--limit', 'latency.delivery: p(99)<30s'];
    const { status, stdout, stderr } = capacity([
      'smoke',
      ...SHORT,
      '--confirm',
      '0',
      '--set',
      'phases.calibrate=false',
      ...args,
      '--json',
      '--quiet',
      '--out',
      'phones',
    ]);
    assert.equal(stderr, '');
    const outcome = JSON.parse(stdout) as CapacityOutcome;
    assert.deepEqual(outcome, stored('phones'));
    assert.deepEqual(outcome.bounds, searchBounds(outcome.trials, outcome.goal), 'the bounds follow from the trials');
    assert.ok(outcome.trials.length > 0 && outcome.trials.every(({ load }) => load >= 1000 && load <= 2000));
    // A machine too busy for such trials finds another verdict, and its exit code.
    const codes: Readonly<Record<string, number>> = { 'at least': 0, unconfirmed: 1, none: 1, unknown: 3 };
    assert.equal(status, codes[outcome.verdict], outcome.sentence);
    const { lowerLoad, upperLoad, unmeasurableLoad } = outcome.bounds;
    const isWholeRange = lowerLoad === 2000 && upperLoad === null && unmeasurableLoad === null;
    const end = /at least 2,000 connections, simulated.*the end of the given range/;
    assert.equal(end.test(outcome.sentence), isWholeRange, outcome.sentence);
  });

  const refusals: [what: string, args: string[], message: RegExp][] = [
    [
      'a limit on no metric',
      ['--limit', 'delivry: p(99)<20ms'],
      /THRESHOLD_INVALID: --limit delivry: p\(99\)<20ms: there is no metric "delivry"/,
    ],
    [
      'a limit without a metric',
      ['--limit', 'p(99)<20ms'],
      /THRESHOLD_INVALID: --limit p\(99\)<20ms: expected a metric/,
    ],
    [
      'a load that is no number',
      ['--to', 'lots', '--set', 'phases.calibrate=false'],
      /ARGUMENT_INVALID: --to: expected a number/,
    ],
    ['a trial without its unit', ['--trial', '3'], /ARGUMENT_INVALID: --trial: expected at least 500ms/],
    ['no end of the range', ['--set', 'phases.calibrate=false'], /ARGUMENT_INVALID: Expected --to/],
  ];
  for (const [what, args, message] of refusals) {
    it(`exits 2 for ${what}, and leaves nothing`, () => {
      const { status, stderr } = capacity(['smoke', ...SMALL, ...args, '--out', 'refused']);
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
      assert.deepEqual(readdirSync(folder).includes('refused') ? readdirSync(join(folder, 'refused')) : [], []);
    });
  }
});
