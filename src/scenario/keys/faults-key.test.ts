import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { parseScenario } from '../scenario.ts';

const BASE = `name: faulty
description: A scenario for tests
transport: tcp
phones: {count: 100, offline: 0%, heartbeat: 10s, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
phases: {measure: 30s}
`;
const faults = (list: string, ...settings: string[]) =>
  parseScenario(BASE, 'x.yaml', [`faults=${list}`, ...settings]).settings.faults;

describe('the keys of faults', () => {
  it('say what happens to the switch, when, and for how long', () => {
    assert.deepEqual(faults('[{at: 5s, kill: switch}, {at: 9s, stop: switch, for: 2s}]'), [
      { at: 5e6, kill: 'switch' },
      { at: 9e6, stop: 'switch', for: 2e6 },
    ]);
    for (const transport of ['node-tcp', 'ws'])
      assert.equal(faults('[{at: 0s, kill: switch}]', `transport=${transport}`).length, 1);
    assert.deepEqual(faults('[]', 'transport=memory'), [], 'without faults nothing is demanded of the transport');
  });

  const wrong: [list: string, settings: string[], message: RegExp][] = [
    ['[{at: 5s}]', [], /faults\.0: expected either kill or stop/],
    ['[{at: 5s, kill: switch, stop: switch, for: 1s}]', [], /faults\.0: expected either kill or stop/],
    ['[{at: 5s, kill: driver}]', [], /faults\.0\.kill/],
    ['[{at: 5s, kill: switch, for: 1s}]', [], /faults\.0\.for: expected none with kill/],
    ['[{at: 5s, stop: switch}]', [], /faults\.0: expected for as well, such as 2s/],
    ['[{at: 30s, kill: switch}]', [], /faults\.0\.at: expected a fault that ends within the measurement/],
    ['[{at: 29s, stop: switch, for: 1s}]', [], /faults\.0\.at: expected a fault that ends within the measurement/],
    [
      '[{at: 5s, stop: switch, for: 2s}, {at: 7s, kill: switch}]',
      [],
      /faults\.1\.at: .* after the end of the fault before/,
    ],
    ['[{at: 5s, kill: switch}]', ['transport=memory'], /faults: expected transport tcp, node-tcp, ws, .* found memory/],
    ['[{at: 5s, kill: switch}]', ['transport=tun'], /faults: expected transport tcp, node-tcp, ws, .* found tun/],
    ['[{at: 5s, kill: switch}]', ['http.port=0'], /faults: expected no HTTP side/],
  ];
  for (const [list, settings, message] of wrong) {
    it(`refuse ${list} ${settings.join(' ')}`.trim(), () => {
      assert.throws(
        () => faults(list, ...settings),
        (error) => error instanceof TrunklineError && message.test(error.message),
      );
    });
  }
});
