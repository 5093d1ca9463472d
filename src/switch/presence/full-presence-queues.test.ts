/** More watched accounts than the queues of presence have places: those that find a queue full are found by a scan. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType } from '../../wire/frames.ts';
import { PresenceState } from '../../wire/presence-frames.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';
import { noticesOf, rowsUsed, watchFrame } from './watching-phones.test-suite.ts';

/** Each watches as many accounts of its own, together more than the 2^14 places of a queue. */
const WATCHERS = 132;
const WATCHED = WATCHERS * WATCHERS;

/** Phones that watch accounts, on a switch that sheds presence meanwhile, or only at the homes. */
function watching(shards: number, onlyHomes: boolean): SmallSwitch {
  const small = new SmallSwitch({
    shards,
    accounts: WATCHERS + WATCHED,
    sessions: WATCHERS,
    watchMax: WATCHERS,
    watchesMax: WATCHED,
    heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
  });
  for (let client = 0; client < WATCHERS; client++) small.online(client, client);
  for (const { presence } of small.shards) {
    if (onlyHomes) presence.accounts.isShedding = true;
    else presence.shedPresence = true;
  }
  for (let n = 0; n < WATCHED; n++) {
    small.say(n % WATCHERS, watchFrame(FrameType.WATCH, small.number(WATCHERS + n)));
    if (n % 256 === 255) for (let shard = 0; shard < shards; shard++) small.work(shard);
  }
  for (let turn = 0; turn < 20; turn++) for (let shard = 0; shard < shards; shard++) small.work(shard);
  small.listen();
  assert.equal(noticesOf(small, 0).length, 0, 'presence is shed');
  return small;
}

describe('phones that watch more accounts than queues have places', () => {
  for (const [shards, onlyHomes] of [
    [1, true],
    [1, false],
    [2, false],
  ] as const) {
    const where = onlyHomes ? 'at homes' : 'everywhere';
    it(`hear of each once presence is shed no more ${where}, on ${shards} shards`, () => {
      const small = watching(shards, onlyHomes);
      assert.ok(small.count('presenceWaiting') >= WATCHED, 'they have still to be told');
      for (const { presence } of small.shards) presence.shedPresence = false;
      small.settle();
      assert.equal(small.count('presenceWaiting'), 0);
      for (let client = 0; client < WATCHERS; client++) {
        const notices = noticesOf(small, client);
        assert.equal(new Set(notices.map(({ account }) => account)).size, WATCHERS, `client ${client}`);
        assert.ok(notices.every(({ state }) => state === PresenceState.UNAVAILABLE));
      }
      assert.equal(small.count('subscriptions'), WATCHED);
      for (const shard of small.shards) assert.equal(shard.untilDueMicros(1000), 1000, 'nothing waits');
    });
  }

  it('leave nothing when they go while their watches have not been told yet', () => {
    const small = watching(2, false);
    for (let client = 0; client < WATCHERS; client++) small.hangUp(client);
    for (const { presence } of small.shards) presence.shedPresence = false;
    small.settle();
    for (const name of ['watches', 'sessions that watch', 'watched accounts', 'watches from other shards'])
      assert.equal(rowsUsed(small, name), 0, name);
    for (const shard of small.shards) assert.equal(shard.untilDueMicros(1000), 1000, 'nothing waits');
  });
});
