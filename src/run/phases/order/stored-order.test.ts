import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { scriptedPlan } from '../../sides/scripted-sides.test-suite.ts';
import type { RunOrder } from './run-order.ts';
import { storedOrder } from './stored-order.ts';

const root = mkdtempSync(join(tmpdir(), 'trunkline-stored-order-'));
after(() => rmSync(root, { recursive: true, force: true }));

const SMALL = ['switch.store.idWindows=1k', 'switch.store.buffer=64KiB'];

function orderOf(settings: readonly string[], change: Partial<RunOrder> = {}): RunOrder {
  const plan = scriptedPlan(...settings);
  return { plan, targets: null, ...change } as unknown as RunOrder; // it reads nothing else
}

describe('the order of a run with its store', () => {
  it('is as it was where messages stay in memory', () => {
    const order = orderOf([]);
    const stored = storedOrder(order);
    assert.equal(stored.order, order);
    assert.equal(stored.store, null);
  });

  it('has the folder that the user names, which stays after the run', () => {
    const folder = join(root, 'kept');
    const { order, store } = storedOrder(orderOf(['switch.durability=fsync', ...SMALL], { storeFolder: folder }));
    assert.equal(order.plan.storePlace?.folder, folder);
    assert.equal(store?.measure().isTemporary, false);
    assert.ok(order.plan.idsBefore > 0, 'phones have forgotten which ids they used');
    store?.close();
    assert.ok(existsSync(folder));
    const again = storedOrder(orderOf(['switch.durability=fsync', ...SMALL], { storeFolder: folder }));
    assert.equal(again.order.plan.storePlace?.identity, order.plan.storePlace?.identity, 'it is the same store');
    again.store?.close();
  });

  it('has a folder of its own otherwise, which is removed', () => {
    const { order, store } = storedOrder(orderOf(['switch.durability=async', ...SMALL]));
    const folder = order.plan.storePlace?.folder ?? '';
    assert.ok(existsSync(folder));
    assert.equal(store?.measure().isTemporary, true);
    store?.close();
    assert.ok(!existsSync(folder));
  });

  it('has none where the switch is elsewhere, whose phones still use new ids', () => {
    const targets = [{ host: '10.0.0.1', port: 7000 }];
    const { order, store } = storedOrder(orderOf(['switch.durability=fsync', ...SMALL], { targets }));
    assert.equal(store, null);
    assert.equal(order.plan.store, null);
    assert.ok(order.plan.idsBefore > 0);
    assert.equal(order.targets, targets);
  });
});
