import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorFrameCode, FrameType } from '../../wire/frames.ts';
import { LAST_SEEN_UNKNOWN, PresenceState, TypingState } from '../../wire/presence-frames.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';
import {
  errorsOf,
  noticesOf,
  oldLogin,
  rowsUsed,
  setPresenceFrame,
  typingFrame,
  typingOf,
  watchesOf,
  watchFrame,
} from './watching-phones.test-suite.ts';

const { AVAILABLE, UNAVAILABLE } = PresenceState;
const TICK = { tickMicros: 100_000, heartbeatTimeoutMicros: Number.POSITIVE_INFINITY };

/** A switch where phones 0 and 1 are online, and 0 watches 1; their accounts have homes on all shards. */
function watching(changes: ConstructorParameters<typeof SmallSwitch>[0] = {}): SmallSwitch {
  const small = new SmallSwitch({ shards: 2, ...TICK, ...changes });
  small.online(0, 0, 0);
  small.online(1, 1, (changes.shards ?? 2) - 1);
  watch(small, 0, 1);
  return small;
}

function watch(small: SmallSwitch, client: number, account: number): void {
  small.say(client, watchFrame(FrameType.WATCH, small.number(account)));
  small.settle();
}

const states = (small: SmallSwitch, client: number): number[] => noticesOf(small, client).map(({ state }) => state);

describe('a phone that watches an account', () => {
  it('hears its present state at once, and each change', () => {
    const small = watching();
    assert.deepEqual(noticesOf(small, 0), [{ account: 1, state: AVAILABLE, lastSeenSeconds: 0 }]);
    small.hangUp(1);
    small.pass(1e6, 4);
    small.online(1, 1);
    assert.deepEqual(states(small, 0), [AVAILABLE, UNAVAILABLE, AVAILABLE]);
    assert.deepEqual(noticesOf(small, 1), [], 'the watched phone hears nothing');
  });

  it('hears for how long the account has been unavailable, and that it never was available', () => {
    const small = new SmallSwitch({ shards: 2, ...TICK });
    small.online(1, 1);
    small.hangUp(1);
    small.settle();
    small.pass(7e6, 10);
    small.online(0, 0);
    watch(small, 0, 1);
    watch(small, 0, 2);
    assert.deepEqual(noticesOf(small, 0), [
      { account: 1, state: UNAVAILABLE, lastSeenSeconds: 7 },
      { account: 2, state: UNAVAILABLE, lastSeenSeconds: LAST_SEEN_UNKNOWN },
    ]);
  });

  it('forgets when an account was available last before its seconds repeat', () => {
    const small = new SmallSwitch({ shards: 1, accounts: 4, ...TICK });
    small.online(1, 1);
    small.hangUp(1);
    small.settle();
    const heard: number[] = [];
    for (let hour = 2; hour <= 40; hour += 2) {
      small.pass(2 * 3600e6, 60);
      small.online(0, 0);
      watch(small, 0, 1);
      heard.push(noticesOf(small, 0)[0]?.lastSeenSeconds ?? -1);
      small.hangUp(0);
      small.settle();
    }
    assert.deepEqual(heard.slice(0, 4), [7200, 14_400, 21_600, 28_800]);
    assert.deepEqual(new Set(heard.slice(8)), new Set([LAST_SEEN_UNKNOWN]), 'after 18 hours');
  });

  it('hears that a phone is connected and not in use, which ends with its session', () => {
    const small = watching();
    small.say(1, setPresenceFrame(UNAVAILABLE));
    small.settle();
    small.say(1, setPresenceFrame(UNAVAILABLE));
    small.pass(3e6, 3);
    assert.deepEqual(states(small, 0), [AVAILABLE, UNAVAILABLE], 'the same again is no change');
    small.hangUp(1);
    small.pass(2e6, 2);
    assert.deepEqual(states(small, 0), [AVAILABLE, UNAVAILABLE], 'it was not available before');
    watch(small, 0, 1);
    assert.deepEqual(noticesOf(small, 0).at(-1), { account: 1, state: UNAVAILABLE, lastSeenSeconds: 5 });
    small.online(1, 1);
    assert.equal(states(small, 0).at(-1), AVAILABLE);
  });

  it('hears nothing after UNWATCH, and nothing that its account heard in an earlier session', () => {
    const small = watching();
    small.say(0, watchFrame(FrameType.UNWATCH, small.number(1)));
    small.settle();
    small.hangUp(1);
    small.settle();
    assert.deepEqual(states(small, 0), [AVAILABLE]);
    small.online(1, 1);
    watch(small, 0, 1);
    small.hangUp(0);
    small.settle();
    small.online(0, 0);
    small.hangUp(1);
    small.settle();
    assert.deepEqual(states(small, 0), []);
    assert.deepEqual([small.count('subscriptions'), rowsUsed(small, 'watches')], [0, 0]);
    assert.equal(rowsUsed(small, 'watched accounts'), 0, 'an account without watchers costs nothing');
  });

  it('is told once of what changed several times before its notice', () => {
    const small = watching();
    const home = small.homes.shardOf(1);
    for (const shard of small.shards) shard.presence.shedPresence = true;
    for (const state of [UNAVAILABLE, AVAILABLE, UNAVAILABLE, AVAILABLE, UNAVAILABLE]) {
      small.say(1, setPresenceFrame(state));
      small.settle();
    }
    assert.deepEqual(states(small, 0), [AVAILABLE], 'nothing while presence is shed');
    assert.equal(small.count('presenceShed'), 1);
    assert.equal(small.count('presenceCoalesced'), 4);
    assert.ok((small.shards[home]?.untilDueMicros(1e6) ?? 1e6) < 1e6, 'the shard does not sleep on it');
    for (const shard of small.shards) shard.presence.shedPresence = false;
    small.settle();
    assert.deepEqual(states(small, 0), [AVAILABLE, UNAVAILABLE], 'the last state');
  });

  it('learns the state of then when its ring has room again', () => {
    const small = watching({ ringBytes: 2 ** 17, inputsPerTurn: 512 });
    small.isDeaf = () => false;
    // The ring fills while the lane does not listen.
    for (let n = 0; small.count('presenceShed') === 0 && n < 20_000; n++) {
      small.say(1, setPresenceFrame(n % 2));
      small.nowMicros += 10;
      for (let turn = 0; turn < 3; turn++) for (const shard of [0, 1]) small.work(shard);
    }
    assert.ok(small.count('presenceShed') > 0, 'the ring has no room');
    small.say(1, setPresenceFrame(UNAVAILABLE));
    small.settle();
    assert.equal(states(small, 0).at(-1), UNAVAILABLE);
    small.say(1, setPresenceFrame(AVAILABLE));
    small.settle();
    assert.equal(states(small, 0).at(-1), AVAILABLE, 'and what changes later');
  });
});

