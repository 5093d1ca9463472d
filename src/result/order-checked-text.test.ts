import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderCheckedText } from './order-checked-text.ts';

describe('the sentence on the order that was checked', () => {
  it('says the share, and how probably one fault and one of ten are found', () => {
    assert.equal(
      orderCheckedText(0.34),
      'order checked for 34.0 % of messages, since only the pairs used last can be remembered: two messages of a pair in the wrong order are found with a probability of 34.0 % (at least one of 10 such cases with 98.4 %), and nearly always if one soon follows the other',
    );
    assert.match(orderCheckedText(0.001), /probability of 0\.10 % \(at least one of 10 such cases with 1\.00 %\)/);
    assert.match(orderCheckedText(0), /probability of 0\S* % \(at least one of 10 such cases with 0\S* %\)/);
  });
});
