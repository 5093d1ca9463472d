import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mailboxBytes, storeDurability } from '../../../plan/planned-store.ts';
import { planOn } from '../../../plan/run-plan.ts';
import { thisMachine } from '../../../run/phases/order/this-machine.ts';
import { parseScenario } from '../../scenario.ts';

const TEXT = `
name: one
description: one
phones: {count: 1000, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
switch: {shards: 2}
`;
const scenarioOf = (...settings: string[]) => parseScenario(TEXT, 'one.yaml', settings);
const planOf = (...settings: string[]) => planOn(scenarioOf(...settings), thisMachine(), 'both').plan;

describe('durability of a scenario', () => {
  it('is none unless told, and then nothing is planned for it', () => {
    const { store, shape, storePlace } = planOf();
    assert.deepEqual([store, shape.stores, shape.logRingBytes, storePlace], [null, 0, 0, null]);
  });

  it('with fsync lets messages wait for the disk, and syncs whenever there is something', () => {
    const { store, shape } = planOf('switch.durability=fsync', 'switch.store.buffer=5MiB');
    assert.ok(store !== null);
    assert.deepEqual(storeDurability(store), { acknowledgementsMax: 65_536, idWindowsMax: 500_000 });
    assert.deepEqual([store.syncEveryMicros, store.ringBytes, store.rowsPerShard], [0, 2 ** 23, 500]);
    assert.deepEqual([shape.stores, shape.logRingBytes], [1, 2 ** 23]);
  });

  it('with async never holds more than the bytes that may be lost, and syncs within the time', () => {
    for (const bytes of [16_384, 100_000, 2 ** 23, 2 ** 23 + 1]) {
      const { store } = planOf('switch.durability=async', `switch.store.loss={time: 40ms, bytes: ${bytes}B}`);
      assert.ok(store !== null);
      assert.equal(store.acknowledgementsMax, 0, 'no ✓ waits');
      assert.ok(2 * store.ringBytes <= bytes, `a full ring and one being written: ${store.ringBytes} of ${bytes}`);
      assert.equal(store.syncEveryMicros, 20_000);
    }
  });

  it('has at most one thread per shard', () => {
    const threadsOf = (threads: number) =>
      planOf('switch.durability=fsync', `switch.store.threads=${threads}`).shape.stores;
    assert.deepEqual([1, 2, 5].map(threadsOf), [1, 2, 2]);
  });

  it('keeps in memory what it may, and plans no more than that', () => {
    const { store } = planOf('switch.durability=fsync', 'switch.store.resident=2MiB');
    assert.deepEqual([mailboxBytes(store, 2 ** 20), mailboxBytes(store, 10)], [2 ** 20, 1280]);
    assert.equal(mailboxBytes(null, 2 ** 20), 2 ** 27);
  });

  it('is taken with groups and lists, which are stored', () => {
    for (const durability of ['async', 'fsync'])
      scenarioOf('groups.count=1', 'groups.sizeMax=20', 'groups.lists.count=1', `switch.durability=${durability}`);
  });
});
