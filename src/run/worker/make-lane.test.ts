/**
 * What a lane is told of a scenario: each key arrives where it belongs, and a calibration is told of the bare load
 * only.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LaneSettings } from '../../driver/state/lane-settings.ts';
import { scriptedPlan } from '../sides/scripted-sides.test-suite.ts';
import { entranceOf, laneSettings, tokenSigner } from './make-lane.ts';
import { plannedWorld } from './planned-world.ts';
import { checkTold } from './told-settings.test-suite.ts';

const OF_RUN = { runTag: 77, isCalibration: false };
const told = (...settings: string[]): LaneSettings => laneSettings(scriptedPlan(...settings), 0, OF_RUN);

/** Keys and what a lane is told then; all values differ, so that no two keys can change places. */
const KEYS: readonly [setting: string, part: Partial<LaneSettings>][] = [
  ['seed=42', { seed: 42 }],
  ['phones.contacts=3', { contacts: 3 }],
  ['phones.heartbeat=61s', { heartbeatMicros: 61e6 }],
  ['phones.session=62s', { sessionMicros: 62e6 }],
  ['phones.away=63s', { awayMicros: 63e6 }],
  ['phones.departure=drop', { departure: 'drop' }],
  ['login.arrivals=constant', { loginPacing: 'constant' }],
  ['login.timeout=64s', { loginTimeoutMicros: 64e6 }],
  ['login.attempts=65', { loginAttempts: 65 }],
  ['traffic.arrivals=constant', { messagePacing: 'constant' }],
  ['traffic.payload=66B', { payloadBytes: 66 }],
  ['traffic.activePhones=67', { activePhones: 67 }],
];

const OVER_TIME = ['churnTime', 'churnByZone', 'messagesByZone'] as const;
const CURVE = `curve.hours=[${Array.from({ length: 24 }, (_, hour) => (hour + 1) / 24).join(', ')}]`;

