/** The thread that stores the messages of shards: when it writes, what it counts, and what is read back. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { currentEpochNanos, MonotonicClock } from '../../../measure/monotonic-clock.ts';
import type { StorePlan } from '../../../plan/planned-store.ts';
import { logEntry } from '../../../store/durable/log-entries.test-suite.ts';
import { GroupNote, type MailboxLog } from '../../../store/mailbox-log.ts';
import { scriptedPlan } from '../../sides/scripted-sides.test-suite.ts';
import { LogFigure, type LogFigures } from '../memory/log-figures.ts';
import { RunMemory } from '../memory/run-memory.ts';
import { makeStore, type StoreThread } from './make-store.ts';
import { openStore } from './open-store.ts';
import { shardLog } from './shard-log.ts';

const root = mkdtempSync(join(tmpdir(), 'trunkline-make-store-'));
after(() => rmSync(root, { recursive: true, force: true }));

const SHARDS = 3;
/** Shard n is stored by thread n mod 2. */
const SMALL = ['switch.shards=3', 'switch.store.threads=2', 'switch.store.idWindows=1k', 'switch.store.file=64KiB'];
const FSYNC = ['switch.durability=fsync', 'switch.store.buffer=64KiB', ...SMALL];
const ASYNC = ['switch.durability=async', 'switch.store.loss={time: 60s, bytes: 128KiB}', ...SMALL];
const PAYLOAD_BYTES = 1000;

/** The store of a run with three shards. */
class Stored {
  readonly threads: readonly StoreThread[];
  readonly logs: readonly MailboxLog[];
  readonly #memory: RunMemory;
  readonly #close: () => void;
  readonly #sequences = [0, 0, 0];

