import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { type ShardLoop, shardLoop } from './shard-loop.ts';

const SCENARIO = `
name: loop
description: Phones that send heartbeats
phones: { count: 1000, offline: 0, heartbeat: 60s, session: none }
login: { rate: 1k }
traffic: { rate: 0, payload: 64B }
`;

const loopOf = (...settings: string[]): ShardLoop => shardLoop(parseScenario(SCENARIO, 'loop.yaml', settings).settings);

const refuses = (message: RegExp, ...settings: string[]): void => {
  assert.throws(
    () => loopOf(...settings),
    (error: unknown) => {
      assert.ok(error instanceof TrunklineError);
      assert.equal(error.code, 'PLAN_EXCEEDS_LIMIT');
      assert.match(error.message, message);
      return true;
    },
  );
};

describe('how a shard works', () => {
  it('takes its grain from the longest time-out, unless a scenario states one', () => {
    assert.deepEqual(loopOf(), { inputsPerTurn: 512, timerResolutionMicros: 180e6 / 128 });
    assert.equal(loopOf('switch.heartbeatTimeout=none', 'phones.heartbeat=none').timerResolutionMicros, 234_375);
    assert.equal(loopOf('switch.timerResolution=50ms').timerResolutionMicros, 50_000);
  });

  it('refuses a grain that the longest time-out has no room or no use for, and says the bounds', () => {
    refuses(/expected from 22\.0 ms to 180 s, found 21\.0 ms.*8,192 ticks/, 'switch.timerResolution=21ms');
    refuses(/to 180 s, found 600 s/, 'switch.timerResolution=10m');
    assert.equal(loopOf('switch.timerResolution=22ms').timerResolutionMicros, 22_000);
  });

  it('refuses turns whose answers leave too little room for messages, but for tcp, which makes room', () => {
    assert.equal(loopOf('switch.inputsPerTurn=2048').inputsPerTurn, 2048);
    refuses(/at most 2,048, found 2,049.*rings\.connection, 256/, 'switch.inputsPerTurn=2049');
    for (const transport of ['node-tcp', 'ws']) {
      const over = `transport=${transport}`;
      assert.equal(loopOf(over, 'switch.inputsPerTurn=8192').inputsPerTurn, 8192);
      const pool = 'sockets.outputPool=64MiB'; // it is of other transports
      const says = new RegExp(`at most 8,192, found 8,193.*the room for the output of a turn over ${transport}, 1`);
      refuses(says, over, 'switch.inputsPerTurn=8193', pool);
    }
    assert.equal(loopOf('transport=tcp', 'switch.inputsPerTurn=65536').inputsPerTurn, 65_536);
  });
});
