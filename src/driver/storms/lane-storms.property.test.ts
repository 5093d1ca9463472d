/** Whom storms drop, when, and what is counted of each, against lists and sets of phones. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Histogram } from '../../stats/histogram.ts';
import { sourceAddressBits } from '../../wire/source-address.ts';
import { Population } from '../terms/population.ts';
import { LaneStorms, type Storm, type StormVictims } from './lane-storms.ts';
import { type StormCounts, StormTally, sumStorms } from './storm-tally.ts';

const PHONES = 2000;
const SEED = 5;
const START = 1_000_000;
const population = new Population(PHONES, PHONES, 2);
const shardOf = (phone: number): number => phone % 3;
const everyone = Array.from({ length: PHONES }, (_, phone) => phone);
/** The phones of lane 0 in the order of their rows. */
const mine = everyone
  .filter((phone) => population.laneOf(phone) === 0)
  .sort((a, b) => population.rowOf(a) - population.rowOf(b));

function storm(target: Storm['target'], atMicros = 0, silenceMicros: number | null = null): Storm {
  return { target, atMicros, silenceMicros };
}

/** The lane that storms act on: who is online, and who was dropped, in order. */
class Victims implements StormVictims {
  readonly online = new Set(mine.map((phone) => population.rowOf(phone)));
  readonly dropped: number[] = [];
  readonly silences: (number | null)[] = [];
  /** How many more drops the transport has room for. */
  room = Number.POSITIVE_INFINITY;

  isOnline(row: number): boolean {
    return this.online.has(row);
  }

  /** The next heartbeat of a phone comes after as many milliseconds as its row. */
  noticeMicros(row: number, silenceMicros: number): number {
    return 1000 * row + silenceMicros;
  }

  drop(row: number, isSilent: boolean, afterMicros: number): boolean {
    if (this.room === 0) return false;
    this.room--;
    this.online.delete(row);
    this.dropped.push(population.phoneAt(0, row));
    this.silences.push(isSilent ? afterMicros - 1000 * row : null);
    return true;
  }
}

class StormyLane {
  readonly victims = new Victims();
  readonly storms: LaneStorms;

  constructor(...storms: Storm[]) {
    this.storms = new LaneStorms(storms, SEED, population, 0, shardOf);
  }

  work(elapsedMicros: number): number {
    return this.storms.doWork(START + elapsedMicros, START, this.victims);
  }

  /** Works until the storms that have begun have dropped all their phones. */
  workThrough(elapsedMicros: number): this {
    this.work(elapsedMicros);
    while (this.storms.dueMicros === 0) this.work(elapsedMicros);
    return this;
  }

  comeBack(phone: number, elapsedMicros: number): void {
    const row = population.rowOf(phone);
    this.victims.online.add(row);
    this.storms.loggedIn(row, START + elapsedMicros);
  }

  delivered(recipient: number, sender: number, micros: number): void {
    this.storms.delivered(population.rowOf(recipient), sender, micros);
  }

  count(n = 0): StormCounts {
    return this.storms.counts()[n] ?? assert.fail(`storm ${n}`);
  }
}

const samples = (counts: Uint32Array): number => new Histogram(counts).count;

