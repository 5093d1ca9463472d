import assert from 'node:assert/strict';
import { it } from 'node:test';
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
