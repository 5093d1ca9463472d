import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { parseScenario } from '../../../scenario/scenario.ts';
import { misfitsPart } from '../../../verdict/misfits-part.ts';
import type { RunRecord } from '../../../verdict/record/run-record.ts';
import { misfitSection } from '../../html/run/sections/misfit-section.ts';
import { everySection } from '../every-section.test-suite.ts';
import { misfitLines } from './misfit-lines.ts';

const SCENARIO = `
name: one
description: one
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
`;
const COUNTERS = {
  driver: {
    deliveriesIgnored: 1234,
    hotMessagesSent: 500,
    hotMessagesDelivered: 400,
    hotDeliveryMicros: 800_000,
    hotGroupMessagesSent: 60,
    hotGroupDeliveries: 5940,
    hotGroupDeliveryMicros: 17_820_000,
    rejectedMailboxFull: 100,
    duplicateConnects: 30,
    messagesSentAgain: 70,
  },
  switch: { sessionsReplaced: 29, messagesDuplicate: 60, groupDuplicates: 11 },
};

/** The section of a run with these settings, from its record. */
function partOf(...settings: string[]) {
  const plan = { settings: parseScenario(SCENARIO, 'one.yaml', settings).settings };
  return misfitsPart({ order: { plan }, counters: COUNTERS } as unknown as RunRecord); // it reads nothing else
}

describe('phones that did not behave', () => {
  it('are told of by kind, with what the switch did about them', () => {
    const result = { ...madeResult(), misfits: partOf('misfits.stalledReaders=5') };
    assert.deepEqual(misfitLines(result), [
      '5 stalled readers, 1,234 deliveries ignored',
      'hot account: 400 of 500 messages delivered after 2.00 ms on average; not in the latencies of the others',
      'hot group: 60 messages, 5,940 deliveries after 3.00 ms on average; not in the latencies of other groups',
      '100 messages refused: mailbox full',
      '30 duplicate connects; 29 sessions replaced by a later login',
      '70 messages sent again after ✓, 71 recognized and not delivered again',
    ]);
    assert.match(misfitSection(result)[0]?.html.text ?? '', /<li>5 stalled readers, 1,234 deliveries/);
  });

  it('share the replaced sessions with storms of which the switch was not told', () => {
    const [storm] = everySection({ figure: () => 1, name: 'one' }).storms;
    assert.ok(storm !== undefined);
    const replacedWith = (...notices: (typeof storm.notice)[]): string | undefined => {
      const storms = notices.map((notice) => ({ ...storm, notice }));
      const lines = misfitLines({ ...madeResult(), misfits: partOf('misfits.stalledReaders=5'), storms });
      return lines.find((line) => line.includes('replaced'));
    };
    const alone = '30 duplicate connects; 29 sessions replaced by a later login';
    assert.equal(replacedWith('reset'), alone);
    assert.equal(replacedWith('reset', 'silent'), `${alone}, after silent losses of connections as well`);
  });

  it('are no matter of a run in which all behave', () => {
    assert.equal(partOf(), null);
    assert.deepEqual(misfitSection({ ...madeResult(), misfits: null }), []);
  });
});
