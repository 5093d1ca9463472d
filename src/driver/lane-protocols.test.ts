/** A lane over a second protocol that is very different from trunkline's: see line-protocol. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LINE_IDS } from './line-protocol.test-suite.ts';
import { LineWorld, TURN_MICROS } from './line-server.test-suite.ts';
import { retryAfter } from './retry-after.test-suite.ts';
import { Arrivals } from './terms/arrivals.ts';

const PHONES = 10;

/** A world whose phones are online, in which traffic then ran for so long and all was answered. */
function afterTraffic(world: LineWorld, micros: number): LineWorld {
  world.logAllIn(PHONES);
  world.lane.startTraffic(world.clock.nowMicros());
  world.runFor(micros);
  world.lane.stopTraffic();
  world.runFor(world.server.holdMicros + 50_000);
  return world;
}

/** Every message that was sent was acknowledged and delivered, in order, once and unchanged. */
function assertWhole(world: LineWorld): void {
  const sent = world.count('messagesSent');
  assert.ok(sent > 0);
  assert.deepEqual([world.count('messagesAcknowledged'), world.count('messagesDelivered')], [sent, sent]);
  const faults = ['corrupted', 'strangers', 'pairGaps', 'pairDuplicated', 'pairReordered'] as const;
  for (const name of faults) assert.equal(world.count(name), 0, name);
  assert.equal(world.count('messagesUnanswered'), 0);
}

const heard = (world: LineWorld, line: string): number => world.server.heard.filter((one) => one === line).length;

describe('logins by another protocol', () => {
  it('take as many steps as they take, and are counted from when they were due', () => {
    const world = new LineWorld(PHONES);
    world.logAllIn(PHONES);
    assert.equal(world.count('held'), PHONES);
    assert.equal(world.latencies.login.length, PHONES);
    for (const micros of world.latencies.login) assert.ok(micros >= 3 * TURN_MICROS, `${micros} µs for three answers`);
  });

  it('go on where they stood when a step found no room', () => {
    const world = new LineWorld(PHONES);
    world.transport.hasRoom = false;
    world.logAllIn(PHONES);
    assert.deepEqual([world.count('held'), world.server.heard.length], [0, 0], 'it was greeted and could not answer');
    world.transport.hasRoom = true;
    world.runFor(TURN_MICROS);
    world.transport.hasRoom = false;
    world.runFor(5000);
    assert.equal(world.count('held'), 0, 'it was challenged and could not answer');
    world.transport.hasRoom = true;
    world.runFor(5000);
    assert.equal(world.count('held'), PHONES);
    assert.equal(world.server.heard.length, 2 * PHONES, 'nothing was said twice');
  });

  it('are tried again if the server is busy, and not if the phone is wrong or the server another', () => {
    const busy = new LineWorld(PHONES, { loginBackoff: retryAfter(10_000) });
    busy.server.verdict = 'BUSY';
    busy.logAllIn(PHONES);
    assert.ok(busy.count('loginsRefusedBusy') > PHONES);
    busy.server.verdict = 'WELCOME';
    busy.runFor(30_000);
    assert.equal(busy.count('held'), PHONES);

    const wrong = new LineWorld(PHONES, { loginBackoff: retryAfter(1000) });
    wrong.server.verdict = 'WRONG';
    wrong.logAllIn(PHONES);
    assert.deepEqual([wrong.count('loginsRefusedToken'), wrong.count('loginsGivenUp')], [PHONES, PHONES]);

    const other = new LineWorld(PHONES, { loginBackoff: retryAfter(1000) });
    other.server.greeting = 'SSH-2.0-OpenSSH_9.2';
    other.logAllIn(PHONES);
    assert.deepEqual([other.count('loginsForeign'), other.count('loginsGivenUp')], [PHONES, PHONES]);
  });
});

