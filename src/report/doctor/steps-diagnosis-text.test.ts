import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PLAIN } from '../text/palette.ts';
import type { DoctorCheck } from './diagnosis-text.ts';
import { type DiagnosedStep, stepsDiagnosisText } from './steps-diagnosis-text.ts';

const MACHINE = {
  platform: 'linux',
  kernel: '6.18.44',
  cores: 2,
  memoryTotalBytes: 24 * 2 ** 30,
  memoryFreeBytes: 23 * 2 ** 30,
  clocksource: null,
};

function check(what: string, needed: number, verdict: DoctorCheck['verdict']): DoctorCheck {
  const unit = what === 'memory' ? 'bytes' : 'count';
  return { what, setBy: 'x', unit, needed, allowed: 23 * 2 ** 30, verdict, consequence: 'it ends', commands: [] };
}

function step(name: string, online: number, gibibytes: number, verdict: DoctorCheck['verdict']): DiagnosedStep {
  return {
    name,
    diagnosis: {
      scenario: 'idle-ladder',
      transport: 'tcp',
      isSimulated: false,
      online,
      ends: 'both ends on this machine',
      plan: [],
      memory: [],
      connectionsThatFit: null,
      checks: [check('memory', gibibytes * 2 ** 30, verdict), check('threads', 151, 'ok')],
    },
  };
}

describe('what a doctor says of steps', () => {
  it('is a line each: connections, threads, memory needed beside free', () => {
    const text = stepsDiagnosisText(MACHINE, [step('1M', 1e6, 11, 'ok'), step('3M', 3e6, 29, 'refuse')], [], PLAIN);
    assert.match(text, /^trunkline doctor idle-ladder · 2 steps, each a separate run\n/);
    assert.match(text, /\nNOT OK: 1 of 2 steps does not fit; a series would end before 3M\.\n/);
    assert.match(text, /\n✓ 1M +tcp +1,000,000 +151 +11\.0 GiB +23\.0 GiB\n/);
    assert.match(text, /\n✗ 3M +tcp +3,000,000 +151 +29\.0 GiB +23\.0 GiB +memory\n/);
    assert.match(text, /trunkline doctor idle-ladder --step 3M$/);
  });

  it('is short where all of them fit', () => {
    const steps = [step('1M', 1e6, 11, 'ok'), step('2M', 2e6, 20, 'ok')];
    const text = stepsDiagnosisText(MACHINE, steps, ['best-real is tcp here'], PLAIN);
    assert.match(text, /\nOK: all 2 steps fit this machine\.\n\n.*\nbest-real is tcp here\n\n/);
    assert.doesNotMatch(text, /mend/);
  });

  it('has no control characters of a scenario or of its steps', () => {
    const hostile = step('1M\u001b[2J\nforged', 1e6, 11, 'refuse');
    const named = { ...hostile, diagnosis: { ...hostile.diagnosis, scenario: 'mine\u202e\u0007' } };
    const text = stepsDiagnosisText(MACHINE, [named], ['a\rnote'], PLAIN);
    assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}]/u);
    assert.match(text, /^trunkline doctor mine\?\? · 1 step/);
    assert.match(text, /\n✗ 1M\?\[2J forged +tcp/);
    assert.match(text, /--step 1M\?\[2J forged$/);
  });
});