describe('the phones that a storm drops', () => {
  const targets: [name: string, target: Storm['target'], hits: (phone: number) => boolean][] = [
    ['of a shard', { kind: 'shard', shard: 2 }, (phone) => phone % 3 === 2],
    ['of a block of numbers', { kind: 'phones', first: 100, count: 58 }, (phone) => phone >= 100 && phone < 158],
    [
      'of a block of addresses',
      {
        kind: 'addresses',
        first: sourceAddressBits(0, 40, 20),
        last: sourceAddressBits(0, 99, 20),
        portsPerSource: 20,
      },
      (phone) => population.rowOf(phone) >= 40 && population.rowOf(phone) < 100,
    ],
    ['of everybody', { kind: 'share', share: 1 }, () => true],
    ['of nobody', { kind: 'share', share: 0 }, () => false],
  ];
  for (const [name, target, hits] of targets)
    it(`are those ${name}, in the order of their rows`, () => {
      const lane = new StormyLane(storm(target)).workThrough(0);
      assert.deepEqual(lane.victims.dropped, mine.filter(hits));
      assert.equal(lane.count().dropped, lane.victims.dropped.length);
    });

  it('are a share of all, other ones in each storm and with each seed, the same in each lane that looks', () => {
    const share = { kind: 'share', share: 0.3 } as const;
    const lane = new StormyLane(storm(share), storm(share, 1000)).workThrough(0);
    const first = lane.victims.dropped.splice(0);
    const expected = 0.3 * mine.length;
    assert.ok(Math.abs(first.length - expected) < 5 * Math.sqrt(expected), `${first.length} of ${mine.length}`);
    for (const phone of first) lane.comeBack(phone, 500);
    lane.workThrough(1000);
    const both = lane.victims.dropped.filter((phone) => first.includes(phone)).length;
    assert.ok(both > 0 && both < 0.5 * first.length, `${both} of ${first.length} are hit by both`);
    const again = new StormyLane(storm(share)).workThrough(0);
    assert.deepEqual(again.victims.dropped, first);
  });

  it('are told how long they notice nothing, where it is silent', () => {
    const lane = new StormyLane(storm({ kind: 'phones', first: 0, count: 8 }, 0, 700)).workThrough(0);
    assert.ok(lane.victims.silences.length > 0);
    assert.ok(lane.victims.silences.every((one) => one === 700));
  });

  it('of an outage are those that notice before its end, and the others keep their connections', () => {
    const outage = { ...storm({ kind: 'outage', hits: (phone) => phone % 5 === 0 }, 0, 700), outageMicros: 50_000 };
    const lane = new StormyLane(outage).workThrough(0);
    const hit = mine.filter((phone) => phone % 5 === 0);
    const noticed = hit.filter((phone) => 1000 * population.rowOf(phone) + 700 < 50_000);
    assert.ok(noticed.length > 0 && noticed.length < hit.length);
    assert.deepEqual(lane.victims.dropped, noticed);
    assert.equal(lane.count().riddenOut, hit.length - noticed.length);
    const [first = 0] = noticed;
    lane.comeBack(first, 52_000);
    assert.equal(new Histogram(lane.count().restored).max, 2000, 'from the end of the outage');
  });

  it('are dropped at most 1024 in a turn, and the rest as soon as there is room', () => {
    const big = new Population(40_000, 40_000, 1);
    const storms = new LaneStorms([storm({ kind: 'share', share: 1 })], SEED, big, 0, shardOf);
    const dropped: number[] = [];
    let room = Number.POSITIVE_INFINITY;
    const victims = {
      isOnline: (row: number) => big.phoneAt(0, row) < 40_000,
      noticeMicros: () => 0,
      drop: (row: number) => {
        if (room-- <= 0) return false;
        dropped.push(row);
        return true;
      },
    };
    assert.equal(storms.doWork(START, START, victims), 1024);
    room = 10;
    assert.equal(storms.doWork(START, START, victims), 10);
    assert.equal(storms.doWork(START, START, victims), 0, 'there is no room');
    assert.equal(storms.dueMicros, 0, 'it is not over');
    room = Number.POSITIVE_INFINITY;
    while (storms.dueMicros === 0) assert.ok(storms.doWork(START, START, victims) <= 1024);
    assert.equal(dropped.length, 40_000);
    assert.equal(new Set(dropped).size, 40_000, 'each once');
  });

  it('are looked for in parts, where few are hit', () => {
    const big = new Population(100_000, 100_000, 1);
    const storms = new LaneStorms([storm({ kind: 'share', share: 0 })], SEED, big, 0, shardOf);
    let looks = 0;
    const victims = { isOnline: () => ++looks > 0, noticeMicros: () => 0, drop: () => assert.fail('nobody is hit') };
    storms.doWork(START, START, victims);
    assert.ok(looks > 1000 && looks <= 16_384, `${looks} in one turn`);
    assert.equal(storms.dueMicros, 0);
    for (let n = 0; n < 10; n++) storms.doWork(START, START, victims);
    assert.equal(looks, big.rowsPerLane, 'each once');
    assert.equal(storms.dueMicros, Number.POSITIVE_INFINITY);
  });
});