  /**
   * @param startsIn seconds until the clock of the threads is 0; before that no pause is over.
   * @param changes to what is planned of the store.
   */
  constructor(folder: string, settings: readonly string[], startsIn = 0, changes: Partial<StorePlan> = {}) {
    const plan = scriptedPlan(...settings);
    assert.ok(plan.store);
    const store = openStore({ ...plan, store: { ...plan.store, ...changes } }, join(root, folder));
    assert.ok(store);
    this.#close = store.close;
    this.#memory = RunMemory.allocate(store.plan.shape, null);
    const epochNanos = (BigInt(currentEpochNanos()) + BigInt(startsIn) * 10n ** 9n).toString();
    this.threads = [0, 1].map((index) => makeStore(store.plan, this.#memory, index, epochNanos));
    const clock = new MonotonicClock(epochNanos);
    this.logs = Array.from({ length: SHARDS }, (_, shard) => shardLog(store.plan, this.#memory, shard, clock));
    for (const thread of this.threads) thread.open();
  }

  figures(shard: number): LogFigures {
    return this.#memory.logFigures(shard);
  }

  figure(shard: number, name: keyof typeof LogFigure): number | undefined {
    return this.figures(shard).row[LogFigure[name]];
  }

  /** Records messages of a shard in one batch. @returns whether the log has completed it. */
  append(shard: number, messages: number): () => boolean {
    const log = this.logs[shard];
    assert.ok(log);
    for (let n = 0; n < messages; n++) {
      const sequence = (this.#sequences[shard] ?? 0) + 1;
      this.#sequences[shard] = sequence;
      assert.ok(log.append(logEntry({ sequence, id: sequence, highest: sequence, payloadBytes: PAYLOAD_BYTES })));
    }
    const batch = log.openBatch;
    log.submit();
    return () => log.completedBatch === batch;
  }

  /** Ends the threads as a run does. */
  async end(): Promise<void> {
    for (const { reactor, end } of this.threads) {
      await end.loop(
        reactor,
        () => {},
        () => true,
      );
      await end.close(() => {});
    }
    this.#close();
  }
}

describe('a store thread that syncs each message', () => {
  it('stores what has come of its own shards at once, and counts it for each', async () => {
    const stored = new Stored('fsync', FSYNC);
    const [first, second] = stored.threads;
    assert.ok(first && second);
    assert.deepEqual([first.reactor.hasInput(), first.reactor.doWork()], [false, 0]);
    assert.equal(first.reactor.untilDueMicros(1234), 1234, 'nothing is due');
    const isDone = [1, 5, 3].map((messages, shard) => stored.append(shard, messages));
    assert.deepEqual([first.reactor.hasInput(), second.reactor.hasInput()], [true, true]);
    assert.equal(first.reactor.doWork(), 2, 'the logs of two shards');
    assert.deepEqual(
      isDone.map((isComplete) => isComplete()),
      [true, false, true],
      'they need not wait for another turn',
    );
    assert.deepEqual([first.reactor.hasInput(), second.reactor.hasInput()], [false, true]);
    second.reactor.doWork();
    for (const [shard, records] of [1, 5, 3].entries()) {
      assert.deepEqual([stored.figure(shard, 'commits'), stored.figure(shard, 'records')], [1, records]);
      const written = stored.figure(shard, 'writtenBytes') ?? 0;
      assert.ok(written > records * PAYLOAD_BYTES && written < (records + 1) * PAYLOAD_BYTES, `${written} bytes`);
      assert.equal(stored.figure(shard, 'storeBytes'), written);
      assert.ok((stored.figure(shard, 'syncs') ?? 0) >= 1);
      assert.equal(stored.figures(shard).commitLatency.count, 1);
    }
    stored.append(0, 1);
    first.reactor.doWork();
    assert.deepEqual([stored.figure(0, 'commits'), stored.figure(2, 'commits')], [2, 1]);
    await stored.end();
  });

  it('gives back the space of messages that were delivered, which is no commit', async () => {
    const stored = new Stored('cleaned', FSYNC);
    const [thread] = stored.threads;
    assert.ok(thread);
    for (let sequence = 5; sequence <= 500; sequence += 5) {
      stored.append(0, 5);
      stored.logs[0]?.remove(0, sequence - 1);
      while (thread.reactor.hasInput()) thread.reactor.doWork();
    }
    const [written = 0, kept = 0] = [stored.figure(0, 'writtenBytes'), stored.figure(0, 'storeBytes')];
    assert.ok(written > 500 * PAYLOAD_BYTES && kept < written * 0.75, `${kept} of ${written} bytes are left`);
    assert.equal(stored.figure(0, 'commits'), 100);
    assert.equal(stored.figures(0).commitLatency.count, 100);
    await stored.end();
  });

  it('counts the records of groups that stay for ever, and knows them again after a start', async () => {
    const stored = new Stored('untracked', FSYNC, 0, { groupPairsMax: 2 });
    assert.equal(stored.figure(0, 'untrackedRecords'), 0);
    for (const [member, untracked] of [0, 0, 1, 2].entries()) {
      stored.logs[0]?.note(GroupNote.JOINED, 9, member + 1, member);
      stored.logs[0]?.submit();
      stored.threads[0]?.reactor.doWork();
      assert.equal(stored.figure(0, 'untrackedRecords'), untracked);
    }
    await stored.end();
    const again = new Stored('untracked', FSYNC, 0, { groupPairsMax: 2 });
    assert.equal(again.figure(0, 'untrackedRecords'), 2);
    await again.end();
  });

  it('begins with what the store has, which its shards read back', async () => {
    const before = new Stored('again', FSYNC);
    before.append(0, 4);
    before.append(2, 2);
    await before.end();
    const stored = new Stored('again', FSYNC);
    const read = stored.logs.map((log) => {
      const sequences: number[] = [];
      log.replay({
        appended: ({ sequence }) => sequences.push(sequence),
        removed: () => assert.fail(),
        noted: () => assert.fail(),
      });
      return sequences;
    });
    assert.deepEqual(read, [[1, 2, 3, 4], [], [1, 2]]);
    assert.deepEqual(
      [0, 1, 2].map((shard) => stored.figure(shard, 'restoredEntries')),
      [4, 0, 2],
    );
    assert.ok((stored.figure(0, 'storeBytes') ?? 0) > 4 * PAYLOAD_BYTES, 'before anything is written');
    assert.equal(stored.figure(0, 'writtenBytes'), 0);
    await stored.end();
  });
});

describe('a store thread that syncs after a pause', () => {
  it('lets messages wait until the pause is over, or a ring is half full', async () => {
    const stored = new Stored('async', ASYNC, 3600);
    const [thread] = stored.threads;
    assert.ok(thread);
    const isFirst = stored.append(0, 1);
    assert.deepEqual([thread.reactor.hasInput(), thread.reactor.doWork(), isFirst()], [false, 0, false]);
    assert.equal(thread.reactor.untilDueMicros(1e6), 1e6, 'the pause is longer');
    assert.ok(thread.reactor.untilDueMicros(9e9) > 3000e6, 'but not endless');
    const isSecond = stored.append(2, 40); // of 64 KiB, which is half of what may be lost
    assert.ok(thread.reactor.hasInput());
    assert.equal(thread.reactor.doWork(), 2, 'all of its logs are stored then');
    assert.deepEqual([isFirst(), isSecond()], [true, true]);
    await stored.end();
  });

  it('stores at its first turn, and then once per half of the time that may be lost', async () => {
    const stored = new Stored('pause', ASYNC);
    const [thread] = stored.threads;
    assert.ok(thread);
    const isDone = stored.append(0, 1);
    assert.equal(thread.reactor.doWork(), 1);
    assert.ok(isDone());
    assert.equal(thread.reactor.doWork(), 0, 'nothing is left, so the pause begins');
    const until = thread.reactor.untilDueMicros(1e9);
    assert.ok(until > 0 && until <= 30e6, `${until} µs`);
    await stored.end();
  });

  it('stores what is left when it ends', async () => {
    const stored = new Stored('ending', ASYNC, 3600);
    const isDone = [1, 2, 3].map((messages, shard) => stored.append(shard, messages));
    await stored.end();
    assert.deepEqual(
      isDone.map((isComplete) => isComplete()),
      [true, true, true],
    );
  });
});
