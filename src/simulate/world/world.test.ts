import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { triedCases } from '../../base/tried-cases.test-suite.ts';
import type { Departure } from '../../driver/state/lane-settings.ts';
import { Arrivals } from '../../driver/terms/arrivals.ts';
import { ErrorFrameCode, FrameType, headerType } from '../../wire/frames.ts';
import type { ConnectionEvents, PhoneTransport } from '../../wire/transport.ts';
import { driverCounters, worldIntegrity } from '../checks/world-integrity.ts';
import { type Changes, PHONES, smallWorld } from '../small-world.test-suite.ts';
import { World } from './world.ts';

const SEEDS = [1, 2, 3].slice(0, triedCases(3, 1));

/** Logs all phones in, lets traffic run, and waits until no message is in flight. */
function runWorld(changes: Changes = {}): World {
  const world = new World(smallWorld(changes));
  const online = changes.online ?? 1900;
  world.openLogins();
  assert.ok(
    world.runUntil(() => world.driver('held') === online, 5e6),
    `all log in, seed ${changes.seed ?? 1}`,
  );
  world.startTraffic();
  world.runFor(1e6);
  world.stopTraffic();
  world.runUntil(() => worldIntegrity(world).isSound === true, 40e6);
  world.runFor(50_000); // the last ✓✓ are on their way
  return world;
}