describe('storms', () => {
  const all: Storm['target'] = { kind: 'share', share: 1 };

  it('begin at their times, one after the other', () => {
    const lane = new StormyLane(storm(all, 5000), storm(all, 9000));
    assert.equal(lane.storms.dueMicros, 5000);
    assert.equal(lane.work(4999), 0);
    assert.ok(lane.work(5000) > 0);
    lane.workThrough(5000);
    assert.equal(lane.storms.dueMicros, 9000);
    for (const phone of lane.victims.dropped.splice(0)) lane.comeBack(phone, 6000);
    assert.equal(lane.work(8999), 0);
    lane.workThrough(9001);
    assert.deepEqual([lane.count(0).dropped, lane.count(1).dropped], [mine.length, mine.length]);
    assert.equal(lane.storms.dueMicros, Number.POSITIVE_INFINITY);
    assert.equal(lane.work(1e9), 0);
  });

  it('wait for each other: one that is due while another drops its phones begins after it', () => {
    const lane = new StormyLane(storm(all, 0), storm(all, 10));
    lane.victims.room = 3;
    lane.work(20);
    lane.victims.room = 0;
    lane.work(20);
    assert.deepEqual([lane.count(0).dropped, lane.count(1).dropped], [3, 0]);
    lane.victims.room = Number.POSITIVE_INFINITY;
    lane.workThrough(20);
    assert.deepEqual([lane.count(0).dropped, lane.count(1).dropped], [mine.length, 0], 'the first takes all');
  });

  it('count nothing before they begin', () => {
    const lane = new StormyLane(storm(all, 5000));
    lane.comeBack(0, 100);
    lane.storms.deferred();
    lane.storms.loginRefused();
    lane.storms.messageRejected();
    lane.storms.gaveUp(0);
    const { dropped, givenUp, deferred, loginsRefused, messagesRejected, logins } = lane.count();
    assert.deepEqual([dropped, givenUp, deferred, samples(lane.count().restored)], [0, 0, 0, 0]);
    assert.deepEqual([loginsRefused, messagesRejected], [0, 0]);
    assert.ok(logins.every((count) => count === 0));
  });
});

