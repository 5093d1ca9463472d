import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { send } from '../../transport-pair.test-suite.ts';
import { ACK, Script } from '../scripted-peer.test-suite.ts';

/** Beyond the smoothed round trip, where round trips hardly differ. */
const MARGIN_MILLIS = 250;
const TICKS_MILLIS = 12;

describe('the time-out of a connection', () => {
  it('follows the round trips that were measured on it', () => {
    for (const roundTripMillis of [20, 100, 200]) {
      const script = Script.open();
      for (let n = 1; n <= 30; n++) {
        send(script.phones, script.phone, [n]);
        script.turn();
        assert.deepEqual(script.pass(roundTripMillis), [], 'nothing is sent again');
        script.say({ flags: ACK, sequence: 1, acknowledgement: 1 + n });
        script.turn();
      }
      send(script.phones, script.phone, [99]);
      const [sent] = script.turn();
      const [again] = script.pass(2000);
      assert.deepEqual([sent?.payload, again?.payload], [[99], [99]]);
      const waited = (again?.atMillis ?? 0) - (sent?.atMillis ?? 0);
      const wanted = roundTripMillis + MARGIN_MILLIS;
      assert.ok(Math.abs(waited - wanted) <= TICKS_MILLIS, `${waited} ms after round trips of ${roundTripMillis} ms`);
    }
  });
});
