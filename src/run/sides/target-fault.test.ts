import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DriverCounterName } from '../../driver/terms/driver-counters.ts';
import type { SocketCounterName } from '../../transport/socket-counters.ts';
import { ScriptedSides, scriptedPlan } from './scripted-sides.test-suite.ts';
import { targetFault } from './target-fault.ts';

const TARGETS = [
  { host: '192.0.2.1', port: 4000 },
  { host: '192.0.2.1', port: 4001 },
];
const PLAN = scriptedPlan();

function faultOf(
  driver: Partial<Record<DriverCounterName, number>>,
  sockets: Partial<Record<SocketCounterName, number>> = {},
): string | null {
  const sides = new ScriptedSides(PLAN);
  Object.assign(sides.ofDriver, driver);
  Object.assign(sides.ofSockets, sockets);
  return targetFault(sides, TARGETS)();
}

const OF_DRIVER: [DriverCounterName, what: RegExp, advice: RegExp][] = [
  ['loginsRefusedVersion', /20 logins refused: protocol version/, /same release on both sides/],
  ['loginsRefusedToken', /20 logins refused: wrong token/, /--secret/],
  ['loginsRefusedAccount', /20 logins refused: number not served/, /--numbers or --scenario/],
  ['loginsRefusedBusy', /20 logins refused: busy/, /try later/],
  ['loginsForeign', /20 answers of another protocol/, /--target/],
  ['loginsCutOff', /20 connections closed before the login was answered/, /full or stopping/],
  ['loginsTimedOut', /20 logins without an answer/, /another server/],
];
const OF_SOCKETS: [SocketCounterName, what: RegExp, advice: RegExp][] = [
  ['connectsFailedRefused', /20 connects refused/, /start trunkline serve/],
  ['connectsFailedTimeOut', /20 connects without an answer/, /firewalls/],
  ['connectsFailedUnreachable', /20 connects without a route/, /--target/],
  ['connectsFailedForbidden', /20 connects forbidden by this machine/, /firewall.*--target/],
  ['connectsFailedPorts', /20 connects without a free port/, /doctor --sides driver/],
  ['connectsFailedDescriptors', /20 connects without a free descriptor/, /doctor --sides driver/],
  ['connectsFailedMemory', /20 connects without kernel memory/, /no memory for sockets/],
  ['connectsFailedOther', /20 connects failed/, /--target/],
  ['handshakesFailed', /20 handshakes failed/, /--tls-ca/],
];

describe('a switch elsewhere that no phone can log in to', () => {
  for (const [counter, what, advice] of OF_DRIVER)
    it(`is named with its cause and what to do: ${counter}`, () => {
      const sentence = faultOf({ connectsStarted: 30, [counter]: 20 }) ?? '';
      assert.match(sentence, /^No phone could log in at 192\.0\.2\.1 port 4000, 192\.0\.2\.1 port 4001: /);
      assert.match(sentence, what);
      assert.match(sentence, advice);
    });

  for (const [counter, what, advice] of OF_SOCKETS)
    it(`is named with its cause and what to do: ${counter}`, () => {
      const sentence = faultOf({ connectsStarted: 30 }, { [counter]: 20 }) ?? '';
      assert.match(sentence, what);
      assert.match(sentence, advice);
    });

  it('is clear after twenty failures, and not before', () => {
    assert.equal(faultOf({ connectsStarted: 30, loginsCutOff: 12 }, { connectsFailedRefused: 7 }), null);
    assert.notEqual(faultOf({ connectsStarted: 30, loginsCutOff: 13 }, { connectsFailedRefused: 7 }), null);
  });

  it('has its causes in the order of how many there were, and advice on the most frequent', () => {
    const sentence = faultOf({ connectsStarted: 50, loginsTimedOut: 9 }, { connectsFailedRefused: 30 }) ?? '';
    assert.match(
      sentence,
      /: the run was ended after 30 connects refused, 9 logins without an answer\. Nothing listens there/,
    );
  });

  it('is not one that has taken a single login', () => {
    assert.equal(faultOf({ connectsStarted: 1000, loginsAccepted: 1 }, { connectsFailedRefused: 999 }), null);
  });

  it('is clear after ten seconds of silence, counted from the first connect', () => {
    const sides = new ScriptedSides(PLAN);
    const fault = targetFault(sides, TARGETS);
    sides.pass(60e6);
    assert.equal(fault(), null, 'nobody has tried yet');
    sides.ofDriver.connectsStarted = 5;
    assert.equal(fault(), null);
    sides.pass(9e6);
    assert.equal(fault(), null);
    sides.pass(2e6);
    assert.match(fault() ?? '', /5 logins have had no answer for 10 s\..*stays silent/);
  });

  it('is clear after fewer failures where the first level of phones is smaller', () => {
    const sides = new ScriptedSides(scriptedPlan('phones.count=40'));
    Object.assign(sides.ofDriver, { connectsStarted: 5, loginsCutOff: 5 });
    assert.match(targetFault(sides, TARGETS)() ?? '', /5 connections closed before/);
  });
});