describe('a whole switch and driver in virtual time', () => {
  it('finds every message where it should be', () => {
    const world = runWorld();
    const integrity = worldIntegrity(world);
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
    assert.ok(integrity.sent > 15_000, 'traffic was offered');
    assert.ok((integrity.queued ?? 0) > 500, 'phones that never connect have full mailboxes');
    assert.equal(world.driver('receipts'), world.driver('messagesDelivered'), 'every delivery got its ✓✓');
  });

  it('changes the rate of messages while phones stay connected, and leaves none behind', () => {
    const world = new World(smallWorld());
    world.openLogins();
    assert.ok(world.runUntil(() => world.driver('held') === 1900, 5e6));
    world.startTraffic();
    world.runFor(200_000);
    for (const rate of [5000, 0, 40_000]) {
      world.changeMessages(rate);
      world.runFor(20_000); // messages due at the old rate have been sent; the new rate is steady
      const before = world.driver('messagesSent');
      world.runFor(1e6);
      const sent = world.driver('messagesSent') - before;
      assert.ok(Math.abs(sent - rate) <= rate * 0.05, `${sent} sent in a second at ${rate}/s`);
      assert.equal(world.driver('held'), 1900);
    }
    world.stopTraffic();
    assert.ok(world.runUntil(() => worldIntegrity(world).isSound === true, 40e6));
  });

  it('changes how often phones leave, as all rates of a load change together', () => {
    const world = new World(
      smallWorld({ lane: { messages: Arrivals.constant(2000), sessionMicros: 1e6, awayMicros: 12_500 } }),
    );
    world.openLogins();
    assert.ok(world.runUntil(() => world.driver('held') === 1900, 5e6));
    world.startTraffic();
    for (const factor of [1, 3, 0.5]) {
      world.changeDepartures(factor);
      const before = world.driver('departures');
      world.runFor(1e6);
      const expected = 1900 * factor; // each phone leaves once in 1 s, less the time that it is away
      const left = world.driver('departures') - before;
      assert.ok(Math.abs(left - expected) < 0.12 * expected + 60, `${left} departures, ${expected} expected`);
    }
    world.stopTraffic();
    assert.ok(world.runUntil(() => worldIntegrity(world).isSound === true, 40e6));
  });

  it('replays from its seed, counter by counter, and differs with another', () => {
    const [once, again, other] = [runWorld({ seed: 7 }), runWorld({ seed: 7 }), runWorld({ seed: 8 })];
    assert.deepEqual(driverCounters(again), driverCounters(once));
    assert.notEqual(other.driver('digestSentLow'), once.driver('digestSentLow'));
  });

  it('intends the same messages whatever the number of lanes and shards', () => {
    const sent = [1, 2, 3, 5].map((lanes) => {
      const world = runWorld({ lanes, shards: 1 + (lanes % 3) });
      assert.equal(worldIntegrity(world).isSound, true, `${lanes} lanes`);
      return [world.driver('messagesSent'), world.driver('digestSentLow') | 0, world.driver('digestSentHigh') | 0];
    });
    for (const one of sent) assert.deepEqual(one, sent[0]);
  });

  for (const departure of ['logout', 'drop', 'vanish'] satisfies Departure[]) {
    it(`loses nothing while phones come and go (${departure}, ${SEEDS.length} seeds)`, () => {
      for (const seed of SEEDS) {
        const world = runWorld({ seed, lane: { sessionMicros: 300_000, departure } });
        const integrity = worldIntegrity(world);
        assert.equal(integrity.isSound, true, `seed ${seed}: ${JSON.stringify(integrity)}`);
        assert.ok(world.driver('departures') > 3000, 'phones did leave');
        assert.ok(world.driver('returns') > 3000, 'and come back');
      }
    });
  }

  it('answers what does not fit, and still balances: tiny mailboxes, store, rings and tables', () => {
    for (const seed of SEEDS) {
      const world = runWorld({
        seed,
        ringBytes: 2 ** 17,
        inboxBytes: 2 ** 16,
        mailboxBlocks: 64,
        lane: { messages: Arrivals.constant(60_000), inFlightPlaces: 512 },
        shard: { messagesPerAccount: 2, deliveryWindow: 1, questionsMax: 16 },
      });
      const integrity = worldIntegrity(world);
      assert.equal(integrity.isSound, true, `seed ${seed}: ${JSON.stringify(integrity)}`);
      assert.ok(world.driver('rejectedStoreFull') > 0, 'a full store was told to senders');
      assert.equal(
        world.driver('messagesRejected'),
        world.switch('rejectedStoreFull') + world.switch('rejectedMailboxFull'),
      );
    }
  });

  it('ends sessions of phones that fall silent', () => {
    const world = new World(smallWorld({ lane: { heartbeatMicros: Number.POSITIVE_INFINITY, loginAttempts: 1 } }));
    world.openLogins();
    world.runUntil(() => world.driver('held') === 1900, 5e6);
    world.runFor(2.5e6);
    assert.equal(world.switch('heartbeatsMissed'), 1900);
    assert.equal(world.driver('connectionsLostHeartbeat'), 1900);
  });

  it('keeps every session while heartbeats come', () => {
    const world = new World(smallWorld());
    world.openLogins();
    world.runUntil(() => world.driver('held') === 1900, 5e6);
    world.runFor(10e6);
    assert.equal(world.switch('heartbeatsMissed'), 0);
    assert.equal(world.driver('held'), 1900);
    const allAnswered = (): boolean => world.driver('heartbeats') === world.driver('pongs');
    assert.ok(world.runUntil(allAnswered, 1e6), 'every heartbeat is answered');
  });

  it('stops without losing a message that it has acknowledged, and tells every phone', () => {
    for (const seed of SEEDS) {
      const told = new Set<number>();
      const wrapTransport = (transport: PhoneTransport): PhoneTransport =>
        listening(transport, (token, code) => code === ErrorFrameCode.SWITCH_STOPPING && told.add(token));
      const world = new World(smallWorld({ seed, lanes: 1, wrapTransport, lane: { loginAttempts: 1 } }));
      world.openLogins();
      world.runUntil(() => world.driver('held') === 1900, 5e6);
      world.startTraffic();
      world.runFor(500_000);
      for (const shard of world.shards) shard.beginStopping();
      const gone = () => world.switch('connectionsOpened') === world.switch('connectionsClosed');
      assert.ok(
        world.runUntil(() => gone() && world.driver('held') === 0, 5e6),
        `no connection is left, seed ${seed}`,
      );
      world.stopTraffic();
      world.runFor(50_000);
      assert.equal(world.switch('sessionsStopped'), 1900);
      assert.equal(told.size, 1900, 'each phone got error 39');
      assert.equal(world.switch('sessions'), 0);
      const waiting = worldIntegrity(world).queued ?? 0;
      const kept = world.driver('messagesDelivered') + waiting;
      assert.ok(kept >= world.driver('messagesAcknowledged'), 'what was acknowledged was delivered or waits');
      assert.equal(world.driver('pairDuplicated') + world.driver('pairReordered'), 0);
      assert.ok(waiting > 100, `mailboxes were kept: ${waiting}`);
    }
  });

  it('ends connections that open while it stops', () => {
    const world = new World(smallWorld({ lane: { loginAttempts: 2 } }));
    for (const shard of world.shards) shard.beginStopping();
    world.openLogins();
    world.runFor(3e6);
    assert.equal(world.driver('held'), 0);
    assert.equal(world.driver('loginsGivenUp'), 1900);
    assert.equal(world.switch('loginsAccepted'), 0);
    assert.equal(world.switch('connectionsOpened'), world.switch('connectionsClosed'));
  });

  it('refuses connections for which it has no row, and says so', () => {
    const world = new World(smallWorld({ shard: { sessions: 500 }, lane: { loginAttempts: 2 } }));
    world.openLogins();
    world.runFor(3e6);
    assert.equal(world.driver('held'), 1000);
    assert.equal(world.driver('loginsGivenUp'), 900);
    assert.equal(world.driver('connectsRefused'), 1800);
  });
});

/** A transport that also reports each error frame that arrives alone. */
function listening(transport: PhoneTransport, onError: (token: number, code: number) => void): PhoneTransport {
  return new Proxy(transport, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== 'poll') return typeof value === 'function' ? value.bind(target) : value;
      return (events: ConnectionEvents, limit: number): number =>
        target.poll(
          {
            opened: (token, connection) => events.opened(token, connection),
            refused: (token, reason) => events.refused(token, reason),
            closed: (token, connection, reason) => events.closed(token, connection, reason),
            bytes: (token, connection, view, start, end) => {
              const isError = headerType(view.getUint16(start, true)) === FrameType.ERROR;
              if (isError) onError(token, view.getUint16(start + 2, true));
              return events.bytes(token, connection, view, start, end);
            },
          },
          limit,
        );
    },
  });
}

