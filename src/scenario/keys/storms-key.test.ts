import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { parseScenario } from '../scenario.ts';

const BASE = `name: stormy
description: A scenario for tests
phones: {count: 100, offline: 0%, heartbeat: 10s, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const storms = (list: string, ...settings: string[]) =>
  parseScenario(BASE, 'x.yaml', [`storms=${list}`, ...settings]).settings.storms;

describe('the keys of storms', () => {
  it('say what is lost, when, and who notices', () => {
    assert.deepEqual(storms('[{at: 5s, share: 20%}, {at: 6s, shard: 1, notice: silent, silence: 2s}]'), [
      { at: 5e6, share: 0.2, notice: 'reset', silence: 10e6 },
      { at: 6e6, shard: 1, notice: 'silent', silence: 2e6 },
    ]);
    assert.equal(storms('[{at: 0s, block: 1}]', 'numbering=[{first: 1, count: 60}, {first: 90, count: 40}]').length, 1);
    assert.equal(storms('[{at: 0s, block: 0}]').length, 1, 'without numbering there is one block');
    assert.equal(storms('[{at: 0s, addresses: 127.1.0.0/20}]')[0]?.addresses, '127.1.0.0/20');
  });

  const wrong: [list: string, settings: string[], message: RegExp][] = [
    ['[{at: 5s}]', [], /storms\.0: expected one of share, shard, block and addresses, found 0/],
    ['[{at: 5s, share: 1, shard: 0}]', [], /storms\.0: expected one of share, shard, block and addresses, found 2/],
    ['[{at: 5s, share: 0}]', [], /storms\.0\.share: expected a share above 0/],
    ['[{at: 5s, share: 1.5}]', [], /a share such as 0\.05 or 5%/],
    ['[{at: 5s, share: 1, addresses: 127.1.0.0/16}]', [], /expected one of .*, found 2/],
    [
      '[{at: 5s, addresses: 127.1.0.1/16}]',
      [],
      /storms\.0\.addresses: expected a block of addresses such as 127\.1\.0\.0\/20/,
    ],
    ['[{at: 5s, addresses: 127.1.0.0/16}]', ['transport=tun'], /storms\.0\.addresses: expected another transport/],
    ['[{at: soon, share: 1}]', [], /a duration/],
    [
      '[{at: 5s, share: 1}, {at: 5s, share: 1}]',
      [],
      /storms\.1\.at: expected a later time than that of the storm before/,
    ],
    ['[{at: 5s, shard: 2}]', [], /storms\.0\.shard: expected less than switch\.shards, 2/],
    ['[{at: 5s, shard: 0}]', ['transport=tcp'], /storms\.0\.shard: expected sockets\.listen=each/],
    ['[{at: 5s, block: 1}]', [], /storms\.0\.block: expected the place of a block of numbering, of which there are 1/],
    [
      '[{at: 5s, share: 1, notice: silent}]',
      ['phones.heartbeat=none'],
      /storms\.0\.notice: expected phones\.heartbeat/,
    ],
  ];
  for (const [list, settings, message] of wrong)
    it(`refuse ${list}${settings.length > 0 ? ` with ${settings.join(' ')}` : ''}`, () => {
      assert.throws(
        () => storms(list, ...settings),
        (error) => {
          assert.ok(error instanceof TrunklineError, String(error));
          assert.equal(error.code, 'SETTING_INVALID');
          assert.match(error.message, message);
          return true;
        },
      );
    });

  it('may drop one shard over sockets where each shard has a port', () => {
    for (const setting of ['sockets.listen=each', 'switch.placement=home', 'switch.shards=1'])
      assert.equal(storms('[{at: 5s, shard: 0}]', 'transport=tcp', setting).length, 1, setting);
    assert.equal(storms('[{at: 5s, shard: 1}]', 'transport=ws').length, 1);
  });
});
