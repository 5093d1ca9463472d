import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const FAULT = new URL('./support/fault.test-worker.js', import.meta.url).href;
/** A drain ends when all is at rest, which takes a busy machine longer than smoke allows. */
const PATIENT = ['--set', 'phases.drain=60s'];
/** Smoke, as short and small as it can be. */
const SHORT = [
  ...PATIENT,
  ...['phones.count=1k', 'traffic.rate=2k', 'driver.lanes=1'].flatMap((one) => ['--set', one]),
  ...['calibrate=false', 'settle=1s', 'measure=1s'].flatMap((one) => ['--set', `phases.${one}`]),
];

const { path, start, trunkline } = commandFolder();

/** The only result in a folder. */
function storedResult(out: string): Result {
  const [run, ...others] = readdirSync(path(out));
  assert.ok(run !== undefined && others.length === 0, 'one result folder');
  const file = path(join(out, run, 'result.json'));
  return parseResult(readFileSync(file, 'utf8'), file);
}

function entriesOf(out: string): string[] {
  try {
    return readdirSync(path(out));
  } catch {
    return [];
  }
}

describe('trunkline run', () => {
  it('runs smoke, prints a summary that fits a screen, and keeps a result whose figures add up', async () => {
    const { code, stdout, stderr } = await trunkline(['run', 'smoke', ...PATIENT, '--out', 'good']);
    assert.ok(code === 0 || code === 3, `exit ${code}: ${stdout}\n${stderr}`);
    const result = storedResult('good');
    assert.equal(code, result.validity.isValid ? 0 : 3, 'the exit code says what the result says');
    const lines = stdout.split('\n').filter((line) => !/^(validity)? +tripped: /.test(line)); // where the machine is busy
    assert.ok(lines.length <= 43, 'one screen');
    for (const word of ['simulated', 'complete messages', 'per connection', 'left out', 'result.json'])
      assert.ok(stdout.includes(word), word);
    assert.ok(!stdout.includes('\u001b'), 'no colours in a pipe');
    assert.match(stderr, /simulated phones/);

    const schema: unknown = JSON.parse(readFileSync(new URL('../../result.schema.json', import.meta.url), 'utf8'));
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema as object);
    assert.ok(validate(result), JSON.stringify(validate.errors));

    const { integrity, counters, connections, memory, latency, series } = result;
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
    assert.equal(integrity.sent, integrity.delivered + (integrity.queued ?? 0) + integrity.rejected);
    assert.equal(counters.switch['messagesAccepted'], counters.driver['messagesAcknowledged']);
    const onTheWay = (counters.driver['framesOut'] ?? 0) - (counters.switch['framesIn'] ?? 0);
    assert.ok(Math.abs(onTheWay) <= 9500, `what one side sent, the other got, but for a heartbeat each: ${onTheWay}`);
    assert.equal(connections.wanted, 9500);
    assert.equal(connections.peak, 9500);
    assert.equal(memory.connections.length, 6);
    assert.equal(memory.switch.ledger?.bytesPerConnection, 40);
    assert.equal(memory.driver.ledger?.bytesPerConnection, 16);
    assert.ok((latency.delivery.p50Micros ?? 0) <= (latency.delivery.p99Micros ?? 0));
    assert.ok(latency.delivery.count > 1000, `${latency.delivery.count} deliveries`);
    assert.deepEqual(new Set(series.phase), new Set(['ramp', 'settle', 'measure', 'drain']));
    assert.ok(result.calibration !== null && result.calibration.messagesPerSecond > 0);
  });

  it('prints the result with --json, and nothing else anywhere with --quiet', async () => {
    const { stdout, stderr } = await trunkline(['run', 'smoke', ...SHORT, '--json', '--quiet', '--out', 'json']);
    assert.equal(stderr, '');
    const { id } = storedResult('json');
    assert.equal(parseResult(stdout, 'stdout').id, id);
    const page = readFileSync(path(join('json', id, 'report.html')), 'utf8');
    const json = readFileSync(path(join('json', id, 'result.json')));
    assert.ok(page.includes(createHash('sha256').update(json).digest('hex')), 'the page has the digest of its result');
    assert.ok(page.includes('trunkline run smoke --set '), 'and the command that repeats it');
  });

  it('exits 1 where a threshold fails, or 3 where the machine was too busy to say', async () => {
    const { code, stdout } = await trunkline([
      'run',
      'smoke',
      ...SHORT,
      '--set',
      'thresholds.latency.delivery=p(99)<1us',
      '--out',
      'slow',
    ]);
    const result = storedResult('slow');
    assert.equal(code, result.validity.isValid ? 1 : 3);
    assert.match(stdout, /✗ latency\.delivery p\(99\)<1us: found/);
  });

  it('exits 3 where the measurement is invalid, and says which guard tripped with its figure', async () => {
    const { code, stdout } = await trunkline([
      'run',
      'smoke',
      ...SHORT,
      '--set',
      'traffic.rate=20M',
      '--out',
      'invalid',
    ]);
    assert.equal(code, 3);
    assert.match(
      stdout.split('\n')[1] ?? '',
      /^INVALID: (?:[^:]+: |other programs took ).*\d.*, at (most|least) .*; .*\. Do not quote these figures\.$/,
    );
    assert.match(stdout, /tripped: offered load: [\d.]+ % of what was due was sent/);
    const { integrity } = storedResult('invalid');
    assert.equal(integrity.isSound, true, `however much is refused: ${JSON.stringify(integrity)}`);
  });

  // Other mistakes are in the table of bad-input.
  const refusals: [what: string, args: string[], message: RegExp][] = [
    [
      'an unknown scenario',
      ['smok'],
      /SCENARIO_UNKNOWN: There is no scenario "smok"; did you mean "smoke"\? Shipped: /,
    ],
    [
      'more phones than there is memory',
      ['smoke', '--set', 'phones.count=500M', '--set', 'switch.mailbox.blocks=500M'],
      /PLAN_EXCEEDS_(MEMORY|LIMIT)/,
    ],
    ['a folder that cannot be written', ['smoke', '--out', 'file/results'], /OUTPUT_UNWRITABLE/],
  ];
  for (const [what, args, message] of refusals) {
    it(`exits 2 for ${what}: one message, no stack, nothing left`, async () => {
      writeFileSync(path('file'), '');
      const out = args.includes('--out') ? [] : ['--out', 'refused'];
      const { code, stdout, stderr } = await trunkline(['run', ...args, ...out]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
      assert.equal(stdout, '');
      assert.deepEqual(entriesOf('refused'), []);
    });
  }

  it('says how many phones would fit', async () => {
    const { stderr } = await trunkline([
      'run',
      'smoke',
      '--set',
      'phones.count=250M',
      '--set',
      'switch.mailbox.blocks=500M',
      '--out',
      'refused',
    ]);
    assert.match(stderr, /need [\d.]+ GiB, and this machine can give [\d.]+ GiB/);
  });

  it('drains and keeps a partial result at the first interruption', async () => {
    const run = start(['run', 'smoke', ...SHORT, '--set', 'phases.measure=30s', '--out', 'interrupted']);
    await run.says(/\nmeasure/);
    run.child.kill('SIGINT');
    const { code, stdout } = await run.outcome;
    assert.equal(code, 130);
    assert.match(stdout, /INTERRUPTED: the figures below are partial and not valid/);
    const result = storedResult('interrupted');
    assert.equal(result.validity.isValid, false);
    assert.equal(result.validity.ended, 'interrupted');
    assert.equal(result.integrity.isSound, true, 'what was sent was still found');
  });

  it('stops at once at the second', async () => {
    const run = start(['run', 'smoke', ...SHORT, '--set', 'phases.measure=30s', '--out', 'stopped']);
    await run.says(/\nmeasure/);
    run.child.kill('SIGTERM');
    await run.says(/Interrupted: draining/);
    run.child.kill('SIGTERM');
    const { code } = await run.outcome;
    assert.equal(code, 143);
  });

  for (const [fault, cause] of [
    ['throw', /shard-1 threw: Error: a fault put in by a test/],
    ['exit', /shard-1 exited with code 7/],
  ] as const) {
    it(`ends with a report and a partial result where a worker dies (${fault})`, async () => {
      const file = path(`fault-${fault}`);
      const run = start(['run', 'smoke', ...SHORT, '--set', 'phases.measure=10m', '--out', `dead-${fault}`], {
        NODE_OPTIONS: `--import ${FAULT}`,
        TEST_FAULT: fault,
        TEST_FAULT_FILE: file,
      });
      await run.says(/\nmeasure/);
      writeFileSync(file, '');
      const { code, stdout } = await run.outcome;
      assert.equal(code, 3);
      assert.match(stdout, cause);
      const { validity, connections } = storedResult(`dead-${fault}`);
      assert.equal(validity.isValid, false);
      assert.equal(validity.ended, 'failed');
      assert.match(validity.failure ?? '', cause);
      assert.ok(connections.peak > 0, 'what was measured until then is there');
    });
  }
});

describe('trunkline', () => {
  it('has help with examples on every command, a version, and completion', async () => {
    for (const args of [['--help'], ['run', '--help'], ['serve', '--help'], ['drive', '--help']]) {
      const { code, stdout } = await trunkline(args);
      assert.equal(code, 0);
      assert.match(stdout, /Examples:/);
    }
    assert.match((await trunkline(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
    const { stdout } = await trunkline(['completion'], { SHELL: '/bin/bash' });
    assert.match(stdout, /_trunkline_yargs_completions/);
    const { stdout: names } = await trunkline(['--get-yargs-completions', 'trunkline', 'run', 'mil'], {
      SHELL: '/bin/bash',
    });
    assert.match(names, /million/);
  });

  it('exits 2 for an unknown command', async () => {
    const { code, stderr } = await trunkline(['rnu']);
    assert.equal(code, 2);
    assert.match(stderr, /run|Unknown/);
  });
});
