/**
 * Checks the rings of a run. All rings of one kind share a memory with 32-bit offsets, and an inbox must be larger than
 * its reserve for answers.
 */
import { TrunklineError } from '../base/errors.ts';
import { formatBytes, formatCount } from '../base/units.ts';
import { RING_MEMORY_BYTES_MAX, ringBytes } from '../ring/ring-layout.ts';
import { inboxBytesMin, inboxQuestionsMax } from '../switch/homes/inbox-sizes.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import type { RunShape } from './sizes/run-shape.ts';

/** The minimum of `rings.connection` and `switch.inbox` in a scenario. */
const CONNECTION_RING_MIN = 128 * 1024;
const INBOX_MIN = 64 * 1024;
const LIMIT = `expected at most ${formatCount(RING_MEMORY_BYTES_MAX)} B, the size limit of the shared memory of rings`;

/**
 * Checks the rings of a run.
 * @param questions maximum of open questions of a shard to other shards.
 * @throws PLAN_EXCEEDS_LIMIT with the key to change and a value that works.
 */
export function checkRings(shape: RunShape, questions: number): void {
  checkConnectionRings(shape);
  checkInboxReserve(shape, questions);
  checkInboxes(shape, questions);
}

function checkConnectionRings(shape: RunShape): void {
  const { lanes, shards, connectionRingBytes } = shape;
  const memory = (bytes: number): number => MemorySwitchTransport.memoryBytes({ lanes, shards, ringBytes: bytes });
  if (connectionRingBytes === 0 || memory(connectionRingBytes) <= RING_MEMORY_BYTES_MAX) return;
  const what =
    `rings.connection: ${formatCount(lanes)} lanes and ${formatCount(shards)} shards have ${formatCount(2 * lanes * shards)} rings of ` +
    `${formatBytes(connectionRingBytes)}, ${formatBytes(memory(connectionRingBytes))} together; ${LIMIT}`;
  throw tooLarge(
    what,
    'rings.connection',
    largest(connectionRingBytes, CONNECTION_RING_MIN, memory),
    'driver.lanes or switch.shards',
  );
}

function checkInboxes(shape: RunShape, questions: number): void {
  const { shards, gateways, inboxBytes } = shape;
  const memory = (bytes: number): number => (shards + gateways) * ringBytes(bytes);
  if (memory(inboxBytes) <= RING_MEMORY_BYTES_MAX) return;
  const what =
    `switch.inbox: the inboxes of ${formatCount(shards)} shards have ${formatBytes(inboxBytes)} each, ` +
    `${formatBytes(memory(inboxBytes))} together; ${LIMIT}`;
  const bytesMin = Math.max(INBOX_MIN, inboxBytesMin(questions));
  throw tooLarge(what, 'switch.inbox', largest(inboxBytes, bytesMin, memory), 'switch.shards');
}

/**
 * An inbox smaller than its reserve could never take a message. A single shard without a gateway sends none to others.
 */
function checkInboxReserve({ shards, gateways, inboxBytes }: RunShape, questions: number): void {
  const bytesMin = inboxBytesMin(questions);
  if (shards + gateways === 1 || inboxBytes >= bytesMin) return;
  const enough = 2 ** Math.ceil(Math.log2(bytesMin));
  throw new TrunklineError(
    'PLAN_EXCEEDS_LIMIT',
    `switch.inbox: expected at least ${formatBytes(enough)} for switch.questions=${questions}, found ${formatBytes(inboxBytes)}: an inbox ` +
      `reserves room for the answer to every open question, and one more message must fit. Use --set ` +
      `switch.inbox=${setting(enough)}, or --set switch.questions=${inboxQuestionsMax(inboxBytes)}.`,
  );
}

/**
 * The largest power of two from `bytesMin` and below `bytes` whose memory is within the limit; null if there is none.
 */
function largest(bytes: number, bytesMin: number, memory: (bytes: number) => number): number | null {
  for (let fewer = bytes / 2; fewer >= bytesMin; fewer /= 2) if (memory(fewer) <= RING_MEMORY_BYTES_MAX) return fewer;
  return null;
}

function tooLarge(what: string, key: string, fitting: number | null, fewer: string): TrunklineError {
  const remedy = fitting === null ? `Lower ${fewer}.` : `Use --set ${key}=${setting(fitting)}, or lower ${fewer}.`;
  return new TrunklineError('PLAN_EXCEEDS_LIMIT', `${what}. ${remedy}`);
}

/** A power of two, at least 1 KiB, as a scenario writes it. */
function setting(bytes: number): string {
  return bytes >= 2 ** 20 ? `${bytes / 2 ** 20}MiB` : `${bytes / 2 ** 10}KiB`;
}
