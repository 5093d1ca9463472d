import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RST, Script } from '../scripted-peer.test-suite.ts';

describe('segments that may be forged', () => {
  it('are questioned, but at most a thousand per second, in each second', () => {
    const script = Script.open();
    const questionedOf = (segments: number): number => {
      const before = script.counter('challenges');
      for (let n = 0; n < segments; n++) {
        script.say({ flags: RST, sequence: 500 });
        if (n % 32 === 31) script.turn();
      }
      script.turn();
      return script.counter('challenges') - before;
    };
    for (const second of [1, 2, 3]) {
      script.clock.advance(500_000);
      assert.equal(questionedOf(1200), 1000, `second ${second}`);
      script.clock.advance(500_000);
      assert.equal(questionedOf(50), 0, 'not before it is over');
    }
  });
});
