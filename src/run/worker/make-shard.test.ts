/** What a shard is told of a scenario: each key arrives where it belongs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ShardSettings } from '../../switch/terms/shard-settings.ts';
import { scriptedPlan } from '../sides/scripted-sides.test-suite.ts';
import { laneSettings } from './make-lane.ts';
import { authenticator, loginAdmission, shardSettings } from './make-shard.ts';
import { acceptEveryone } from './token-authority.ts';
import { checkTold } from './told-settings.test-suite.ts';

const told = (...settings: string[]): ShardSettings => shardSettings(scriptedPlan(...settings), 0);

/** All values differ, so that no two keys can change places. */
const KEYS: readonly [setting: string, part: Partial<ShardSettings>][] = [
  ['switch.heartbeatTimeout=51s', { heartbeatTimeoutMicros: 51e6 }],
  ['switch.loginTimeout=52s', { loginTimeoutMicros: 52e6 }],
  ['switch.mailbox.redelivery=53s', { redeliveryMicros: 53e6 }],
  ['switch.mailbox.messagesPerAccount=54', { messagesPerAccount: 54 }],
  ['switch.mailbox.deliveryWindow=55', { deliveryWindow: 55 }],
  ['switch.questions=56', { questionsMax: 56 }],
  ['switch.partialFrames=57', { partialFramesMax: 57 }],
  ['switch.presence.watchMax=58', { watchMax: 58 }],
  ['switch.inputsPerTurn=59', { inputsPerTurn: 59 }],
  ['switch.timerResolution=60ms', { tickMicros: 60_000 }],
  ['switch.admission.delay=61ms', { admissionDelayMicros: 61_000 }],
];

describe('a shard', () => {
  it('is told each key of its scenario, and its neighbours are not', () => {
    checkTold(told, KEYS);
  });

  it('has by default a time-out of three heartbeats, and none where phones have no heartbeat', () => {
    assert.equal(told('phones.heartbeat=20s').heartbeatTimeoutMicros, 60e6);
    assert.equal(told('phones.heartbeat=none').heartbeatTimeoutMicros, Number.POSITIVE_INFINITY);
  });

  it('counts gateways among those that send hops, and finds homes among shards only', () => {
    const settings = told('switch.shards=2', 'http.port=0');
    assert.deepEqual([settings.peers, told('switch.shards=2').peers], [3, 2]);
    const homes = new Set(Array.from({ length: 100 }, (_, account) => settings.homes.shardOf(account)));
    assert.deepEqual(homes, new Set([0, 1]));
  });

  it('paces logins and checks tokens only where the scenario says so', () => {
    assert.equal(loginAdmission(scriptedPlan()), undefined);
    const admission = loginAdmission(scriptedPlan('switch.admission.logins={rate: 250, burst: 10}'));
    assert.deepEqual(admission, { perSecond: 250, burst: 10 });
    assert.equal(authenticator(scriptedPlan()), acceptEveryone);
    assert.notEqual(authenticator(scriptedPlan('login.authentication=hmac')), acceptEveryone);
  });

  it('knows no groups unless there are some, and has room for those that there are', () => {
    assert.equal(told().groups, undefined);
    assert.notEqual(told('groups={count: 20, size: 10, sizeMax: 30}').groups, undefined);
  });

  it('is the home of both the list and the owner of each broadcast list, whom lanes know as well', () => {
    const plan = scriptedPlan('switch.shards=4', 'phones.count=5000', 'groups={lists: {count: 400}, size: 5}');
    const { groups, homes } = shardSettings(plan, 0);
    const lists = groups?.plan ?? assert.fail('the plan has lists');
    const { groups: ofLane } = laneSettings(plan, 0, { runTag: 1, isCalibration: false });
    for (let list = 0; list < 400; list++) {
      const owner = lists.ownerOf(list);
      assert.equal(homes.shardOf(owner), homes.shardOf(lists.accountOf(list)), `list ${list} of phone ${owner}`);
      assert.equal(ofLane?.plan.listOf(owner), list);
    }
  });
});
