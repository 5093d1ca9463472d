import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PLAIN } from '../text/palette.ts';
import { type Diagnosis, type DoctorCheck, diagnosisText, machineText } from './diagnosis-text.ts';

const MACHINE = {
  platform: 'linux',
  kernel: '6.18.44',
  cores: 2,
  memoryTotalBytes: 24 * 2 ** 30,
  memoryFreeBytes: null,
  clocksource: null,
};

function check(verdict: DoctorCheck['verdict'], overrides: Partial<DoctorCheck> = {}): DoctorCheck {
  return {
    what: `limit ${verdict}`,
    setBy: 'ulimit -n',
    unit: 'count',
    needed: 500_072,
    allowed: 20_000,
    verdict,
    consequence: 'it ends there',
    commands: ['ulimit -Hn 500072'],
    ...overrides,
  };
}

function diagnosis(...checks: DoctorCheck[]): Diagnosis {
  return {
    scenario: 'million',
    transport: 'tcp',
    isSimulated: false,
    online: 1_000_000,
    ends: 'both ends on this machine',
    plan: ['51 shards', 'a port for each'],
    memory: [1, 2, 3, 4, 5, 6, 7].map((n) => ({ what: `share ${n}`, bytes: n * 2 ** 30 })),
    connectionsThatFit: 2_310_000,
    checks,
  };
}

const text = (...checks: DoctorCheck[]): string => diagnosisText(MACHINE, diagnosis(...checks), PLAIN);

describe('what a doctor says', () => {
  it('answers in the second line', () => {
    assert.match(text(check('ok', { needed: 5, commands: [] })).split('\n')[1] ?? '', /^OK: none of 1 limits/);
    assert.match(text(check('ok'), check('advise')).split('\n')[1] ?? '', /^OK: .*; 1 to note\.$/);
    assert.match(
      text(check('refuse'), check('unknown')).split('\n')[1] ?? '',
      /^NOT OK: 1 of 2 .*; 1 cannot be read\.$/,
    );
  });

  it('gives needed beside allowed, and commands only for what is not met', () => {
    const lines = text(check('ok', { needed: 5, allowed: Number.POSITIVE_INFINITY, commands: [] }), check('refuse'));
    assert.match(lines, /✓ limit ok \(ulimit -n\) +5 +no limit/);
    assert.match(lines, /✗ limit refuse \(ulimit -n\) +500,072 +20,000/);
    assert.match(lines, /✗ limit refuse: it ends there\.\n {4}ulimit -Hn 500072$/);
    assert.doesNotMatch(lines, /limit ok: /);
  });

  it('says once what mends several things', () => {
    const lines = text(check('refuse', { what: 'first' }), check('refuse', { what: 'second' }));
    assert.match(lines, /✗ first: .*\n✗ second: .*\n {4}ulimit -Hn 500072$/);
  });

  it('names the largest shares of memory and how many connections would fit', () => {
    const lines = text(check('ok'));
    assert.match(lines.replace(/\s+/g, ' '), /share 7 7\.00 GiB · share 6 .* · others 3\.00 GiB/);
    assert.ok(lines.split('\n').every((line) => line.length <= 120));
    assert.match(lines, /about 2\.31M connections would fit/);
    assert.match(lines, /unknown of it free/);
  });

  it('never gives phones of a simulation as connections', () => {
    const lines = diagnosisText(MACHINE, { ...diagnosis(check('ok')), transport: 'memory', isSimulated: true }, PLAIN);
    assert.match(lines, /simulated phones, no kernel sockets/);
    assert.match(lines, /simulated phones would fit/);
    const overview = machineText(
      MACHINE,
      [
        { transport: 'memory', isSimulated: true, connections: 3e8, limitedBy: 'memory' },
        { transport: 'tcp', isSimulated: false, connections: 2.31e6, limitedBy: null },
      ],
      [{ name: 'backlog', value: '4,096' }],
      PLAIN,
    );
    assert.match(overview, /memory +simulated, about 300M +memory/);
    assert.match(overview, /tcp +about 2\.31M +no limit that can be read/);
    assert.match(overview, /backlog +4,096/);
  });

  it('has no control characters of what it was told', () => {
    const hostile = 'a\u001b[31m\n\u202eb';
    const told = { ...diagnosis(check('refuse', { what: hostile, commands: [hostile] })), scenario: hostile };
    const limits = [{ name: 'a limit', value: hostile }];
    for (const said of [
      diagnosisText({ ...MACHINE, kernel: hostile }, told, PLAIN),
      machineText({ ...MACHINE, kernel: hostile }, [], limits, PLAIN),
    ]) {
      assert.doesNotMatch(said, /(?!\n)[\p{Cc}\p{Cf}]/u);
      assert.ok(said.includes('a?[31m ?b'));
    }
  });
});