describe('a lane', () => {
  it('is told each key of its scenario, and its neighbours are not', () => {
    checkTold(told, KEYS);
  });

  it('is told how phones try again, and which run its messages are of', () => {
    const settings = told('login.backoff=full-jitter', 'login.retry=2s', 'login.retryMax=9s');
    assert.deepEqual(settings.loginBackoff, { kind: 'full-jitter', baseMicros: 2e6, capMicros: 9e6 });
    assert.deepEqual([settings.runTag, settings.lane, settings.isEcho], [77, 0, false]);
  });

  it('is told what its phones do beside messages only where the scenario says so', () => {
    const plain = told();
    for (const key of ['kinds', 'reads', 'misfits', 'platforms', 'groups', ...OVER_TIME] as const)
      assert.equal(plain[key], undefined, key);
    assert.deepEqual(plain.storms, []);
    const rich = told(
      'content.readReceipts={share: 30%, groupShare: 20%, after: 4s}',
      'misfits={stalledReaders: 3, hotAccount: 4%, duplicateConnects: 5/s, sentAgain: 6%}',
      'presence={watch: 2, watchers: 70%, background: 8/s, backgroundTime: 9s, typing: 10%}',
      'groups={count: 20, size: 10, sizeMax: 30, share: 40%, joins: 5/s, leaves: 6/s}',
    );
    assert.deepEqual(rich.reads, { share: 0.3, groupShare: 0.2, afterMicros: 4e6 });
    const inGroups = told('content.readReceipts.groupShare=20%', 'groups={count: 20, size: 10, sizeMax: 30}');
    assert.deepEqual(inGroups.reads, { share: 0, groupShare: 0.2, afterMicros: 5e6 });
    assert.deepEqual(rich.misfits, {
      stalledReaders: 3,
      hotAccountShare: 0.04,
      hotGroupShare: 0,
      duplicateConnectsPerSecond: 5,
      sentAgainShare: 0.06,
    });
    assert.deepEqual(rich.presence, {
      watch: 2,
      watchersShare: 0.7,
      backgroundsPerSecond: 8,
      backgroundMicros: 9e6,
      typingShare: 0.1,
    });
    assert.deepEqual(rich.groups?.shares, { groups: 0.4, lists: 0 });
  });

  it('is told of platforms in microseconds, with sessions of their distribution and factors in the order of kinds', () => {
    const { platforms } = told(
      'phones.heartbeat=10m',
      'content.kinds=[{name: text, share: 90%, payload: 64B}, {name: video, share: 10%, payload: 64B}]',
      `platforms=[${[
        '{name: A, share: 50%, heartbeat: 5s, session: 1m, content: {video: 3}}',
        '{name: B, share: 30%, heartbeat: 6s, session: 2m, sigma: 0.5, away: 7s, minor: 0}',
        '{name: C, share: 20%, heartbeat: 8s, session: none}',
      ].join(', ')}]`,
    );
    assert.deepEqual(
      platforms?.map(({ session, habits, awayMicros, minor }) => ({ session, habits, awayMicros, minor })),
      [
        {
          session: { distribution: 'exponential', meanMicros: 60e6 },
          habits: [1, 3],
          awayMicros: 10e6,
          minor: 1,
        },
        {
          session: { distribution: 'lognormal', medianMicros: 120e6, sigma: 0.5 },
          habits: [1, 1],
          awayMicros: 7e6,
          minor: 0,
        },
        { session: { distribution: 'none' }, habits: [1, 1], awayMicros: 10e6, minor: 1 },
      ],
    );
    assert.deepEqual(
      platforms?.map(({ name, share, heartbeatMicros, push }) => [name, share, heartbeatMicros, push]),
      [
        ['A', 0.5, 5e6, undefined],
        ['B', 0.3, 6e6, undefined],
        ['C', 0.2, 8e6, undefined],
      ],
    );
    const [woken] =
      told(
        'phones.heartbeat=10m',
        'platforms=[{name: A, share: 100%, heartbeat: 5s, session: 1m, push: {delay: 2s, sigma: 0.7, session: 3s}}]',
      ).platforms ?? [];
    assert.deepEqual(woken?.push, { delayMicros: 2e6, sigma: 0.7, sessionMicros: 3e6 });
  });

  it('is told of the clocks of several countries only where there is something that follows them', () => {
    const zones = (...settings: string[]) => {
      const { messagesByZone, churnByZone } = told(...settings);
      return [messagesByZone?.shares.length, churnByZone?.shares.length];
    };
    const india = 'events=[{name: a, at: 0s, duration: 1s, messages: +5%, countries: [India]}]';
    const all = 'events=[{name: a, at: 0s, duration: 1s, messages: +5%}]';
    const countries = 'countries=whatsapp-2014'; // of six time zones: three countries have the same
    assert.deepEqual(zones(countries, CURVE), [6, 6]);
    assert.deepEqual(zones(countries, CURVE, india), [6, 6]);
    assert.deepEqual(zones(countries, india), [2, undefined], 'India, and the others');
    for (const settings of [[countries], [countries, all], [CURVE]])
      assert.deepEqual(zones(...settings), [undefined, undefined], `${settings}`);
    const same = ['1', '2'].map((prefix) => `{name: C, prefix: "${prefix}", length: 9, share: 50%, utcOffset: 3}`);
    assert.deepEqual(zones(`countries=[${same}]`, CURVE), [undefined, undefined], 'one clock for all');
  });

  it('that calibrates is told to send as much as it can, to phones that only stay connected', () => {
    const plan = scriptedPlan(
      ...['phones.heartbeat=1m', 'phones.session=1m', 'content.readReceipts.share=10%', 'misfits.sentAgain=5%'],
      ...['presence.watch=2', 'groups={count: 20, size: 10, sizeMax: 30}', 'storms=[{at: 2s, share: 50%}]'],
      ...['countries=whatsapp-2014', CURVE],
    );
    const settings = laneSettings(plan, 0, { runTag: 1, isCalibration: true });
    assert.deepEqual([settings.heartbeatMicros, settings.sessionMicros], [Infinity, Infinity]);
    assert.deepEqual(settings.storms, []);
    assert.equal(settings.presence?.watch, 0);
    for (const key of ['reads', 'misfits', 'groups', 'platforms', ...OVER_TIME] as const)
      assert.equal(settings[key], undefined, key);
    assert.equal(settings.isEcho, true);
    assert.ok(settings.messages.rateAt(1e6) > 1e8, 'more messages per second than any driver sends');
    assert.equal(laneSettings(plan, 0, OF_RUN).storms?.length, 1, 'in the run itself there is one');
  });
});

