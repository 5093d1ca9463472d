import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../../base/errors.ts';
import { parseScenario } from '../../scenario.ts';
import { phonesWithContacts } from './contacts-key.ts';

const BASE = `name: contacts
description: A scenario for tests
phones: {count: 1001, offline: 0%, heartbeat: 10s, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const contacts = (value: string) =>
  parseScenario(BASE, 'x.yaml', [`phones.contacts=${value}`]).settings.phones.contacts;

describe('the key of contacts', () => {
  it('is a number, or a distribution', () => {
    assert.equal(contacts('3'), 3);
    const lists = contacts('{distribution: lognormal, median: 40, sigma: 1, max: 500}');
    assert.deepEqual(lists, { distribution: 'lognormal', median: 40, sigma: 1, max: 500, choice: 'zipf' });
    assert.equal(phonesWithContacts(lists, 1001), 1000, 'phones are paired');
    assert.equal(phonesWithContacts(4, 1001), 1001);
  });

  for (const [value, message] of [
    ['5', /phones\.contacts/],
    ['{distribution: normal, median: 40, sigma: 1, max: 500}', /phones\.contacts/],
    ['{distribution: lognormal, median: 40, sigma: -1, max: 500}', /phones\.contacts/],
    [
      '{distribution: lognormal, median: 40, sigma: 1, max: 1001}',
      /phones\.contacts.*fewer contacts than active phones/,
    ],
    ['{distribution: lognormal, median: 400, sigma: 1, max: 100}', /phones\.contacts.*median/],
  ] as const)
    it(`refuses ${value}`, () => {
      assert.throws(
        () => contacts(value),
        (error) => {
          assert.ok(error instanceof TrunklineError, String(error));
          assert.equal(error.code, 'SETTING_INVALID');
          assert.match(error.message, message);
          return true;
        },
      );
    });
});
