import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CapacityOutcome } from '../../analysis/capacity/capacity-schema.ts';
import { searchBounds } from '../../analysis/capacity/mlr-search-step.ts';
import { publishedAtBound } from '../../analysis/capacity/published-at-bound.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const LIMITED = new URL('./support/limited-switch.test-worker.js', import.meta.url).href;
const LOSING = new URL('./support/losing-switch.test-worker.js', import.meta.url).href;
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

/** Phones of two platforms that come and go, with presence and groups, and figures that others have published. */
const COMING_AND_GOING = `
name: coming-and-going
description: Two thousand phones of two platforms that come and go
seed: 1
transport: memory
phones: { count: 2_000, offline: 0%, contacts: 4, heartbeat: 10m, session: none }
platforms:
  - { name: Android, share: 75%, heartbeat: 10m, session: 10s, sigma: 1, away: 2s }
  - { name: iPhone, share: 25%, heartbeat: 5m, session: 5s, away: 2s }
login: { rate: 20k }
traffic: { rate: 2k, payload: 64B }
presence: { watch: 1, watchers: 100% }
groups: { count: 20, size: 10, sizeMax: 20, share: 20% }
switch: { shards: 1, mailbox: { blocks: 64k } }
driver: { lanes: 1 }
phases: { calibrate: false, bin: 100ms, settle: 2s, measure: 1s, drain: 60s }
thresholds:
  integrity.lost: value==0
  integrity.duplicated: value==0
  integrity.reordered: value==0
  latency.delivery: med<30s
published:
  - { figure: 20k connections, source: a talk, metric: connections.held, value: 20k }
  - { figure: 400 logins/s, source: a talk, metric: throughput.measuredLoginsPerSecond, value: 400 }
  - { figure: 4k in/s, source: a talk, metric: throughput.messagesPerSecond, value: 4k }
  - { figure: 4k out/s, source: a talk, metric: throughput.deliveriesPerSecond, value: 4k }
  - { figure: 4k notices/s, source: a talk, metric: presence.noticesPerSecond, value: 4k }
  - { figure: half of the stored within 2 s, source: a talk, metric: latency.storedDelivery med, value: 2M }
  - { figure: 1 ms over HTTP, source: a talk, metric: latency.http med, value: 1k }
`;
const OVER_RATES = '--over rates --from 1k --to 2k --trial 1s --sum 1s --width 20% --confirm 0'.split(' ');

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-capacity-'));
  writeFileSync(join(folder, 'coming-and-going.yaml'), COMING_AND_GOING);
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

  it('changes all rates together, and checks the messages of all trials after a drain', () => {
    const { stdout, stderr } = capacity(['coming-and-going.yaml', ...OVER_RATES, '--out', 'rates']);
    const outcome = stored('rates');
    assert.ok(outcome.trials.length > 0, stderr);
    assert.deepEqual(outcome.bounds, searchBounds(outcome.trials, outcome.goal), 'the bounds follow from the trials');
    assert.match(stderr, /trial 1: 0\.500 times all rates \(1,000 messages\/s\)/);

    const { integrity, limits } = outcome.messages ?? assert.fail('there was a drain');
    assert.ok(integrity !== null, 'the run did not fail');
    const { sent, delivered, queued, rejected, lost, duplicated, reordered, orderCheckedShare } = integrity;
    assert.ok(sent > 0 && (orderCheckedShare ?? 0) > 0);
    assert.deepEqual([delivered + (queued ?? 0) + rejected, lost, duplicated, reordered], [sent, 0, 0, 0]);
    assert.ok((integrity.groups?.recipients ?? 0) > 0);
    assert.deepEqual(
      limits.map(({ limit, answer }) => [limit, answer]),
      [
        'message balance',
        'integrity.lost value==0',
        'integrity.duplicated value==0',
        'integrity.reordered value==0',
      ].map((limit) => [limit, 'held']),
    );
    assert.match(stdout, /^all messages +[\d,]+ sent = [\d,]+ delivered \+ [\d,]+ queued \+ [\d,]+ rejected$/m);
    assert.match(stdout, /^ +lost 0, in groups 0, duplicated 0, reordered 0$/m);

    // On a machine too busy for such trials there is no lower bound, and nothing is measured at it.
    const isFound = outcome.bounds.lowerLoad !== null;
    for (const { figure, metric, own, ratio, value } of publishedAtBound(outcome)) {
      const isMeasured = isFound && metric !== 'latency.http med';
      assert.equal(own !== null && own > 0, isMeasured, `${figure}: ${own}`);
      assert.equal(ratio, own === null ? null : own / (value ?? 0));
      const said = isMeasured ? `here .*, ${ratio?.toPrecision(3)} of it, (not )?met` : 'here not measured';
      assert.match(stdout, new RegExp(`^ +${figure}: ${said} \\(a talk\\)$`, 'm'));
    }
    const [page = ''] = readdirSync(join(folder, 'rates'));
    const html = readFileSync(join(folder, 'rates', page, 'report.html'), 'utf8');
    assert.match(html, /Messages of all trials/);
    assert.match(html, /published: 400 logins\/s: here /);
  });

  it('finds no capacity of a switch that loses messages, though each trial carried its load', () => {
    const losing = { NODE_OPTIONS: `--import ${LOSING}`, TEST_LOSE_ONE_IN: '100' };
    // A drain that finds messages missing waits for all of its time.
    const args = [...OVER_RATES, '--set', 'phases.drain=5s', '--out', 'losing'];
    const { status, stdout } = capacity(['coming-and-going.yaml', ...args], losing);
    const outcome = stored('losing');
    assert.deepEqual([outcome.verdict, outcome.bounds.lowerLoad, status], ['none', null, 1], outcome.sentence);
    assert.ok((outcome.messages?.integrity?.lost ?? 0) > 0);
    assert.match(
      stdout,
      /^Claim not met: .*No capacity, simulated: over the messages of all trials, .*integrity\.lost value==0: found \d+\.$/m,
    );
    assert.match(stdout, /^ +broken: integrity\.lost value==0: found \d+$/m);
  });

  it('says that it did not judge whether messages were lost where the drain had too little time', () => {
    const limited = { NODE_OPTIONS: `--import ${LIMITED}`, TEST_MESSAGES_PER_SECOND: '20' };
    const range = '--from 2k --to 2k --sum 500ms --confirm 0'.split(' ').concat('--limit', 'latency.delivery: med<30s');
    const settings = ['--set', 'phases.calibrate=false', '--set', 'phases.drain=1ms'];
    const { stdout } = capacity(['smoke', ...SHORT, ...range, ...settings, '--out', 'undrained'], limited);
    const outcome = stored('undrained');
    assert.ok(outcome.messages?.limits.every(({ answer }) => answer === 'not judged'));
    assert.match(
      stdout,
      /not judged: message balance, integrity\.lost value==0, .*: the drain ended before all messages were answered \(until no message is in flight, up to 1\.00 ms\)$/m,
    );
    assert.match(stdout, /^ +lost not known, /m);
    assert.doesNotMatch(stdout, /every limit held/);
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