describe('storms', () => {
  const storms = (list: string, ...settings: string[]) =>
    told(`storms=${list}`, 'phases.settle=7s', ...settings).storms ?? [];

  it('come so long after traffic began as settling takes, and say who notices', () => {
    const found = storms(
      '[{at: 1s, share: 25%}, {at: 2s, share: 1, notice: silent, silence: 3s}]',
      'phones.heartbeat=1m',
    );
    assert.deepEqual(found, [
      { atMicros: 8e6, target: { kind: 'share', share: 0.25 }, silenceMicros: null },
      { atMicros: 9e6, target: { kind: 'share', share: 1 }, silenceMicros: 3e6 },
    ]);
  });

  it('hit a shard, or the phones behind a block of addresses with so many phones each', () => {
    assert.deepEqual(storms('[{at: 1s, shard: 0}]')[0]?.target, { kind: 'shard', shard: 0 });
    const target = storms('[{at: 1s, addresses: 127.1.0.0/20}]', 'sockets.portsPerSource=123')[0]?.target;
    assert.ok(target?.kind === 'addresses');
    assert.equal(target.portsPerSource, 123);
  });

  it('hit the phones of a block of numbers, wherever the block stands in the list', () => {
    const sizes = fc.uniqueArray(fc.integer({ min: 300, max: 900 }), { minLength: 4, maxLength: 5 });
    fc.assert(
      fc.property(sizes, fc.nat(3), fc.nat(1000), (counts, block, shuffle) => {
        const blocks = counts.map((count, n) => ({ first: 1000 * (n + 1), count }));
        const listed = [...blocks.slice(shuffle % blocks.length), ...blocks.slice(0, shuffle % blocks.length)];
        const numbering = listed.map(({ first, count }) => `{first: ${first}, count: ${count}}`);
        const [storm] = storms(`[{at: 1s, block: ${block}}]`, `numbering=[${numbering}]`);
        const named = listed[block];
        let before = 0; // accounts are numbered from the lowest number on
        for (const { first, count } of blocks) if (named !== undefined && first < named.first) before += count;
        assert.deepEqual(storm?.target, { kind: 'phones', first: before, count: named?.count });
      }),
      { numRuns: 20 },
    );
  });
});

describe('the world of a plan', () => {
  it('is that of the run: the same phones, shards, rings and settings', () => {
    const plan = scriptedPlan('switch.shards=2', 'driver.lanes=3', 'phones.offline=20%', 'switch.workPerMessage=5us');
    const world = plannedWorld(plan, 250);
    assert.deepEqual([world.lanes, world.shards, world.phones, world.online], [3, 2, 1000, 800]);
    assert.equal(world.turnMicros, 250);
    assert.equal(world.workMicrosPerMessage, 5);
    assert.equal(world.lane.activePhones, plan.activePhones);
    assert.equal(world.shard.sessions, plan.sessionsPerShard);
    assert.equal('loginAdmission' in world, false);
    const paced = plannedWorld(scriptedPlan('switch.admission.logins={rate: 9/s, burst: 4}'), 250);
    assert.deepEqual(paced.loginAdmission, { perSecond: 9, burst: 4 });
    assert.equal('workMicrosPerMessage' in paced, false);
  });

  it('has phones connect to their home, or anywhere, as the scenario says', () => {
    const shards = (placement: string): number[] => {
      const entrance = entranceOf(scriptedPlan('switch.shards=2', `switch.placement=${placement}`));
      return Array.from({ length: 200 }, (_, phone) => entrance.shardOf(phone));
    };
    const home = shards('home');
    assert.notDeepEqual(home, shards('any'), 'where a phone connects is not where its mailbox is');
    for (const found of [home, shards('any')]) assert.deepEqual(new Set(found), new Set([0, 1]));
  });

  it('has tokens only where the switch checks them', () => {
    assert.notEqual(tokenSigner(scriptedPlan('login.authentication=hmac')), tokenSigner(scriptedPlan()));
  });
});
