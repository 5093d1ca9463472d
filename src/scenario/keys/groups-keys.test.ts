import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { parseScenario } from '../scenario.ts';

const BASE = `name: grouped
description: A scenario for tests
phones: {count: 1000, offline: 10%, heartbeat: none, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const groups = (...settings: string[]) => parseScenario(BASE, 'x.yaml', settings).settings.groups;

describe('the keys of groups', () => {
  it('ask for none by default', () => {
    const { count, share, lists } = groups();
    assert.deepEqual({ count, share, lists }, { count: 0, share: 0, lists: { count: 0, share: 0 } });
  });

  it('say how many there are, how large, who sends to them, and how members change', () => {
    const found = groups('groups={count: 2k, size: 50, sigma: 0.8, sizeMax: 256, share: 40%, joins: 5/s, leaves: 4/s}');
    const { count, size, sigma, sizeMax, share, joins, leaves, members } = found;
    assert.deepEqual([count, size, sigma, sizeMax, share, joins, leaves], [2000, 50, 0.8, 256, 0.4, 5, 4]);
    assert.equal(members, 'online');
  });

  const fits: string[][] = [
    ['groups={count: 1, size: 900, sizeMax: 900}'],
    ['groups={count: 1, size: 900, sizeMax: 1000, members: all}'],
    ['groups={lists: {count: 900, share: 1}}'],
    ['groups={count: 5}', 'traffic.payload=2021B'],
    ['traffic.payload=2037B'],
  ];
  for (const settings of fits) {
    it(`accept ${settings.join(' ')}`, () => {
      groups(...settings);
    });
  }

  const wrong: [settings: string[], message: RegExp][] = [
    [['groups={share: 10%}'], /groups\.share: expected groups\.count as well/],
    [['groups={joins: 1/s}'], /groups\.joins: expected groups\.count as well/],
    [['groups={lists: {share: 10%}}'], /groups\.lists\.share: expected groups\.lists\.count as well/],
    [['groups={count: 5, size: 300}'], /groups\.size: expected at most groups\.sizeMax, 256/],
    [
      ['groups={count: 1, sizeMax: 901}'],
      /groups\.sizeMax: expected at most as many members as there are phones for them, 900/,
    ],
    [
      ['groups={lists: {count: 1}, size: 200, sizeMax: 800}'],
      /groups\.sizeMax: expected at most 256, the size of a broadcast list/,
    ],
    [
      ['groups={lists: {count: 1}, size: 10k, sizeMax: 10k}', 'phones.count=20k'],
      /groups\.sizeMax: expected at most 256, the size of a broadcast list/,
    ],
    [['groups={lists: {count: 901}}'], /groups\.lists\.count: expected at most one list per phone .*, 900/],
    [['groups={count: 5, share: 1.2}'], /groups\.share: expected a share such as 0\.05 or 5%/],
    [['groups={count: 5, sizeMax: 100k}'], /groups\.sizeMax: .*from 1 to 65535/],
    [['groups={count: 5}', 'traffic.payload=2022B'], /traffic\.payload: expected at most 2021 B with groups/],
    [
      ['groups={count: 50}', 'numbering=[{first: 999_999_999_998_990, count: 1000}]'],
      /groups\.count: no room behind the last number, 999999999999989, below 10\^15/,
    ],
  ];
  for (const [settings, message] of wrong) {
    it(`refuse ${settings.join(' ')}`, () => {
      assert.throws(
        () => groups(...settings),
        (error) => {
          assert.ok(error instanceof TrunklineError);
          assert.equal(error.code, 'SETTING_INVALID');
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
