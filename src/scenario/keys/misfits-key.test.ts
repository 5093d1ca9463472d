import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseScenario } from '../scenario.ts';
import { hasMisfits } from '../terms/has-misfits.ts';

const TEXT = `
name: one
description: one
phones: {count: 100, offline: 50%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
`;
const settingsOf = (...settings: string[]) => parseScenario(TEXT, 'one.yaml', settings).settings;

describe('misfits and overload of a scenario', () => {
  it('are off unless told', () => {
    const { misfits, switch: switchKeys } = settingsOf();
    assert.equal(hasMisfits(misfits), false);
    assert.equal(switchKeys.admission.delay, Number.POSITIVE_INFINITY);
    assert.equal(switchKeys.workPerMessage, 0);
    assert.equal(hasMisfits(settingsOf('misfits.hotGroup=1%', 'groups.count=1', 'groups.sizeMax=20').misfits), true);
    for (const one of ['stalledReaders=1', 'hotAccount=1%', 'duplicateConnects=1/s', 'sentAgain=1%'])
      assert.equal(hasMisfits(settingsOf(`misfits.${one}`).misfits), true, one);
  });

  for (const [setting, said] of [
    ['misfits.stalledReaders=50', /misfits\.stalledReaders: expected fewer than the phones that connect, 50/],
    ['misfits.hotAccount=110%', /misfits\.hotAccount.*a share such as 0\.05 or 5%/],
    ['misfits.hotGroup=10%', /misfits\.hotGroup: expected groups\.count as well/],
    ['misfits.sentAgain=-1', /misfits\.sentAgain.*a share/],
    ['misfits.slowReaders=3', /misfits.*slowReaders/],
    ['switch.admission.delay=10us', /switch\.admission\.delay.*at least 1ms/],
    ['switch.workPerMessage=2s', /switch\.workPerMessage.*from 0us to 1s/],
    ['traffic.deliverWithin=0s', /traffic\.deliverWithin.*from 1ms to 1m/],
  ] as const) {
    it(`refuse ${setting}`, () => {
      assert.throws(() => settingsOf(setting), { code: 'SETTING_INVALID', message: said });
    });
  }
});