describe('what presence refuses', () => {
  it('answers one account too many, by phone and by shard, and goes on', () => {
    const small = watching({ watchMax: 2, watchesMax: 3, shards: 1 });
    watch(small, 0, 2);
    watch(small, 0, 3);
    assert.deepEqual(errorsOf(small, 0), [ErrorFrameCode.TOO_MANY_WATCHED]);
    watch(small, 0, 2);
    assert.deepEqual(errorsOf(small, 0).length, 1, 'the same again is allowed');
    watch(small, 1, 4);
    watch(small, 1, 5);
    assert.deepEqual(errorsOf(small, 1), [ErrorFrameCode.TOO_MANY_WATCHED], 'the pool is full');
    assert.equal(small.count('watchesRefused'), 2);
    small.say(0, watchFrame(FrameType.UNWATCH, small.number(2)));
    small.settle();
    watch(small, 1, 5);
    assert.deepEqual(
      noticesOf(small, 1).map(({ account }) => account),
      [4, 5],
    );
  });

  it('answers where only the home has no room', () => {
    const small = new SmallSwitch({ shards: 2, ...TICK, watchMax: 9, watchesMax: 4, accounts: 40 });
    const there = Array.from({ length: 40 }, (_, n) => n).filter((n) => small.homes.shardOf(n) === 0);
    small.online(0, 0, 0);
    small.online(1, 1, 1);
    for (const account of there.slice(2, 6)) watch(small, 0, account);
    watch(small, 1, there[7] ?? 0);
    assert.deepEqual(errorsOf(small, 0), []);
    assert.deepEqual(errorsOf(small, 1), [ErrorFrameCode.TOO_MANY_WATCHED]);
    assert.equal(watchesOf(small), 4, 'what was refused is not kept');
  });

  it('answers where the home on the same shard has no room, because of phones on others', () => {
    const small = new SmallSwitch({ shards: 2, ...TICK, watchMax: 9, watchesMax: 4, accounts: 40 });
    const there = Array.from({ length: 40 }, (_, n) => n).filter((n) => small.homes.shardOf(n) === 0);
    small.online(0, 0, 0);
    small.online(1, 1, 1);
    for (const account of there.slice(2, 6)) watch(small, 1, account);
    watch(small, 0, there[7] ?? 0);
    assert.deepEqual([errorsOf(small, 0), errorsOf(small, 1)], [[ErrorFrameCode.TOO_MANY_WATCHED], []]);
    assert.equal(watchesOf(small), 4, 'what was refused is not kept');
    small.hangUp(1);
    small.settle();
    watch(small, 0, there[7] ?? 0);
    assert.equal(noticesOf(small, 0).length, 1, 'there is room again');
  });

  it('answers a number outside the plan, and its own', () => {
    const small = watching();
    for (const number of [0, 999, 999_999_999_999_999, 2 ** 64 - 2 ** 40]) {
      small.say(0, watchFrame(FrameType.WATCH, number));
      small.say(0, watchFrame(FrameType.UNWATCH, number));
      small.say(0, typingFrame(number, TypingState.TYPING));
    }
    small.settle();
    assert.deepEqual(
      errorsOf(small, 0),
      Array.from({ length: 12 }, () => ErrorFrameCode.RECIPIENT_UNKNOWN),
    );
    assert.deepEqual([small.count('watchesRefused'), small.count('typingRefused')], [8, 4]);
    watch(small, 1, 1);
    small.say(1, typingFrame(small.number(1), TypingState.TYPING));
    small.settle();
    assert.deepEqual(errorsOf(small, 1), [ErrorFrameCode.RECIPIENT_IS_SENDER, ErrorFrameCode.RECIPIENT_IS_SENDER]);
    assert.deepEqual([small.count('watchesRefused'), small.count('typingRefused')], [9, 5]);
    assert.ok(small.isConnected(0) && small.isConnected(1));
  });

  it('ends a phone of minor version 0 that says any of it, and a state that does not exist', () => {
    const frames = (small: SmallSwitch): Uint8Array[] => [
      watchFrame(FrameType.WATCH, small.number(1)),
      watchFrame(FrameType.UNWATCH, small.number(1)),
      setPresenceFrame(AVAILABLE),
      typingFrame(small.number(1), TypingState.TYPING),
    ];
    for (let n = 0; n < 4; n++) {
      const small = new SmallSwitch(TICK);
      small.connect(5);
      small.settle();
      small.say(5, oldLogin(small.number(5)));
      small.settle();
      small.say(5, frames(small)[n] ?? new Uint8Array());
      small.settle();
      assert.deepEqual([errorsOf(small, 5), small.isConnected(5)], [[ErrorFrameCode.UNKNOWN_FRAME], false]);
      assert.equal(rowsUsed(small, 'watches'), 0);
    }
    for (const frame of [setPresenceFrame(2), typingFrame(1002, 2)]) {
      const small = watching();
      small.say(0, frame);
      small.settle();
      assert.deepEqual([errorsOf(small, 0), small.isConnected(0)], [[ErrorFrameCode.MALFORMED_FRAME], false]);
    }
  });

  it('ends a phone that says PRESENCE, which only the switch may', () => {
    const small = watching();
    small.say(0, Uint8Array.from([((13 << 5) & 0xff) | FrameType.PRESENCE, 13 >> 3, ...new Array<number>(13).fill(0)]));
    small.settle();
    assert.deepEqual(errorsOf(small, 0), [ErrorFrameCode.UNKNOWN_FRAME]);
  });
});