describe('what is counted of storms', () => {
  /** What happens after two storms have begun, 1 s apart: a phone comes back, gives up, is told to wait, or is refused. */
  const event = fc.record({
    what: fc.constantFrom('back', 'back', 'gives up', 'deferred', 'refused', 'rejected', 'message', 'turn'),
    phone: fc.nat(mine.length - 1),
    other: fc.nat(PHONES - 1),
    micros: fc.nat(300_000),
  });

  it('is what a list of absent phones says', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80, size: 'max' }), fc.integer({ min: 1, max: 70 }), (events, split) => {
        const targets: Storm['target'][] = [
          { kind: 'phones', first: 0, count: 900 },
          { kind: 'phones', first: 600, count: 900 },
        ];
        const hits = (n: number, phone: number): boolean => phone >= 600 * n && phone < 600 * n + 900;
        const lane = new StormyLane(...targets.map((target, n) => storm(target, n * 1e6)));
        const sums = { givenUp: 0, deferred: 0, loginsRefused: 0, messagesRejected: 0 };
        const empty = () => ({ ...sums, restored: [] as number[], before: 0, stayed: 0, logins: 0 });
        const expected = [empty(), empty()] as const;
        /** The storm that dropped each phone that is not back. */
        const absent = new Map<number, number>();
        let now = 0;
        let newest = -1;
        const begin = (): void => {
          newest++;
          now = Math.max(now, newest * 1e6);
          lane.workThrough(now);
          for (const phone of lane.victims.dropped.splice(0)) absent.set(phone, newest);
        };
        lane.delivered(0, 1, 5);
        expected[0].before++;
        begin();
        for (const [n, { what, phone: place, other, micros }] of events.entries()) {
          if (n === split) begin();
          now += micros;
          const phone = mine[place] ?? 0;
          const tally = expected[newest] ?? assert.fail();
          const by = absent.get(phone);
          if (what === 'back') {
            lane.comeBack(phone, now);
            if (now - newest * 1e6 < 60e6) tally.logins++;
            if (by !== undefined) expected[by]?.restored.push(now - by * 1e6);
            absent.delete(phone);
          } else if (what === 'gives up') {
            lane.storms.gaveUp(population.rowOf(phone));
            if (by !== undefined && expected[by] !== undefined) expected[by].givenUp++;
            absent.delete(phone);
          } else if (what === 'deferred') {
            lane.storms.deferred();
            if (absent.size > 0) tally.deferred++;
          } else if (what === 'refused') {
            lane.storms.loginRefused();
            if (absent.size > 0) tally.loginsRefused++;
          } else if (what === 'rejected') {
            lane.storms.messageRejected();
            if (absent.size > 0) tally.messagesRejected++;
          } else if (what === 'message') {
            lane.delivered(phone, other, micros);
            if (absent.size === 0) {
              const next = expected[newest + 1];
              if (next !== undefined) next.before++;
            } else if (!hits(newest, phone) && !hits(newest, other)) tally.stayed++;
          }
        }
        for (const [n, one] of expected.entries()) {
          const { givenUp, deferred, restored, before, stayed, logins } = lane.count(n);
          assert.deepEqual(
            [givenUp, deferred, samples(before), samples(stayed)],
            [one.givenUp, one.deferred, one.before, one.stayed],
            `storm ${n}`,
          );
          const { loginsRefused, messagesRejected } = lane.count(n);
          assert.deepEqual([loginsRefused, messagesRejected], [one.loginsRefused, one.messagesRejected], `storm ${n}`);
          const histogram = new Histogram(restored);
          assert.equal(histogram.count, one.restored.length);
          for (const [end, micros] of [
            [histogram.min, Math.min(...one.restored)],
            [histogram.max, Math.max(...one.restored)],
          ] as const)
            if (one.restored.length > 0) assert.ok(Math.abs(end - micros) <= micros / 1000 + 1, `${end}, ${micros}`);
          assert.equal(
            logins.reduce((sum, count) => sum + count, 0),
            one.logins,
          );
        }
      }),
      { numRuns: 120 },
    );
  });

  it('leaves messages out whose sender or recipient the storm would drop, and takes an unknown sender for another', () => {
    const lane = new StormyLane(storm({ kind: 'phones', first: 0, count: 10 })).workThrough(0);
    lane.delivered(4, 900, 1);
    lane.delivered(900, 4, 1);
    lane.delivered(900, 0, 1);
    assert.equal(samples(lane.count().stayed), 0);
    lane.delivered(900, -1, 1);
    lane.delivered(900, 1300, 1);
    assert.equal(samples(lane.count().stayed), 2);
  });

  it('calls it calm again when all are back or have given up: messages are then those before the next storm', () => {
    const target = { kind: 'phones', first: 0, count: 6 } as const;
    const lane = new StormyLane(storm(target), storm(target, 1e6));
    for (const begun of [0, 1]) {
      lane.workThrough(begun * 1e6);
      const [first = 0, ...others] = lane.victims.dropped.splice(0);
      assert.equal(others.length, 2);
      for (const phone of others) lane.comeBack(phone, begun * 1e6 + 500);
      lane.delivered(900, 1300, 1);
      lane.storms.deferred();
      lane.storms.gaveUp(population.rowOf(first));
      lane.storms.gaveUp(population.rowOf(first));
      lane.victims.online.add(population.rowOf(first));
      lane.delivered(900, 1300, 1);
      lane.storms.deferred();
      const { stayed, deferred, givenUp } = lane.count(begun);
      assert.deepEqual([samples(stayed), deferred, givenUp], [1, 1, 1], `after storm ${begun}`);
    }
    assert.deepEqual([samples(lane.count(0).before), samples(lane.count(1).before)], [0, 1]);
  });

  it('does not call it calm while phones are still to be dropped', () => {
    const lane = new StormyLane(storm({ kind: 'share', share: 1 }), storm({ kind: 'share', share: 1 }, 1e6));
    lane.victims.room = 0;
    lane.work(0);
    lane.delivered(0, 2, 10);
    assert.equal(samples(lane.count(1).before), 0, 'it would be before the next storm');
    assert.equal(samples(lane.count(0).before), 0);
  });

  it('takes memory for each phone and each storm', () => {
    const [one, two] = [[storm({ kind: 'share', share: 1 })], [0, 1].map(() => storm({ kind: 'share', share: 1 }))].map(
      (storms) => new LaneStorms(storms, SEED, population, 0, shardOf).ledger().bytes,
    ) as [number, number]; // of two
    assert.equal(two - one, new StormTally().bytes);
    assert.equal(new StormTally().bytes, 3 * new Histogram().counts.byteLength + 4 * 600);
    assert.equal(2 * one - two, population.rowsPerLane);
  });
});

