/** What the store of a run can take of a disk. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseScenario } from '../scenario/scenario.ts';
import { planRun, type RunPlan } from './run-plan.ts';
import { storeSpaceBytes, storeSpaceCheck } from './store-space.ts';

const SCENARIO = `
name: stored
description: A durable load
phones: { count: 1000, offline: 0, heartbeat: none, session: none }
login: { rate: 10k }
traffic: { rate: 10k, payload: 64B }
switch: { shards: 2, durability: fsync, mailbox: { blocks: 1M } }
phases: { settle: 10s, measure: 80s, drain: 10s }
`;
const RECORDS = 1e6;
const MIB = 2 ** 20;

function planOf(...settings: string[]): RunPlan {
  return planRun(parseScenario(SCENARIO, 'stored.yaml', settings));
}

describe('the disk of a store', () => {
  it('takes what a short run writes, and no more than the cleaner lets a long one keep', () => {
    const short = storeSpaceBytes(planOf());
    assert.ok(short > RECORDS * 64 && short < RECORDS * 200, `${short}: a million messages and their removals`);
    const long = storeSpaceBytes(planOf('phases.measure=10h'));
    assert.equal(long, 2 * 6 * 64 * MIB, 'nothing waits: four files of slack, two that are written, for each shard');
    assert.equal(storeSpaceBytes(planOf('phases.measure=10h', 'switch.store.file=1MiB')), 2 * 6 * MIB);
  });

  it('grows with what waits, up to the mailboxes and what of them is not in memory', () => {
    const small = ['switch.store.file=64KiB', 'switch.mailbox.blocks=1M', 'phases.measure=1h'];
    const none = storeSpaceBytes(planOf(...small));
    const some = storeSpaceBytes(planOf(...small, 'phones.offline=1%'));
    const more = storeSpaceBytes(planOf(...small, 'phones.offline=2%'));
    assert.ok(some > none && more - some > 0.9 * (some - none), `${none}, ${some}, ${more}`);
    const away = storeSpaceBytes(planOf(...small, 'phones.session=99s', 'phones.away=1s'));
    assert.equal(away, some, 'phones that are away for a hundredth of the time');
    const full = storeSpaceBytes(planOf(...small, 'phones.offline=50%', 'switch.store.resident=0B'));
    const inMemory = storeSpaceBytes(planOf(...small, 'phones.offline=50%', 'switch.store.resident=1GiB'));
    assert.ok(full > 1.3 * inMemory, `${full}, ${inMemory}: the mailboxes themselves are in a file as well`);
  });

  it('is compared with the disk to the byte, and says what to do', () => {
    const plan = planOf();
    const needed = storeSpaceBytes(plan);
    assert.equal(storeSpaceCheck(plan, '/data', needed)?.verdict, 'ok');
    assert.equal(storeSpaceCheck(plan, '/data', null)?.verdict, 'unknown');
    const short = storeSpaceCheck(plan, '/data', needed - 1);
    assert.equal(short?.verdict, 'refuse');
    assert.match(short?.setBy ?? '', /\/data$/);
    assert.match(short?.commands.join('\n') ?? '', /--store DIR.*phases\.measure/s);
  });

  it('is none where messages are in memory only', () => {
    const plan = planOf('switch.durability=none');
    assert.deepEqual([storeSpaceBytes(plan), storeSpaceCheck(plan, '/data', 0)], [0, null]);
  });
});
