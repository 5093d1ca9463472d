import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { smallPlan, smallScenario } from '../../sides/small-run.test-suite.ts';
import { prepareRun } from './prepare-run.ts';
import { runId } from './run-id.ts';
import { emptyRecord, environmentNow, type RunOrder } from './run-order.ts';
import { scenarioHash } from './scenario-hash.ts';

const STARTED = new Date('2026-03-04T05:06:07.890Z');

describe('the name of a run', () => {
  it('begins with when it started, so that folders lie in order of time', () => {
    assert.match(runId('smoke', STARTED), /^20260304T050607Z-smoke-[0-9a-f]{4}$/);
  });

  it('tells runs apart that start in one second', () => {
    assert.ok(new Set(Array.from({ length: 20 }, () => runId('smoke', STARTED))).size > 15);
  });
});

describe('the hash of a scenario', () => {
  it('is the same for the same text and settings, and another for any other', () => {
    const hash = (...settings: string[]): string => scenarioHash(smallScenario(...settings).written);
    assert.match(hash(), /^[0-9a-f]{64}$/);
    assert.equal(hash('phones.count=200'), hash('phones.count=200'));
    const all = [
      hash(),
      hash('phones.count=200'),
      hash('phones.count=201'),
      hash('seed=9'),
      hash('transport=node-tcp'),
    ];
    assert.equal(new Set(all).size, all.length);
  });
});

describe('the record that a run begins with', () => {
  const order: RunOrder = {
    scenario: smallScenario(),
    file: 'small.yaml',
    plan: smallPlan(),
    id: 'x',
    startedAt: STARTED,
    step: null,
    targets: null,
  };

  it('has nothing measured in it, and does not call that sound', () => {
    const record = emptyRecord(order, environmentNow());
    assert.deepEqual([record.integrity.isSound, record.measured, record.heldAtMeasure], [null, null, 0]);
    assert.deepEqual([record.order.hasSwitch, record.order.endsHere], [true, 2]);
    assert.equal(record.order.scenarioHash, scenarioHash(order.scenario.written));
  });

  it('knows how many ends of a connection are on this machine', () => {
    const ends = (...hosts: string[]): number =>
      emptyRecord({ ...order, targets: hosts.map((host) => ({ host, port: 1 })) }, environmentNow()).order.endsHere;
    assert.deepEqual([ends('127.0.0.1'), ends('192.0.2.1'), ends('127.0.0.1', '192.0.2.1')], [2, 1, 1]);
    assert.equal(
      emptyRecord({ ...order, targets: [{ host: '127.0.0.1', port: 1 }] }, environmentNow()).order.hasSwitch,
      false,
    );
  });
});

describe('the preparation of a run', () => {
  it('names a step in the name of its run', () => {
    const step = { name: '10k phones', number: 2, of: 3, published: null };
    assert.match(prepareRun(smallScenario(), 'small.yaml', step).order.id, /-small-10k-phones-[0-9a-f]{4}$/);
    assert.match(prepareRun(smallScenario(), 'small.yaml', null).order.id, /Z-small-[0-9a-f]{4}$/);
  });

  it('refuses what no machine has memory for', () => {
    const most = smallScenario('phones.count=500M', 'switch.mailbox.blocks=500M');
    assert.throws(() => prepareRun(most, 'small.yaml', null), { code: 'PLAN_EXCEEDS_MEMORY' });
  });
});
