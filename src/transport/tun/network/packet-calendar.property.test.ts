/** The calendar of packets and their store, against a list that is sorted and a map that keeps copies. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PacketCalendar } from './packet-calendar.ts';
import { NO_PACKET, PacketStore } from './packet-store.ts';

const PACKETS = 64;
const TICK_MICROS = 100;
/** A whole turn of the wheel is 6.5 s. */
const TURN_MICROS = 65_536 * TICK_MICROS;
const BLOCK_BYTES = 128;

describe('the calendar of packets', () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('add'), micros: fc.constantFrom(-500, 0, 1, 99, 100, 101, 3000, 40_000, 6e6) }),
    fc.record({ act: fc.constant('pass'), micros: fc.constantFrom(1, 50, 100, 2500, 70_000, 3e6, 2 * TURN_MICROS) }),
    fc.record({ act: fc.constant('take'), micros: fc.constantFrom(1, 3) }),
  );

  it('hands out each packet once, never early, by ticks and then in the order in which they came', () => {
    const property = fc.property(fc.array(step, { maxLength: 120 }), fc.nat(1e9), (steps, startMicros) => {
      const calendar = new PacketCalendar(PACKETS);
      const [now, due] = [new Float64Array([startMicros]), new Float64Array(1)];
      const nowMicros = (): number => now[0] ?? 0;
      let waiting: { packet: number; tick: number; dueMicros: number; order: number }[] = [];
      const free = Array.from({ length: PACKETS }, (_, packet) => packet);
      let order = 0;
      /** @param count how many are taken at most; those left in a tick come first at the next time. */
      const take = (count: number): void => {
        for (let n = 0; n < count; n++) {
          const sorted = [...waiting].sort((a, b) => a.tick - b.tick || a.order - b.order);
          const wanted = sorted.find(({ tick }) => tick <= Math.floor(nowMicros() / TICK_MICROS));
          const packet = calendar.take(now);
          assert.equal(packet, wanted?.packet ?? NO_PACKET);
          if (wanted === undefined) return;
          assert.ok(wanted.dueMicros <= nowMicros());
          waiting = waiting.filter((one) => one !== wanted);
          free.push(packet);
        }
      };
      for (const { act, micros } of steps) {
        if (act === 'add') {
          take(PACKETS); // a network hands on what is due before it takes more
          const packet = free.shift();
          if (packet === undefined) continue;
          const dueMicros = nowMicros() + micros;
          due[0] = dueMicros;
          calendar.add(packet, due, now);
          const tick = micros <= 0 ? Math.floor(nowMicros() / TICK_MICROS) : Math.ceil(dueMicros / TICK_MICROS);
          waiting.push({ packet, tick, dueMicros, order: order++ });
        } else if (act === 'pass') now[0] = nowMicros() + micros;
        else take(micros);
        assert.equal(calendar.count, waiting.length);
        const next = Math.min(...waiting.map(({ tick }) => tick * TICK_MICROS - nowMicros()));
        for (const most of [1, 250, 1e6, 1e7]) {
          const until = calendar.untilDueMicros(now, most);
          assert.equal(until, Math.min(most, Math.max(0, next)), `asked for at most ${most}`);
        }
      }
      now[0] = nowMicros() + TURN_MICROS;
      take(PACKETS);
      assert.equal(calendar.count, 0);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('keeps what is due beyond a turn of its wheel until the end of the turn', () => {
    const calendar = new PacketCalendar(2);
    const now = new Float64Array([5000]);
    calendar.add(1, new Float64Array([5000 + 3 * TURN_MICROS]), now);
    now[0] = 5000 + TURN_MICROS - 2 * TICK_MICROS;
    assert.equal(calendar.take(now), NO_PACKET);
    now[0] = 5000 + TURN_MICROS;
    assert.equal(calendar.take(now), 1);
  });
});

describe('the store of packets', () => {
  it('gives back each packet as it was, and has room for as many blocks as it was made with', () => {
    const blocks = 16;
    const bytes = fc.constantFrom(1, 3, 40, 127, 128, 129, 255, 256, 257, 1500);
    const step = fc.record({ isPut: fc.boolean(), bytes, at: fc.nat(7), which: fc.nat() });
    const property = fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const store = new PacketStore(blocks);
      const held: { first: number; packet: Uint8Array }[] = [];
      const blocksOf = (length: number): number => Math.ceil(length / BLOCK_BYTES);
      let used = 0;
      steps.forEach(({ isPut, bytes: length, at, which }, n) => {
        if (isPut) {
          const memory = Uint8Array.from({ length: at + length + 5 }, (_, i) => (i * 7 + n) & 255);
          const first = store.put(new DataView(memory.buffer), at, length);
          const hasRoom = used + blocksOf(length) <= blocks;
          assert.equal(first !== NO_PACKET, hasRoom, `${length} bytes with ${used} of ${blocks} blocks in use`);
          if (!hasRoom) return;
          used += blocksOf(length);
          held.push({ first, packet: memory.slice(at, at + length) });
          return;
        }
        const [taken] = held.splice(which % Math.max(1, held.length), 1);
        if (taken === undefined) return;
        const into = new Uint8Array(at + taken.packet.length + 4).fill(0xee);
        assert.equal(store.take(taken.first, new DataView(into.buffer), at), taken.packet.length);
        assert.deepEqual(into.slice(at, at + taken.packet.length), taken.packet);
        assert.ok(
          into.slice(0, at).every((byte) => byte === 0xee),
          'nothing before it is written',
        );
        assert.ok(
          into.slice(at + taken.packet.length).every((byte) => byte === 0xee),
          'and nothing behind it',
        );
        used -= blocksOf(taken.packet.length);
      });
    });
    fc.assert(property, { numRuns: 200 });
  });
});
