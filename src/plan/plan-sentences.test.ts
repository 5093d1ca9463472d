/** What a user reads of a plan before the run, and of the memory of a simulated one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RESERVE_BYTES } from '../base/reserve-bytes.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { demandOf, MACHINE } from './measured-machine.test-suite.ts';
import { planSentences } from './plan-sentences.ts';
import { plannedBytes, planRun, type RunPlan } from './run-plan.ts';
import { simulatedMemory, simulatedMemoryCheck } from './simulated-memory.ts';
import { planSockets } from './sockets/socket-plan.ts';

const RINGS = { ...MACHINE, hasSocketRings: true };

describe('the sentences of a plan', () => {
  it('say threads, tables, ports and source addresses, and which threads were added', () => {
    assert.deepEqual(planSentences(planSockets(demandOf('tcp'), MACHINE)), [
      '51 shards (2 requested) of up to 19,608 connections, 52 lanes (2 requested) of up to 19,532 connections; ' +
        'each thread with its own table of descriptors',
      "a port for each shard: by the kernel's hash up to 20,168 connections may fall to a shard (mean + 4·√mean), " +
        'and 19,757 fit',
      '520 source addresses in 127.0.0.0/8, up to 2,000 connections from each',
    ]);
  });

  it('name tables of io_uring, and one thread in the singular', () => {
    const one = demandOf('tcp', 'switch.shards=1', 'driver.lanes=1', 'phones.count=10k');
    const [threads, port] = planSentences(planSockets(one, RINGS));
    assert.equal(
      threads,
      '1 shard of up to 10,000 connections, 1 lane of up to 10,000 connections; ' +
        'sockets in tables of io_uring, 16,384 in each',
    );
    assert.match(
      port ?? '',
      /^one port for all shards: up to 10,000 connections may fall to a shard .*, and they fit$/,
    );
  });

  it('say of one side only what is on this machine', () => {
    const [threads, , ...sources] = planSentences(planSockets(demandOf('ws', 'phones.count=1k'), MACHINE, 'switch'));
    assert.equal(threads, '2 shards of up to 500 connections; one table of descriptors per side');
    assert.deepEqual(sources, [], 'phones connect from elsewhere');
    const away = demandOf('tcp', 'sockets.host=10.0.0.7', 'phones.count=1k', 'sockets.listen=each');
    assert.deepEqual(planSentences(planSockets(away, MACHINE, 'driver')), [
      '2 lanes of up to 500 connections; each thread with its own table of descriptors',
      'a port for each shard: the scenario says so',
      'one source address, up to 500 connections to one destination',
    ]);
  });

  it('say why a port for each shard was chosen against the scenario', () => {
    const reason = (...settings: string[]): string =>
      planSockets(demandOf('node-tcp', 'phones.count=1k', ...settings), MACHINE).listenReason;
    assert.equal(reason(), "a port for each shard: Node's own sockets cannot share one between threads");
    assert.match(reason('sockets.listen=shared'), /threads, whatever sockets\.listen says$/);
  });
});

describe('the memory of a simulated run', () => {
  const plan: RunPlan = planRun(
    parseScenario(
      `
name: many
description: Many phones
phones: { count: 1M, offline: 0, heartbeat: none, session: none }
login: { rate: 10k }
traffic: { rate: 0, payload: 64B }
`,
      'many.yaml',
    ),
  );
  const needed = plannedBytes(plan) + RESERVE_BYTES;

  it('is that of its tables and the reserve', () => {
    const shares = simulatedMemory(plan);
    assert.equal(
      shares.reduce((sum, { bytes }) => sum + bytes, 0),
      needed,
    );
    assert.equal(shares.filter(({ what }) => what.startsWith('reserve')).length, 1);
  });

  it('fits to the byte, and where it does not, a command names phones that would', () => {
    const checkAt = (memoryFreeBytes: number | null) => simulatedMemoryCheck(plan, { ...MACHINE, memoryFreeBytes });
    assert.equal(checkAt(needed).verdict, 'ok');
    const short = checkAt(needed - 1);
    assert.equal(short.verdict, 'refuse');
    assert.match(short.commands.join(), /^--set phones\.count=9\d{5}$/);
    assert.match(short.consequence, /about 1\.00M simulated phones would fit$/);
    assert.match(checkAt(RESERVE_BYTES).commands.join(), /switch\.mailbox\.blocks=….*rings\.connection=…/);
    assert.equal(checkAt(null).verdict, 'unknown');
  });
});
