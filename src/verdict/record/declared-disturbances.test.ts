import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseScenario } from '../../scenario/scenario.ts';
import { declaredDisturbances, disturbanceMarks } from './declared-disturbances.ts';

const settings = (storms: string) =>
  parseScenario(
    `name: stormy
description: A scenario for tests
phones: {count: 100, offline: 0%, heartbeat: 10s, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
storms: ${storms}
`,
    'x.yaml',
  ).settings;

describe('the disturbances that a scenario declares', () => {
  it('are none without a key that declares one', () => {
    assert.deepEqual(declaredDisturbances(settings('[]')), []);
  });

  it('begin where they are marked, and a storm lasts as long as phones need', () => {
    const stormy = settings('[{at: 5s, share: 20%}, {at: 8s, shard: 1}, {at: 9s, block: 0, notice: silent}]');
    assert.deepEqual(
      disturbanceMarks(stormy, 1000).map(({ atMicros, detail }) => [atMicros, detail]),
      [
        [35_001_000, '20.0 % of all connections lost, reset'],
        [38_001_000, 'connections of shard 1 lost, reset'],
        [39_001_000, 'connections of number block 0 lost, silent'],
      ],
    );
    assert.ok(declaredDisturbances(stormy).every(({ endMicros }) => endMicros === Number.POSITIVE_INFINITY));
  });

  it('have a mark for each fault of the switch, in order with the others', () => {
    const { faults, ...others } = parseScenario(
      `name: faulty
description: A scenario for tests
transport: tcp
phones: {count: 100, offline: 0%, heartbeat: 10s, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
storms: [{at: 6s, share: 20%}]
faults: [{at: 5s, kill: switch}, {at: 8s, stop: switch, for: 2s}]
`,
      'x.yaml',
    ).settings;
    assert.deepEqual(
      disturbanceMarks({ ...others, faults }, 0).map(({ name, detail }) => `${name}: ${detail}`),
      ['fault: switch killed', 'storm: 20.0 % of all connections lost, reset', 'fault: switch stopped for 2.00 s'],
    );
  });
});
