import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RECORD_HEADER_BYTES, RING_MEMORY_BYTES_MAX, RING_NONE, RingMemory, ringBytes } from '../ring/ring-layout.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { hopBytes } from '../switch/homes/hop-table.ts';
import { inboxBytesMin, inboxReserveBytes } from '../switch/homes/inbox-sizes.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import { PAYLOAD_BYTES_MAX } from '../wire/frames.ts';
import { planRun } from './run-plan.ts';

const SCENARIO = `
name: rings
description: Phones on many threads
phones: { count: 1000, offline: 0, heartbeat: 60s, session: none }
login: { rate: 1k }
traffic: { rate: 0, payload: 64B }
`;

const plan = (...settings: string[]): unknown => planRun(parseScenario(SCENARIO, 'rings.yaml', settings));

function refusal(...settings: string[]): string {
  try {
    plan(...settings);
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    assert.equal(error.code, 'PLAN_EXCEEDS_LIMIT');
    return error.message;
  }
  return assert.fail(`${settings.join(' ')} was not refused`);
}

/** Takes the remedies that a refusal names, one by one. */
function assertRemediesHelp(settings: string[]): void {
  const remedies = [...refusal(...settings).matchAll(/--set ([\w.]+)=(\w+)/g)];
  assert.ok(remedies.length > 0);
  for (const [, key, value] of remedies) {
    const others = settings.filter((setting) => !setting.startsWith(`${key}=`));
    assert.ok(plan(...others, `${key}=${value}`), `${key}=${value} would do`);
  }
}

describe('the rings of a plan', () => {
  it('refuses rings whose places are beyond 32-bit integers, and names the size that would do', () => {
    const many = ['driver.lanes=64', 'switch.shards=64', 'rings.connection=256KiB'];
    assert.match(
      refusal(...many),
      /8,192 rings of 256 KiB, 2\.00 GiB together; expected at most 2,147,483,648 B.* Use --set rings\.connection=128KiB/,
    );
    assertRemediesHelp(many);
    assert.match(refusal('switch.shards=4', 'switch.inbox=1GiB'), /4\.00 GiB together.*Use --set switch\.inbox=256MiB/);
    assertRemediesHelp(['switch.shards=4', 'switch.inbox=1GiB']);
  });

  it('refuses an inbox that its reserve would fill, and names sizes that would do', () => {
    const small = ['switch.shards=2', 'switch.inbox=64KiB'];
    assert.match(refusal(...small), /at least 256 KiB for switch\.questions=4096, found 64\.0 KiB/);
    assertRemediesHelp(small);
    assert.match(refusal('switch.shards=2', 'switch.questions=65536'), /at least 4\.00 MiB/);
    assertRemediesHelp(['switch.shards=2', 'switch.questions=65536']);
    assert.ok(plan('switch.shards=1', 'switch.inbox=64KiB'), 'one shard has nobody to ask');
  });

  it('asks for no more than an empty inbox needs to take the largest message, wherever it begins', () => {
    const questions = 16;
    const capacity = 8192;
    assert.ok(inboxBytesMin(questions) <= capacity);
    const bytes = hopBytes('route', PAYLOAD_BYTES_MAX) - RECORD_HEADER_BYTES;
    const memory = RingMemory.ofBytes(ringBytes(capacity));
    for (let place = 0; place < capacity; place += 8) {
      memory.words.fill(0);
      memory.words[0] = place; // the tail, and the head a line further
      memory.words[16] = place;
      const producer = new ManyToOneProducer(memory, 0, capacity);
      assert.notEqual(producer.claim(bytes, inboxReserveBytes(questions)), RING_NONE, `at ${place}`);
    }
  });

  it('takes a memory up to its limit, and no more', () => {
    const shape = { lanes: 64, shards: 64, ringBytes: 2 ** 17 };
    assert.ok(MemorySwitchTransport.memoryBytes(shape) <= RING_MEMORY_BYTES_MAX);
    assert.throws(() => RingMemory.ofBytes(RING_MEMORY_BYTES_MAX + 64), /at most 2\^31 bytes/);
  });
});
