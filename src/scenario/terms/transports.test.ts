import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseScenario } from '../scenario.ts';
import {
  DEFAULT_SOCKET_TRANSPORT,
  isOverSockets,
  SOCKET_TRANSPORT_NAMES,
  TRANSPORT_NAMES,
  TRANSPORTS,
  transportsThat,
} from './transports.ts';

const SCENARIO = `
name: one
description: One
phones: { count: 100, offline: 0, heartbeat: none, session: none }
login: { rate: 10k }
traffic: { rate: 0, payload: 64B }
`;

describe('the table of transports', () => {
  it('is what a scenario may name, one by one', () => {
    for (const transport of TRANSPORT_NAMES) {
      const { settings } = parseScenario(SCENARIO, 'one.yaml', [`transport=${transport}`]);
      assert.equal(settings.transport, transport);
    }
    assert.throws(() => parseScenario(SCENARIO, 'one.yaml', ['transport=toString']), { code: 'SETTING_INVALID' });
  });

  it('says of each transport over sockets what the plan of its memory needs, and of no simulated one', () => {
    for (const name of TRANSPORT_NAMES) {
      const { isSimulated, hasOwnNetwork, userBytes, sharedUserBytes, hasTls, sharesPort } = TRANSPORTS[name];
      assert.equal(isOverSockets(name), !isSimulated, name);
      assert.equal(
        SOCKET_TRANSPORT_NAMES.some((one) => one === name),
        !isSimulated && !hasOwnNetwork,
        `${name} is reached by other processes where it is over the network of the machine`,
      );
      if (isSimulated) assert.ok(!hasTls && !sharesPort, `${name} has no sockets`);
      else assert.ok(userBytes > 0 && sharedUserBytes >= userBytes, name);
    }
    assert.ok(!TRANSPORTS[DEFAULT_SOCKET_TRANSPORT].isSimulated);
  });

  it('leaves both sides some of the two cores that a kept run had', () => {
    for (const name of TRANSPORT_NAMES) {
      const { saturated, saturatedInRings, descriptorTables } = TRANSPORTS[name];
      for (const run of [saturated, ...(saturatedInRings === null ? [] : [saturatedInRings])]) {
        const bothMicros = 2e6 / run.messagesPerSecond;
        assert.ok(run.switchMicrosPerMessage > 0 && run.switchMicrosPerMessage < bothMicros, name);
        assert.ok(run.loginsPerSecond > 0, name);
      }
      if (descriptorTables !== 'private') assert.equal(saturatedInRings, null, `${name} cannot hold sockets in rings`);
    }
  });

  it('finds transports by a fact, in the order of the table', () => {
    assert.deepEqual(
      transportsThat(({ hasTls }) => hasTls),
      ['node-tcp', 'ws'],
    );
    assert.deepEqual(
      transportsThat(() => true),
      TRANSPORT_NAMES,
    );
  });
});