describe('typing', () => {
  it('reaches a phone that is online, and nobody later', () => {
    const small = watching();
    small.say(0, typingFrame(small.number(1), TypingState.TYPING));
    small.say(0, typingFrame(small.number(1), TypingState.PAUSED));
    small.settle();
    assert.deepEqual(typingOf(small, 1), [
      [0, TypingState.TYPING],
      [0, TypingState.PAUSED],
    ]);
    small.say(0, typingFrame(small.number(2), TypingState.TYPING));
    small.settle();
    small.online(2, 2);
    assert.deepEqual(typingOf(small, 2), []);
    assert.equal(small.count('typingForwarded'), 2);
  });

  it('is dropped while it is shed, after presence', () => {
    const small = watching();
    for (const shard of small.shards) shard.presence.shedPresence = true;
    small.say(0, typingFrame(small.number(1), TypingState.TYPING));
    small.settle();
    assert.equal(typingOf(small, 1).length, 1, 'presence is shed first');
    for (const shard of small.shards) shard.presence.shedTyping = true;
    small.say(0, typingFrame(small.number(1), TypingState.TYPING));
    small.settle();
    assert.equal(typingOf(small, 1).length, 1);
    assert.equal(small.count('typingShed'), 1);
  });

  it('and presence are never sent to a phone of minor version 0', () => {
    const small = new SmallSwitch(TICK);
    small.online(0, 0);
    small.connect(1);
    small.settle();
    small.say(1, oldLogin(small.number(1)));
    small.settle();
    watch(small, 0, 1);
    small.say(0, typingFrame(small.number(1), TypingState.TYPING));
    small.settle();
    assert.deepEqual(states(small, 0), [AVAILABLE], 'it is watched as any other');
    assert.deepEqual(
      (small.heard.get(1) ?? []).map(({ type }) => type),
      [FrameType.LOGIN_RESULT],
    );
  });
});
