/** Messages to groups to members on other shards, through real inboxes, against lists of who must have got what. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ByteSpan } from '../../base/byte-span.ts';
import { ManyToOneConsumer, ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes } from '../../ring/ring-layout.ts';
import { blankEntry, type MailboxEntry } from '../../store/mailbox-entry.ts';
import { MailboxIndex } from '../../store/mailbox-index.ts';
import { GROUP_PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { SWITCH_COUNTERS } from '../terms/switch-counters.ts';
import { GROUP_HEAD_BYTES, headAuthor, headGroup, headId, headVersion } from './group-head.ts';
import { GroupPassages, HOP_MEMBERS_MAX, OTHER_BYTES } from './group-passages.ts';
import { HopReader, hopTarget } from './hop-reader.ts';
import { Hops } from './hops.ts';
import { inboxReserveBytes } from './inbox-sizes.ts';

const SHARDS = 3;
const INBOX_BYTES = 2 ** 13;
const QUESTIONS_MAX = 4;

/** What a member is to get, and got: all that a hop says of it. */
interface Delivery {
  readonly slot: number;
  readonly generation: number;
  readonly isFirst: boolean;
  readonly sequence: number;
  readonly group: number;
  readonly author: number;
  readonly version: number;
  readonly id: number;
  /** Its bytes, as characters. */
  readonly payload: string;
}

interface Member {
  readonly to: number;
  readonly isFirst: boolean;
}

/** A home that sends, and the inboxes of the shards it sends to. */
class World {
  readonly index = new MailboxIndex(4096);
  readonly memory = RingMemory.ofBytes(SHARDS * ringBytes(INBOX_BYTES));
  readonly inboxes: readonly ManyToOneConsumer[];
  readonly passages: GroupPassages;
  readonly givenBack: number[] = [];
  /** By shard. */
  readonly expected: Delivery[][] = Array.from({ length: SHARDS }, () => []);
  readonly got: Delivery[][] = Array.from({ length: SHARDS }, () => []);
  hops = 0;
  refused = 0;
  readonly #readers: readonly HopReader[];
  #messages = 0;
  #entries = 0;

  constructor() {
    const offsets = Array.from({ length: SHARDS }, (_, shard) => shard * ringBytes(INBOX_BYTES));
    const producers = offsets.map((at) => new ManyToOneProducer(this.memory, at, INBOX_BYTES));
    this.inboxes = offsets.map((at) => new ManyToOneConsumer(this.memory, at, INBOX_BYTES));
    const counters = new Float64Array(SWITCH_COUNTERS.length);
    const reserve = inboxReserveBytes(QUESTIONS_MAX);
    const hops = new Hops(this.memory, producers, reserve, new Array(SHARDS).fill(0), counters, () => {});
    this.passages = new GroupPassages(SHARDS, this.index, hops, (entry) => this.givenBack.push(entry));
    this.#readers = this.got.map((got) => {
      const target = hopTarget({ deliverGroup: (...words) => hear(got, ...words) });
      return new HopReader(this.memory, target);
    });
  }

  /** Sends one message to all of these members. @returns how many found no room. */
  send(members: readonly Member[], payloadBytes: number, collects: boolean): number {
    const message = ++this.#messages;
    const bytes = Uint8Array.from({ length: payloadBytes }, (_, n) => (message + n) & 0xff);
    const view = new DataView(bytes.buffer);
    const payload = Buffer.from(bytes).toString('latin1');
    const head = { group: 100 + message, author: 200 + message, version: message - 3, id: 300 + message };
    const { group, author, version, id } = head;
    const shared = this.index.shared.keep(author, id, group, version, false, { view, at: 0, bytes: payloadBytes });
    const sent = new Map<number, { to: number; delivery: Delivery }>();
    let refused = 0;
    if (collects) this.passages.collect();
    for (const { to, isFirst } of members) {
      const sequence = ++this.#entries;
      const generation = sequence % 2048;
      const slot = 7 * sequence;
      const entry = this.index.append(0, entryOf(sequence, payloadBytes), shared);
      if (this.passages.send(to, entry, slot, generation, isFirst))
        sent.set(entry, { to, delivery: { slot, generation, isFirst, sequence, ...head, payload } });
      else refused++;
    }
    this.passages.flush();
    for (const entry of this.givenBack.splice(0)) {
      assert.ok(sent.delete(entry), 'only what was sent is given back, once');
      refused++;
    }
    for (const { to, delivery } of sent.values()) this.expected[to]?.push(delivery);
    return refused;
  }

  take(to: number, most: number): void {
    const inbox = this.inboxes[to] ?? assert.fail('a shard');
    const reader = this.#readers[to] ?? assert.fail('a shard');
    for (let n = 0; n < most; n++) {
      const at = inbox.next();
      if (at === RING_NONE) break;
      assert.ok(reader.read(at, inbox.length));
      inbox.take();
      this.hops++;
    }
    inbox.release();
  }

  takeAll(): void {
    for (let to = 0; to < SHARDS; to++) this.take(to, 1e6);
  }
}