describe('logins after a storm', () => {
  it('are counted in tenths of a second, for a minute', () => {
    const tally = new StormTally();
    for (const micros of [0, 99_999, 100_000, 59_999_999, 60_000_000, 1e9]) tally.loggedIn(micros);
    const { logins } = tally.counts();
    assert.equal(logins.length, 600);
    assert.deepEqual([logins[0], logins[1], logins[599]], [2, 1, 1]);
    assert.equal(
      logins.reduce((sum, count) => sum + count, 0),
      4,
    );
  });
});

describe('the counts of lanes', () => {
  const SUMS = ['dropped', 'givenUp', 'deferred', 'loginsRefused', 'messagesRejected'] as const;
  const tally = fc.record({
    dropped: fc.nat(9),
    givenUp: fc.nat(9),
    deferred: fc.nat(9),
    loginsRefused: fc.nat(9),
    messagesRejected: fc.nat(9),
    restored: fc.array(fc.nat(1e7), { maxLength: 5 }),
    before: fc.array(fc.nat(1e7), { maxLength: 5 }),
    stayed: fc.array(fc.nat(1e7), { maxLength: 5 }),
    logins: fc.array(fc.nat(7e7), { maxLength: 5 }),
  });

  it('are summed storm by storm, as if one lane had counted all, and those of the lanes stay as they are', () => {
    const lanes = fc.array(fc.array(tally, { minLength: 2, maxLength: 2 }), { maxLength: 4 });
    fc.assert(
      fc.property(lanes, (made) => {
        const whole = [new StormTally(), new StormTally()];
        const parts = made.map((storms) =>
          storms.map((one, n) => {
            const part = new StormTally();
            for (const into of [part, whole[n] ?? assert.fail()]) {
              for (const key of SUMS) into[key] += one[key];
              for (const key of ['restored', 'before', 'stayed'] as const)
                for (const micros of one[key]) into[key].record(micros);
              for (const micros of one.logins) into.loggedIn(micros);
            }
            return part.counts();
          }),
        );
        const before = structuredClone(parts);
        const sums = sumStorms(parts);
        assert.deepEqual(sums, made.length === 0 ? [] : whole.map((one) => one.counts()));
        assert.deepEqual(parts, before);
      }),
      { numRuns: 30 },
    );
  });
});
