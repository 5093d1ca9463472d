/**
 * What a log on a simulated disk does when it is killed, when its machine stops, and when its disk damages what it has.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { type MailboxEntry, PHONE_TO_PHONE } from '../../store/mailbox-entry.ts';
import type { Draw } from './simulated-disk.ts';
import { LOG_RING_BYTES, SimulatedLog } from './simulated-log.ts';

const ROWS = 8;

function drawOf(seed: number): Draw {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, 1);
  return (bound) => nextBelow(random, 0, bound);
}

function entryOf(accountRow: number, sequence: number): MailboxEntry {
  const payload = new DataView(new ArrayBuffer(64));
  payload.setInt32(0, sequence);
  const session = { address: 0, generation: 0, highest: sequence, seen: 0 };
  const message = { sender: 3, id: sequence, isReceipt: false, ...PHONE_TO_PHONE };
  return { accountRow, sequence, ...message, ...session, payload, payloadAt: 0, payloadBytes: 64 };
}

/** A log to which messages come, of which all but the last few have been removed. */
class UsedLog {
  readonly log = new SimulatedLog({
    rows: ROWS,
    idWindowsMax: 64,
    ringBytes: LOG_RING_BYTES,
    syncTurns: 1,
    checksum: crc32,
  });
  sequence = 0;

  /** Takes a message for each account, removes older ones, and gives the store thread some turns. */
  use(turns: number): void {
    for (let n = 0; n < turns && !this.log.hasFailed; n++) {
      this.sequence++;
      for (let row = 0; row < ROWS; row++) {
        this.log.append(entryOf(row, this.sequence));
        if (this.sequence > 4) this.log.remove(row, this.sequence - 4);
      }
      this.log.submit();
      for (let more = 0; more < 4; more++) this.log.write();
    }
  }

  /** The sequence numbers of one account that are read back. */
  kept(): number[] {
    const found: number[] = [];
    this.log.replay({
      appended: ({ accountRow, sequence }) => {
        if (accountRow === 0) found.push(sequence);
      },
      removed: (accountRow, sequence) => {
        while (accountRow === 0 && (found[0] ?? Number.POSITIVE_INFINITY) <= sequence) found.shift();
      },
      noted: () => {},
    });
    return found;
  }
}

describe('a log on a simulated disk', () => {
  it('keeps what it had completed, whether it is killed or its machine stops', () => {
    for (let seed = 0; seed < 20; seed++) {
      const used = new UsedLog();
      used.use(30);
      assert.equal(used.log.isAtRest, true);
      used.log.append(entryOf(0, 31));
      used.log.submit();
      if (seed % 2 === 0) used.log.kill();
      else used.log.crash(drawOf(seed));
      assert.deepEqual(used.kept().slice(0, 4), [27, 28, 29, 30], 'the complete ones');
      assert.ok(used.kept().length <= 5, 'and at most the one that was submitted');
    }
  });

  it('never reads back what its disk has changed, in use or after a restart', () => {
    let [inUse, afterRestart] = [0, 0];
    for (let seed = 0; seed < 60; seed++) {
      const used = new UsedLog();
      used.use(150);
      assert.ok(used.log.disk.flipAny(drawOf(seed)));
      used.use(300);
      if (used.log.hasFailed) inUse++;
      used.log.kill();
      afterRestart += used.log.hasFailed ? 0 : used.log.repairs;
      const kept = used.kept();
      const last = kept.at(-1) ?? 0;
      assert.deepEqual(kept, [last - 3, last - 2, last - 1, last], `seed ${seed}`);
    }
    assert.ok(inUse > 5, `${inUse} of 60 were noticed while space was given back`);
    assert.ok(afterRestart >= inUse, 'each of these needed a repair');
  });

  it('takes nothing more after its store thread has failed', () => {
    for (let seed = 0; ; seed++) {
      assert.ok(seed < 100, 'some damage is noticed in use');
      const used = new UsedLog();
      used.use(150);
      used.log.disk.flipAny(drawOf(seed));
      used.use(300);
      if (!used.log.hasFailed) continue;
      assert.equal(used.log.append(entryOf(0, 1000)), false);
      const complete = used.log.completedBatch;
      used.log.submit();
      assert.equal(used.log.completedBatch, complete);
      return;
    }
  });
});
