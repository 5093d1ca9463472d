import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { CELLS } from '../../driver/terms/population.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { disturbanceMarks } from '../../verdict/record/declared-disturbances.ts';
import { planRun } from '../run-plan.ts';
import { stormAddresses } from './storm-addresses.ts';

const scenario = (addresses: string, ...settings: string[]) =>
  parseScenario(
    `name: x
description: A scenario for tests
phones: {count: ${100 * CELLS}, offline: 50%, heartbeat: 10s, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
storms: [{at: 1s, addresses: ${addresses}}]
`,
    'x.yaml',
    settings,
  );

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    assert.equal(error.code, 'SETTING_INVALID');
    return error.message;
  }
  return assert.fail('expected a refusal');
}

describe('a storm on a block of addresses', () => {
  it('is planned where phones that connect have addresses in the block', () => {
    // 50 × 256 rows per lane that connect: seven addresses of 2,000 phones, 512 apart, in two lanes.
    for (const block of ['127.1.0.0/16', '127.0.0.0/8', '127.1.0.1/32', '127.1.0.2/32'])
      assert.equal(planRun(scenario(block)).online, 50 * CELLS, block);
  });

  it('is refused where nobody would be dropped, and the message says where phones are', () => {
    for (const block of ['10.0.0.0/8', '127.0.0.0/16', '127.1.0.3/32', '127.2.0.0/16'])
      assert.match(
        refusal(() => planRun(scenario(block))),
        /a block with addresses of phones, which connect from 127\.1\.0\.1 to 127\.1\.12\.26$/,
        block,
      );
    // Of the phones that never connect, none has an address.
    assert.equal(planRun(scenario('127.1.12.0/24')).online, 50 * CELLS);
    assert.match(
      refusal(() => planRun(scenario('127.1.20.0/24'))),
      /expected a block/,
    );
  });

  it('follows the phones of an address', () => {
    assert.match(
      refusal(() => planRun(scenario('127.2.0.0/16', 'sockets.portsPerSource=6400'))),
      /from 127\.1\.0\.1 to 127\.1\.2\.6$/,
    );
  });

  it('is named in the marks of the run', () => {
    const { settings } = scenario('127.1.4.0/23');
    assert.equal(disturbanceMarks(settings, 0)[0]?.detail, 'connections from the addresses 127.1.4.0/23 lost, reset');
    const { first, last } = stormAddresses('127.1.4.0/23');
    assert.equal(last - first, 511);
  });
});
