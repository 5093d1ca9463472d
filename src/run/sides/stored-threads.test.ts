/** Threads of a run whose mailboxes are stored: what one run leaves in the store, the next one has. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { checkLog } from '../../disk/check-log.ts';
import { StoreFolder } from '../../disk/store-folder.ts';
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import { processStart } from '../../measure/process-start.ts';
import { startTraffic } from '../phases/traffic/measure-traffic.ts';
import { type OpenStore, openStore } from '../worker/store/open-store.ts';
import { RunThreads } from './run-threads.ts';
import { eventually, logIn, smallPlan } from './small-run.test-suite.ts';

const root = mkdtempSync(join(tmpdir(), 'trunkline-stored-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** A fifth of the messages waits for phones that never come. */
const SETTINGS = ['phones.offline=20%', 'switch.mailbox.messagesPerAccount=10k'];

function open(folder: string | null, ...settings: string[]): OpenStore {
  const store = openStore(smallPlan(...SETTINGS, ...settings), folder);
  assert.ok(store !== null);
  return store;
}

/** Runs with a store. */
async function within<T>(store: OpenStore, work: (threads: RunThreads) => Promise<T>): Promise<T> {
  const threads = new RunThreads(store.plan, { side: 'both', isCalibration: false, epochNanos: currentEpochNanos() });
  try {
    await threads.start();
    return await work(threads);
  } finally {
    await threads.stop();
    store.close();
  }
}

/** Lets phones write for a moment. @returns what then waits in the mailboxes. */
async function write(threads: RunThreads): Promise<number> {
  await logIn(threads);
  await startTraffic(threads);
  await eventually(() => threads.driver('messagesAcknowledged') > 300);
  await threads.lanes({ kind: 'stopTraffic' });
  await eventually(() => threads.driver('messagesUnanswered') === 0);
  await pause(100);
  return (await threads.queued()).messages;
}

describe('threads of a run with a store', () => {
  for (const [mode, shared] of [
    ['fsync', 'switch.store.threads=1'],
    ['fsync', 'switch.store.threads=2'],
    ['async', 'switch.store.loss.time=20ms'],
  ] as const) {
    it(`leave what waits to the next run, with ${mode} and ${shared}`, async () => {
      const folder = mkdtempSync(join(root, 'store-'));
      const settings = [`switch.durability=${mode}`, shared];
      const left = await within(open(folder, ...settings), async (threads) => {
        const names = threads.threads.filter(({ role }) => role === 'store').map(({ name }) => name);
        assert.deepEqual(names, shared.endsWith('=2') ? ['store-0', 'store-1'] : ['store-0']);
        const messages = await write(threads);
        await eventually(async () => {
          const { records = 0 } = (await threads.storeFigures())?.totals ?? {};
          return records >= threads.driver('messagesAcknowledged');
        });
        return messages;
      });
      assert.ok(left > 0, 'something waits');
      const store = StoreFolder.openAny(folder, processStart);
      const found = [0, 1].map((shard) => checkLog(store, shard).messages);
      store.close();
      assert.equal(
        found.reduce((sum, one) => sum + one, 0),
        left,
        'and is in the store',
      );
      await within(open(folder, ...settings), async (threads) => {
        const { messages, earlier } = await threads.queued();
        assert.deepEqual(
          { messages, earlier },
          { messages: 0, earlier: left },
          'the next run has it, as earlier messages',
        );
        await write(threads);
        assert.equal((await threads.queued()).earlier, left);
      });
    });
  }

  it('have a temporary store without a folder, and nothing is left of it', async () => {
    const store = open(null, 'switch.durability=fsync');
    const { folder, isTemporary, syncTimes } = store.measure();
    assert.ok(isTemporary && existsSync(folder) && syncTimes.length > 0);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('sync')),
      [],
    );
    await within(store, write);
    assert.equal(existsSync(folder), false);
  });

  it('have none where messages are kept in memory only', () => {
    assert.equal(openStore(smallPlan(), join(root, 'unused')), null);
    assert.equal(existsSync(join(root, 'unused')), false);
  });
});
