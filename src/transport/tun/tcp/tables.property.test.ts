/** The parts in which a stack keeps things, against naive models. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Activity, ActivityTable } from './activity-table.ts';
import { BLOCK_CONTENT_BYTES_MAX, ByteStore, NO_BLOCK, PAGE_BYTES } from './byte-store.ts';
import { EarlySegments } from './early-segments.ts';
import { retransmissionTimeoutMillis, TIMEOUT_MILLIS_MAX, withRoundTrip } from './retransmission-timeout-millis.ts';
import { TimerWheel } from './timer-wheel.ts';

describe('the store of bytes', () => {
  it('gives out blocks that do not overlap, keeps what is in them, and gets all its pages back', () => {
    const step = fc.record({
      take: fc.boolean(),
      bytes: fc.constantFrom(1, 112, 113, 496, 497, 4080),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const store = new ByteStore(3 * PAGE_BYTES);
        const held: { block: number; bytes: number; mark: number }[] = [];
        steps.forEach(({ take, bytes, which }, mark) => {
          if (take) {
            const block = store.take(bytes, 0);
            if (block === NO_BLOCK) return;
            assert.ok(store.roomBytes(block) >= bytes);
            for (let at = 0; at < bytes; at++) store.view.setUint8(store.start(block) + at, mark & 255);
            held.push({ block, bytes, mark: mark & 255 });
          } else if (held.length > 0) {
            const [one] = held.splice(which % held.length, 1);
            if (one === undefined) return;
            for (let at = 0; at < one.bytes; at++)
              assert.equal(store.view.getUint8(store.start(one.block) + at), one.mark);
            store.give(one.block);
          }
        });
        for (const { block } of held) store.give(block);
        assert.equal(store.freeBytes, 3 * PAGE_BYTES);
      }),
      { numRuns: 60 },
    );
  });

  it('has no room for one size while another has all pages, and has it again after that', () => {
    const store = new ByteStore(PAGE_BYTES);
    const block = store.take(1, 0);
    assert.equal(store.take(BLOCK_CONTENT_BYTES_MAX, 0), NO_BLOCK);
    assert.equal(store.take(1, 1), NO_BLOCK, 'nothing is left for who must leave something');
    store.give(block);
    assert.notEqual(store.take(BLOCK_CONTENT_BYTES_MAX, 0), NO_BLOCK);
  });
});

describe('the wheel of timers', () => {
  it('fires each deadline once, when it has passed, whatever was moved or cancelled', () => {
    const step = fc.record({
      act: fc.constantFrom('set', 'by', 'cancel', 'pass'),
      entry: fc.nat({ max: 5 }),
      millis: fc.constantFrom(0, 1, 4, 30, 130, 1000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(1, 3, 100), (steps, limit) => {
        const wheel = new TimerWheel(6, 16, 4);
        const due = new Map<number, number>();
        let now = 0;
        const fire = (entry: number): void => {
          assert.ok((due.get(entry) ?? Number.POSITIVE_INFINITY) <= now, 'not early, and only if it was set');
          due.delete(entry);
        };
        const pass = (): void => {
          while (wheel.advance(now, { fire }, limit) > 0);
          for (const millis of due.values()) assert.ok(millis > now - 4, 'late by one tick at most');
        };
        for (const { act, entry, millis } of steps) {
          const before = due.get(entry);
          if (act === 'set') {
            wheel.schedule(entry, now + millis);
            due.set(entry, now + millis);
          } else if (act === 'by') {
            wheel.scheduleBy(entry, now + millis);
            const kept = before !== undefined && Math.ceil(before / 4) * 4 <= now + millis;
            if (!kept) due.set(entry, now + millis);
          } else if (act === 'cancel') {
            wheel.cancel(entry);
            due.delete(entry);
          } else {
            const until = wheel.untilDueMillis(now, 1e6);
            const first = Math.min(...due.values());
            assert.ok(until <= Math.max(0, first - now) + 4, 'nobody sleeps past a deadline');
            now += millis;
            pass();
          }
        }
        now += 5000;
        pass();
        assert.equal(wheel.count, 0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('segments before their turn', () => {
  it('come out whole and in order, however they overlap', () => {
    const piece = fc.record({ from: fc.nat({ max: 300 }), bytes: fc.integer({ min: 1, max: 120 }) });
    const first = 0x7fff_ff80; // their numbers wrap on the way
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const activities = new ActivityTable(1);
        const activity = activities.take(0);
        const store = new ByteStore(8 * PAGE_BYTES);
        const early = new EarlySegments(activities, store);
        const all = new DataView(Uint8Array.from({ length: 500 }, (_, at) => (at * 7) & 255).buffer);
        const has = new Set<number>();
        for (const { from, bytes } of pieces) {
          assert.ok(early.keep(activity, (first + from) | 0, all, from, from + bytes));
          for (let at = from; at < from + bytes; at++) has.add(at);
        }
        for (let at = 0; at < 500; at++) {
          const block = early.blockAt(activity, (first + at) | 0);
          assert.equal(block !== NO_BLOCK, has.has(at), `byte ${at}`);
          if (block === NO_BLOCK) continue;
          const offset = (first + at - store.sequence(block)) | 0;
          assert.equal(store.view.getUint8(store.start(block) + offset), (at * 7) & 255);
        }
        assert.equal(activities.get(activity, Activity.EARLY_FIRST), NO_BLOCK);
        assert.equal(store.freeBytes, 8 * PAGE_BYTES);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the time-out', () => {
  it('is that of RFC 6298, within the rounding of its fixed point', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 30 }), (samples) => {
        let packed = 0;
        let smoothed = -1;
        let variation = 0;
        for (const sample of samples) {
          packed = withRoundTrip(packed, sample);
          variation = smoothed < 0 ? sample / 2 : 0.75 * variation + 0.25 * Math.abs(smoothed - sample);
          smoothed = smoothed < 0 ? sample : 0.875 * smoothed + 0.125 * sample;
        }
        const expected = smoothed + Math.max(250, 4 * variation);
        assert.ok(
          Math.abs(retransmissionTimeoutMillis(packed, 1000, 0) - expected) <= 16,
          `${retransmissionTimeoutMillis(packed, 1000, 0)} ${expected}`,
        );
      }),
    );
    assert.equal(retransmissionTimeoutMillis(0, 1000, 0), 1000);
    assert.equal(retransmissionTimeoutMillis(0, 1000, 2), 4000);
    assert.equal(retransmissionTimeoutMillis(0, 1000, 16), TIMEOUT_MILLIS_MAX);
  });
});
