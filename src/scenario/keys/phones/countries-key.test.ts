import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../../base/errors.ts';
import { countryBlocks } from '../../../plan/country-blocks.ts';
import { loadArrivals } from '../../../plan/load/load-curve.ts';
import { NumberingPlan } from '../../../wire/numbering-plan.ts';
import { parseScenario } from '../../scenario.ts';

const BASE = `name: countries
description: A scenario for tests
phones: {count: 12345, offline: 0%, heartbeat: 10s, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const parsed = (value: string, ...settings: string[]) =>
  parseScenario(BASE, 'x.yaml', [`countries=${value}`, ...settings]).settings;
const one = (prefix: string, length: number, share: string): string =>
  `{name: Some ${'abcdefgh'[Number(prefix[0])]}, prefix: "${prefix}", length: ${length}, share: ${share}, utcOffset: 1}`;

describe('the key of countries', () => {
  it('divides the phones among blocks of numbers of the right length, in every range of phones', () => {
    const { countries, phones } = parsed('whatsapp-2014');
    const plan = new NumberingPlan(countryBlocks(countries, phones.count));
    assert.equal(plan.size, phones.count);
    for (const from of [0, 7000]) {
      const found = countries.map(() => 0);
      for (let phone = from; phone < from + 500; phone++) {
        const number = String(plan.numberOf(phone));
        const place = countries.findIndex(({ prefix }) => number.startsWith(prefix));
        assert.equal(number.length, countries[place]?.length);
        found[place] = (found[place] as number) + 1; // -1 has no length
        assert.equal(plan.indexOf(Number(number)), phone);
      }
      countries.forEach(({ share, name }, n) => {
        assert.ok(Math.abs((found[n] as number) - 500 * share) <= 4, `${name}: ${found[n]} of 500`);
      });
    }
  });

  it('moves the day of a country by its time zone', () => {
    const noon = `[${Array.from({ length: 24 }, (_, hour) => (hour === 12 ? 1 : 0)).join(', ')}]`;
    const curve = [`curve.hours=${noon}`, 'curve.day=24h', 'phases.settle=0s'];
    const rateAt = (start: string): number => {
      const settings = parsed(`[${one('1', 11, '100%')}]`, ...curve, `curve.start=${start}`);
      return loadArrivals(settings).countAt(1e6);
    };
    assert.ok(rateAt('11h') > 95 && rateAt('12h') < 5, 'its clocks are an hour ahead');
  });

  const half = one('1', 11, '50%');
  for (const [value, message] of [
    ['atlantis', /countries/],
    [`[${half}]`, /countries: expected shares that sum to 1, found 0.500/],
    [`[${half}, ${one('12', 11, '50%')}]`, /countries: the numbers of Some b and Some b overlap/],
    [`[${half}, ${one('2', 16, '50%')}]`, /countries/],
    [`[${one('1', 11, '100%').replace('"1"', '1')}]`, /countries: expected .* or a list whose prefix is text, found/],
    [`[${one('1', 11, '100%').replace('utcOffset: 1', 'utcOffset: 99')}]`, /utcOffset: expected at most 14, found 99/],
    [`[${half}, ${one('234', 5, '50%')}]`, /countries.1.length: expected room for 6500 numbers; 234 has 100/],
    [`[${half}, ${one('23456', 5, '50%')}]`, /countries.1.length: expected more digits/],
    [`[${half}, ${one('2', 11, '49.95%')}]`, /countries.1.share: expected a multiple of 0.1 %/],
  ] as const)
    it(`refuses ${value}`, () => {
      assert.throws(
        () => parsed(value),
        (error) => {
          assert.ok(error instanceof TrunklineError, String(error));
          assert.equal(error.code, 'SETTING_INVALID');
          assert.match(error.message, message);
          return true;
        },
      );
    });

  it('is what events of some countries name', () => {
    const event = (names: string): string =>
      `events=[{name: a, at: 0s, duration: 1s, messages: +5%, countries: [${names}]}]`;
    assert.deepEqual(parsed('whatsapp-2014', event('India, Spain')).events[0]?.countries, ['India', 'Spain']);
    assert.throws(
      () => parsed('whatsapp-2014', event('India, Atlantis')),
      /events.0.countries: expected names of countries, found Atlantis/,
    );
  });

  it('refuses numbering beside it', () => {
    const message = /countries: expected either countries or numbering/;
    assert.throws(() => parsed('whatsapp-2014', 'numbering=[{first: 1000, count: 20000}]'), message);
  });
});