describe('messages by another protocol', () => {
  it('are checked, confirmed one by one, and timed from the moment in the payload', () => {
    const world = new LineWorld(PHONES, { contacts: 3 });
    world.server.holdMicros = 7000;
    assertWhole(afterTraffic(world, 300_000));
    assert.equal(world.latencies.delivery.length, world.count('messagesSent'));
    for (const micros of world.latencies.delivery) assert.ok(micros >= 7000 && micros < 8000, `${micros} µs`);
    for (const micros of world.latencies.acknowledgement) assert.ok(micros < 1000, `${micros} µs`);
    assert.equal(heard(world, 'TAKEN'), world.count('messagesSent'));
  });

  it('find their sender among all contacts, where the server does not say who it is', () => {
    const contacts = { distribution: 'lognormal', median: 4, sigma: 1, max: 10, choice: 'uniform' } as const;
    assertWhole(afterTraffic(new LineWorld(PHONES, { contacts }), 300_000));
  });

  it('are known by ids that come round, whatever the order of the answers', () => {
    const world = new LineWorld(PHONES, { messages: Arrivals.constant(4000) });
    world.server.acknowledgedAtOnce = 5;
    afterTraffic(world, 400_000);
    world.server.acknowledgeAll();
    world.runFor(1000);
    assertWhole(world);
    assert.ok(world.count('mostSentByPhone') > 2 * LINE_IDS);
  });

  it('are sent as fast as they are due where no server acknowledges them', () => {
    const world = new LineWorld(PHONES, { messages: Arrivals.constant(5000) }, { acknowledges: false });
    world.server.acknowledgedAtOnce = Number.POSITIVE_INFINITY;
    assertWhole(afterTraffic(world, 200_000));
    assert.ok(world.count('messagesSent') >= 995, 'none waits for an answer to another');
  });

  it('come in any pieces', () => {
    const world = new LineWorld(PHONES);
    world.server.pieceBytes = 3;
    assertWhole(afterTraffic(world, 200_000));
    assert.equal(world.count('partialFramesFull'), 0);
  });

  it('are each confirmed once, also those that found no room', () => {
    const world = new LineWorld(PHONES);
    world.server.holdMicros = 1000;
    world.logAllIn(PHONES);
    world.lane.startTraffic(world.clock.nowMicros());
    for (let round = 0; round < 20; round++) {
      world.transport.hasRoom = round % 2 === 1;
      world.runFor(2300);
    }
    world.lane.stopTraffic();
    world.runFor(50_000);
    assertWhole(world);
    assert.ok(world.count('confirmationsDeferred') > 0);
    assert.equal(heard(world, 'TAKEN'), world.count('messagesSent'));
  });

  it('that waited for a phone are told from others by when they were due', () => {
    const world = new LineWorld(PHONES, { loginBackoff: retryAfter(20_000) });
    world.server.holdMicros = 10_000;
    world.logAllIn(PHONES);
    world.lane.startTraffic(world.clock.nowMicros());
    world.runFor(100_000);
    assert.equal(world.latencies.stored.length, 0);
    world.server.cutAll();
    world.runFor(100_000);
    world.lane.stopTraffic();
    world.runFor(50_000);
    assertWhole(world);
    assert.equal(world.latencies.stored.length + world.latencies.delivery.length, world.count('messagesSent'));
    assert.ok(world.latencies.stored.length > 0);
    assert.ok(Math.max(...world.latencies.stored) >= 20_000, 'as long as a phone is away');
  });

  it('that were changed or are for another phone are found, though the server names no sender', () => {
    const world = new LineWorld(PHONES);
    const isFor: string[] = [];
    world.server.onPut = (recipient, payload) => {
      isFor.push(recipient);
      if (isFor.length === 1) return [recipient, payload.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))];
      return isFor.length === 2
        ? [String(world.account((Number(recipient) + 1) % PHONES)), payload]
        : [recipient, payload];
    };
    afterTraffic(world, 100_000);
    assert.equal(world.count('corrupted'), 2);
    assert.equal(world.count('messagesDelivered'), world.count('messagesSent') - 2);
  });
});

describe('connections by another protocol', () => {
  it('are kept alive from either side, also without room', () => {
    const world = new LineWorld(PHONES, { heartbeatMicros: 100_000 });
    world.logAllIn(PHONES);
    for (let phone = 0; phone < PHONES; phone++) world.server.say(world.account(phone), 'ALIVE?');
    world.transport.hasRoom = false;
    world.runFor(5000);
    assert.equal(heard(world, 'ALIVE'), 0);
    world.transport.hasRoom = true;
    world.runFor(200_000);
    assert.equal(heard(world, 'ALIVE'), PHONES);
    assert.ok(world.count('heartbeats') >= PHONES);
    assert.equal(world.count('pongs'), world.count('heartbeats'));
  });

  it('are made anew when the server says goodbye, cannot be understood, or part of a line had no place', () => {
    const partials = 2;
    const world = new LineWorld(PHONES, { loginBackoff: retryAfter(1000) }, { partials });
    world.logAllIn(PHONES);
    world.server.say(world.account(0), 'BYE');
    world.server.say(world.account(1), 'WHAT NOW');
    world.runFor(20_000);
    assert.deepEqual([world.count('connectionsLostOther'), world.count('corrupted')], [2, 1]);
    for (let phone = 0; phone < PHONES; phone++) world.server.sayPart(world.account(phone), 'PO');
    world.runFor(100_000);
    assert.ok(world.count('partialFramesFull') >= PHONES - partials);
    assert.equal(world.count('held'), PHONES);
  });
});