/** Faults that a network between switch and phones could cause for one message. */
type Fault = 'lost' | 'doubled' | 'swapped' | 'changed';

/** A faulty transport that damages one delivery. */
function faulty(transport: PhoneTransport, fault: Fault): PhoneTransport {
  const harm = new Harm(fault);
  return new Proxy(transport, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== 'poll') return typeof value === 'function' ? value.bind(target) : value;
      return (events: ConnectionEvents, limit: number): number => target.poll(harm.between(events), limit);
    },
  });
}

const AFTER_DELIVERIES = 200;

class Harm {
  readonly #fault: Fault;
  #deliveries = 0;
  #victim = -1;
  #held: DataView | undefined;

  constructor(fault: Fault) {
    this.#fault = fault;
  }

  between(events: ConnectionEvents): ConnectionEvents {
    return {
      opened: (token, connection) => events.opened(token, connection),
      refused: (token, reason) => events.refused(token, reason),
      closed: (token, connection, reason) => events.closed(token, connection, reason),
      bytes: (token, connection, view, start, end) => {
        const isDelivery = headerType(view.getUint16(start, true)) === FrameType.DELIVER;
        if (isDelivery) this.#deliveries++;
        const frame = copyOf(view, start, end);
        const give = (one: DataView): void => {
          events.bytes(token, connection, one, 0, one.byteLength);
        };
        if (!isDelivery || this.#deliveries < AFTER_DELIVERIES || this.#fault === 'changed') {
          if (isDelivery && this.#deliveries === AFTER_DELIVERIES) frame.setUint8(40, frame.getUint8(40) ^ 1);
          give(frame);
        } else this.#harm(token, frame, give);
        return end - start;
      },
    };
  }

  #harm(token: number, frame: DataView, give: (frame: DataView) => void): void {
    const isFirst = this.#victim < 0;
    if (isFirst) this.#victim = token;
    if (isFirst && this.#fault === 'lost') return;
    if (isFirst && this.#fault === 'swapped') {
      this.#held = frame;
      return;
    }
    if (this.#held !== undefined && token === this.#victim) {
      const [early, late] = [copyOf(frame, 0, frame.byteLength), copyOf(this.#held, 0, this.#held.byteLength)];
      early.setInt32(2, this.#held.getInt32(2, true), true); // sequence numbers stay in order
      late.setInt32(2, frame.getInt32(2, true), true);
      this.#held = undefined;
      give(early);
      give(late);
      return;
    }
    give(frame);
    if (isFirst && this.#fault === 'doubled') {
      frame.setInt32(2, frame.getInt32(2, true) + 1, true); // as a new entry of the mailbox
      give(frame);
    }
  }
}

function copyOf(view: DataView, start: number, end: number): DataView {
  return new DataView(view.buffer.slice(view.byteOffset + start, view.byteOffset + end) as ArrayBuffer);
}

describe('the check of integrity can fail', () => {
  const harmed = (fault: Fault) => {
    const wrapTransport = (transport: PhoneTransport, lane: number): PhoneTransport =>
      lane === 0 ? faulty(transport, fault) : transport;
    const world = new World(smallWorld({ online: PHONES, wrapTransport, lane: { contacts: 1 } }));
    world.openLogins();
    world.runUntil(() => world.driver('held') === PHONES, 5e6);
    world.startTraffic();
    world.runFor(1e6);
    world.stopTraffic();
    world.runFor(3e6);
    return worldIntegrity(world);
  };

  it('names a lost message', () => {
    const integrity = harmed('lost');
    assert.equal(integrity.isSound, false);
    assert.equal(integrity.lost, 1);
    assert.equal(integrity.digestsMatch, false);
    assert.equal(integrity.findings[0]?.kind, 'gap');
  });

  it('names a doubled message', () => {
    const integrity = harmed('doubled');
    assert.equal(integrity.isSound, false);
    assert.equal(integrity.duplicated, 1);
    assert.equal(integrity.digestsMatch, false);
    assert.equal(integrity.findings[0]?.kind, 'duplicated');
  });

  it('names two swapped messages', () => {
    const integrity = harmed('swapped');
    assert.equal(integrity.isSound, false);
    assert.equal(integrity.reordered, 1);
    assert.equal(integrity.lost, 0, 'none is missing, only their order is wrong');
    assert.ok(integrity.findings.some((finding) => finding.kind === 'reordered'));
  });

  it('names a message of which a bit was changed', () => {
    const integrity = harmed('changed');
    assert.equal(integrity.isSound, false);
    assert.equal(integrity.corrupted, 1);
    assert.equal(integrity.findings[0]?.kind, 'corrupted');
  });
});
