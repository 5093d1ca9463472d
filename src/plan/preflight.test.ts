import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { demandOf, MACHINE } from './measured-machine.test-suite.ts';
import { preflight } from './preflight.ts';
import { planSockets } from './sockets/socket-plan.ts';

const refusal = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TrunklineError);
  assert.equal(error.code, code);
  assert.equal(error.kind, 'usage');
  assert.match(error.message, message);
  return true;
};

it('refuses a plan beyond the limits with needed, allowed and what to do', () => {
  const plan = planSockets(demandOf('ws', 'phones.count=50k'), MACHINE);
  assert.throws(
    () => preflight(plan),
    refusal(
      'PLAN_EXCEEDS_LIMIT',
      /50,000 connections over ws[\s\S]*needs 50,202, ulimit -n allows 20,000[\s\S]*nofile/,
    ),
  );
});

it('refuses a plan beyond the memory under a code of its own', () => {
  const machine = { ...MACHINE, memoryFreeBytes: 4 * 2 ** 30 };
  assert.throws(
    () => preflight(planSockets(demandOf('tcp'), machine)),
    refusal('PLAN_EXCEEDS_MEMORY', /memory: needs [\d.]+ GiB[\s\S]*would fit[\s\S]*--set phones.count=\d+/),
  );
});

it('returns what is to be known of a plan that it lets through', () => {
  assert.deepEqual(preflight(planSockets(demandOf('tcp', 'phones.count=10k'), MACHINE)), []);
  const advice = preflight(planSockets(demandOf('tcp'), MACHINE));
  assert.ok(advice.some((one) => one.what.includes('as requested')));
});
