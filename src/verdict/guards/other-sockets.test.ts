import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { planOn } from '../../plan/run-plan.ts';
import { thisMachine } from '../../run/phases/order/this-machine.ts';
import { ProcessSides } from '../../run/sides/process-sides.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { reading } from '../made-evidence.test-suite.ts';
import { kernelDisturbance, otherSocketsGuard } from './other-sockets.ts';

const SCENARIO = `
name: other-sockets
description: Two sides at rest
transport: node-tcp
phones: { count: 100, offline: 0, heartbeat: none, session: none }
login: { rate: 1k }
traffic: { rate: 0, payload: 64B }
switch: { shards: 1 }
driver: { lanes: 1 }
`;
const STRANGERS = 150;

describe('sockets of others', () => {
  it('are fine while they stay, and where few of them come and go', () => {
    const still = [reading(1000, 5000), reading(4000, 5000), reading(8000, 5060)];
    assert.equal(otherSocketsGuard(still).verdict, 'ok');
    assert.equal(kernelDisturbance(still), null);
    const large = [reading(100_000, 0), reading(1_000_000, 15_000)];
    assert.equal(otherSocketsGuard(large).verdict, 'ok', 'less than 1 % of two million');
  });

  it('take the figure from kernel memory where they come or go, not the run its validity', () => {
    for (const readings of [
      [reading(1000, 100), reading(4000, 2100)],
      [reading(1000, 2100), reading(4000, 100)],
    ]) {
      const { verdict, sentence, figure, limit } = otherSocketsGuard(readings);
      assert.deepEqual([verdict, figure, limit], ['warning', 2000, 80]);
      assert.match(
        sentence,
        /2,000 sockets of other programs.*at most 80; kernel memory has no figure: stop other programs/,
      );
      assert.match(kernelDisturbance(readings) ?? '', /^not measured: 2,000 sockets of other programs/);
    }
  });

  it('cannot be judged where the kernel does not count them', () => {
    const readings = [{ ...reading(1000), sockets: null }];
    assert.equal(otherSocketsGuard(readings).verdict, 'unknown');
    assert.equal(kernelDisturbance(readings), null);
  });

  it('are seen when a program opens some between two levels', { skip: process.platform !== 'linux' }, async (test) => {
    const { plan } = planOn(parseScenario(SCENARIO, 'other-sockets.yaml', []), thisMachine(), 'both');
    const sides = new ProcessSides(plan, { isCalibration: false, targets: null });
    test.after(() => sides.stop());
    await sides.start();
    const before = await sides.readMemory(0);
    const close = await openSockets(STRANGERS);
    test.after(close);
    const after = await sides.readMemory(0);
    const { verdict, figure } = otherSocketsGuard([before, after]);
    assert.equal(verdict, 'warning');
    // Both ends of each, less what others closed meanwhile.
    assert.ok((figure ?? 0) > STRANGERS, `${figure} sockets`);
  });
});

/** Connections of this process to itself. @returns how to close them. */
async function openSockets(count: number): Promise<() => void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  for (let n = 0; n < count; n++) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
  }
  return () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
}
