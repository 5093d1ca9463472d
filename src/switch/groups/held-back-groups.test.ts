/** Groups where there is no room on the way: inboxes and questions of the group's home, and rings of its members. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType, messageFrameBytes, readSerial, writeMessage } from '../../wire/frames.ts';
import { readAcknowledgedVersion, readAuthorId } from '../../wire/group-frames.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { SmallSwitch, type SmallSwitchSettings } from '../small-switch.test-suite.ts';
import { FullRings } from '../tables/full-rings.test-suite.ts';

const PHONES = 6;
const [HERE, THERE] = [0, 1];
/** More turns than a hop waits for room to its phone. */
const LONG_TURNS = 1100;

interface Made {
  readonly small: SmallSwitch;
  /** A group whose home is shard THERE, as an account. */
  readonly group: number;
}

/** Groups of all phones, all of whom are on shard HERE and speak this minor version. */
function made(settings: SmallSwitchSettings = {}, minor = 1): Made {
  const sizes = { median: PHONES, sigma: 0, max: PHONES };
  const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: 6, lists: 0, phones: PHONES, sizes });
  const groups = { plan, queueMax: 64, recentMax: 256, changesMax: 16 };
  const small = new SmallSwitch({
    ...{ shards: 2, accounts: PHONES, groups, messagesPerAccount: 64, deliveryWindow: 16, mailboxBlocks: 1024 },
    heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
    ...settings,
  });
  for (let client = 0; client < PHONES; client++) small.online(client, client, HERE, client === 0 ? 1 : minor);
  const group = [0, 1, 2, 3, 4, 5].map((n) => PHONES + n).find((account) => small.homes.shardOf(account) === THERE);
  assert.ok(group !== undefined, 'one of the groups has its home there');
  return { small, group };
}

/** A SEND, JOIN or LEAVE. */
function frame({ small, group }: Made, type: number, id: number, payloadBytes = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(messageFrameBytes(payloadBytes)));
  writeMessage(view, 0, type, id, 0, small.number(group), payloadBytes);
  return new Uint8Array(view.buffer);
}

const acknowledged = ({ small }: Made, client: number): number[] =>
  small.frames(client, FrameType.ACKNOWLEDGED).map(({ body }) => readSerial(body, 0));

describe('what a phone sends to a group whose home has no room', () => {
  for (const [what, settings] of [
    ['in its inbox', { inboxBytes: 2 ** 13, questionsMax: 64 }],
    ['for open questions', { questionsMax: 3 }],
  ] as const) {
    it(`${what} waits, and is taken in order when there is`, () => {
      const world = made(settings);
      const { small } = world;
      // As in any group: messages, and members who come and go.
      const kinds = [FrameType.SEND, FrameType.SEND, FrameType.LEAVE, FrameType.JOIN, FrameType.SEND] as const;
      const ids = Array.from({ length: 15 }, (_, n) => n + 1);
      for (const id of ids) {
        const type = kinds[id % kinds.length] ?? FrameType.SEND;
        small.say(0, frame(world, type, id, type === FrameType.SEND ? 900 : 0));
        small.work(HERE);
        small.listen();
      }
      assert.ok(small.count('stalls') > 0, 'input waits');
      assert.equal(small.isConnected(0), true);
      small.settle();
      assert.deepEqual(acknowledged(world, 0), ids, 'each once, in order');
      const versions = small.frames(0, FrameType.ACKNOWLEDGED).map(({ body }) => readAcknowledgedVersion(body, 0));
      assert.deepEqual(
        versions,
        versions.toSorted((a, b) => a - b),
        'in the order of the group',
      );
    });
  }

  it('is asked for again without room, and gets the answer that it had', () => {
    const world = made({ questionsMax: 2 });
    const { small } = world;
    small.say(0, frame(world, FrameType.SEND, 1));
    small.settle();
    const [first] = small.frames(0, FrameType.ACKNOWLEDGED);
    // The phone has lost the answers and sends all of it again, before the home works.
    for (let n = 0; n < 4; n++) small.say(0, frame(world, FrameType.SEND, 1));
    for (const id of [2, 3, 4]) small.say(0, frame(world, FrameType.SEND, id));
    for (let n = 0; n < 4; n++) small.work(HERE);
    small.settle();
    const answers = small.frames(0, FrameType.ACKNOWLEDGED);
    const again = answers.filter(({ body }) => readSerial(body, 0) === 1);
    assert.ok(again.length > 1 && again.every(({ body }) => body.byteLength === first?.body.byteLength));
    assert.deepEqual(
      answers.map(({ body }) => readSerial(body, 0)).filter((id) => id > 1),
      [2, 3, 4],
    );
    for (let client = 1; client < PHONES; client++) {
      const got = small.frames(client, FrameType.DELIVER_GROUP).map(({ body }) => readAuthorId(body, 0));
      assert.deepEqual(got, [1, 2, 3, 4], `client ${client} gets each once`);
    }
  });
});

describe('a member whose ring stays full', () => {
  for (const [minor, which] of [
    [0, 0],
    [1, 0],
    [0, -1],
    [1, -1],
  ] as const) {
    const place = which === 0 ? 'first' : 'last';
    it(`stops nobody else, and gets all messages when there is room, ${place} in a hop, with minor version ${minor}`, () => {
      const full = new FullRings();
      const world = made(
        { wrapTransport: (transport, shard) => (shard === HERE ? full.wrap(transport) : transport) },
        minor,
      );
      const { small } = world;
      const members = Array.from({ length: PHONES - 1 }, (_, n) => n + 1);
      // One whose home is there: what is for it comes by hops, with that for the others whose home is there.
      const remote = members.filter((client) => small.homes.shardOf(client) === THERE);
      assert.ok(remote.length > 1);
      const stuck = remote.at(which) ?? assert.fail('one has its home there');
      full.slots.add(stuck);
      const type = minor === 0 ? FrameType.DELIVER : FrameType.DELIVER_GROUP;
      const heard = (client: number): number => small.frames(client, type).length;
      const turns = (count: number): void => {
        for (let n = 0; n < count; n++) {
          small.work(HERE);
          small.work(THERE);
          small.listen();
        }
      };
      for (const id of [1, 2, 3]) small.say(0, frame(world, FrameType.SEND, id, 20));
      turns(LONG_TURNS);
      small.say(0, frame(world, FrameType.SEND, 4, 20));
      turns(20);
      assert.deepEqual(acknowledged(world, 0), [1, 2, 3, 4], 'every answer has come');
      for (const client of members) assert.equal(heard(client), client === stuck ? 0 : 4, `client ${client}`);
      full.slots.clear();
      turns(40);
      assert.equal(heard(stuck), 4);
      for (const client of members) {
        const newest = small.frames(client, type).at(-1) ?? assert.fail('it has heard some');
        small.say(client, small.confirmation(readSerial(newest.body, 0)));
      }
      small.settle();
      assert.equal(small.frames(0, FrameType.RECEIPT).length, 4, 'all have all of it');
      assert.equal(small.count('messagesQueued'), 0);
    });
  }
});