function entryOf(sequence: number, payloadBytes: number): MailboxEntry {
  return { ...blankEntry(new DataView(new ArrayBuffer(0))), accountRow: 1, group: 0, sequence, payloadBytes };
}

/** Notes what a hop says, read naively. */
function hear(
  got: Delivery[],
  slot: number,
  generation2: number,
  sequence: number,
  others: number,
  hop: ByteSpan,
): void {
  const { view, at, bytes } = hop;
  assert.ok(others < HOP_MEMBERS_MAX);
  const head = at + others * OTHER_BYTES;
  const payload = Buffer.from(view.buffer).toString('latin1', head + GROUP_HEAD_BYTES, at + bytes);
  const about = {
    group: headGroup(view, head),
    author: headAuthor(view, head),
    version: headVersion(view, head),
    id: headId(view, head),
  };
  const words = [slot, generation2, sequence];
  for (let byte = at; byte < head; byte += 4) words.push(view.getInt32(byte, true));
  for (let n = 0; n < words.length; n += 3) {
    const [itsSlot = 0, its = 0, itsSequence = 0] = words.slice(n, n + 3);
    const session = { slot: itsSlot, generation: its >> 1, isFirst: its % 2 === 1 };
    got.push({ ...session, sequence: itsSequence, ...about, payload });
  }
}

const payloadBytes = fc.constantFrom(0, 1, 64, 95, 700, GROUP_PAYLOAD_BYTES_MAX - 1, GROUP_PAYLOAD_BYTES_MAX);
const member = fc.record({ to: fc.nat(SHARDS - 1), isFirst: fc.boolean() });
const members = fc.array(member, { maxLength: 60, size: 'max' });
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('send' as const), members, payloadBytes, collects: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const), to: fc.nat(SHARDS - 1), most: fc.nat(30) }) },
);

describe('messages to groups, to other shards', () => {
  it('reach each member once, in order, or are given back, however full inboxes are', () => {
    const seen = { delivered: 0, refused: 0, hops: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }), (steps) => {
        const world = new World();
        for (const one of steps) {
          if (one.kind === 'take') world.take(one.to, one.most);
          else seen.refused += world.send(one.members, one.payloadBytes, one.collects);
        }
        world.takeAll();
        assert.deepEqual(world.got, world.expected);
        seen.delivered += world.got.flat().length;
        seen.hops += world.hops;
      }),
      { numRuns: 30 },
    );
    assert.ok(seen.refused > 100 && seen.delivered > 2000, JSON.stringify(seen));
    assert.ok(seen.hops < seen.delivered, JSON.stringify(seen));
  });

  it('need one hop for 16 members, or for each as long as nothing is collected', () => {
    const world = new World();
    const all = Array.from({ length: 40 }, () => ({ to: 1, isFirst: true }));
    assert.equal(world.send(all, 64, true), 0);
    world.takeAll();
    assert.equal(world.hops, 3);
    assert.equal(world.send(all, 64, false), 0);
    world.takeAll();
    assert.equal(world.hops, 43);
    assert.deepEqual(world.got, world.expected);
  });

  it('are refused only where an inbox is full: those to other shards pass', () => {
    const world = new World();
    const to = (shard: number, count: number): Member[] =>
      Array.from({ length: count }, () => ({ to: shard, isFirst: false }));
    while (world.send(to(0, 10), 500, true) === 0);
    assert.equal(world.send([...to(0, 3), ...to(2, 3)], 500, true), 3);
    world.takeAll();
    assert.equal(world.send(to(0, 10), 500, true), 0, 'once there is room, all are taken');
    world.takeAll();
    assert.deepEqual(world.got, world.expected);
  });
});
