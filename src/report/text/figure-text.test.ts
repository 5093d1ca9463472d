import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { formatMicros } from '../../base/units.ts';
import { byteRateText, fieldText, latencyText, rateOfText, rateText } from './figure-text.ts';

it('writes rates with their unit, and says that one was not measured', () => {
  assert.deepEqual([rateText(1234), rateText(0), rateText(null)], ['1.23k/s', '0/s', 'not measured']);
  assert.deepEqual([rateOfText(1234, 'logins'), rateOfText(null, 'logins')], ['1.23k logins/s', 'logins not measured']);
  assert.deepEqual([byteRateText(2 ** 21), byteRateText(null)], ['2.00 MiB/s', 'not measured']);
});

it('writes a latency above the range of its histogram as more than that, and none as a dash', () => {
  assert.deepEqual(
    [latencyText(1200, 5000), latencyText(5000, 5000), latencyText(null, 5000)],
    ['1.20 ms', '>5.00 ms', '–'],
  );
});

it('writes the name of a field as words', () => {
  assert.deepEqual([fieldText('loginTimedOut'), fieldText('lost')], ['login timed out', 'lost']);
});

it('never mixes what was not measured with what was 0', () => {
  for (const none of [rateText(null), byteRateText(null), rateOfText(null, 'logins'), latencyText(null, 5)])
    assert.doesNotMatch(none, /\d/);
  assert.deepEqual([byteRateText(0), rateOfText(0, 'logins'), latencyText(0, 5)], ['0 B/s', '0 logins/s', '0 µs']);
});

it('writes any latency below the range as itself, and every other as more than the range', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 1, max: 1e9 }), (micros, range) => {
      const text = latencyText(micros, range);
      assert.equal(text.startsWith('>'), micros >= range);
      assert.equal(text, micros >= range ? `>${formatMicros(range)}` : formatMicros(micros));
    }),
  );
});

it('writes the name of any field in small letters, and loses none of them', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,6}([A-Z][a-z]{1,6}){0,4}$/), (name) => {
      const text = fieldText(name);
      assert.match(text, /^[a-z]+( [a-z]+)*$/);
      assert.equal(text.replaceAll(' ', ''), name.toLowerCase());
    }),
  );
});
