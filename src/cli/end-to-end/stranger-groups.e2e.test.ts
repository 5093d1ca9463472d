/**
 * Clients of strangers, who know trunkline only by its protocol, in groups and watching each other (1.1), over tcp and
 * over ws: what they ask for, and what they are refused.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ServedSwitch } from './support/served-switch.test-suite.ts';
import { messageFields, readMessage, StrangerPhone } from './support/stranger-phone.test-suite.ts';

const FIRST = 447_700_000_000;
const NUMBERS = 1_000_000;
const [ALICE, BOB, CAROL] = [FIRST + 5000, FIRST + 5001, FIRST + 5002];
const NEVER_THERE = FIRST + 7;
/** Of two, whose numbers are behind all others. */
const GROUP = FIRST + NUMBERS;
const NO_GROUP = GROUP + 2;
/** Members at first, who never log in, and at most. */
const [SIZE, SIZE_MAX] = [3, 5];
/** Where all phones are members of the one group and of the one broadcast list: their numbers are behind the phones'. */
const FEW = 8;
const [GROUP_OF_ALL, LIST_OF_ALL] = [FIRST + FEW, FIRST + FEW + 1];
const NOBODY = 15_550_000_000;
const ACKNOWLEDGED = 4;
const DELIVER = 5;
const RECEIPT = 7;
const LOGOUT = 10;
const ERROR = 11;
const DELIVER_GROUP = 12;
const JOIN = 13;
const LEAVE = 14;
const PRESENCE = 15;
const SET_PRESENCE = 16;
const WATCH = 17;
const UNWATCH = 18;
const TYPING = 19;
/** In which two seconds pass for the switch as well. */
const PATIENCE_SECONDS = 60;
/** What `last seen` says where the switch does not know. */
const UNKNOWN = 2 ** 32 - 1;
const DIALS = [
  ['tcp', StrangerPhone.overTcp],
  ['ws', StrangerPhone.overWebSocket],
] as const;

function account(number: number, ...rest: number[]): Buffer {
  const body = Buffer.alloc(8 + rest.length);
  body.writeBigUInt64LE(BigInt(number));
  body.set(rest, 8);
  return body;
}

/** A ✓ about a group. */
async function groupAcknowledged(phone: StrangerPhone): Promise<[id: number, version: number, members: number]> {
  const body = await phone.next(ACKNOWLEDGED);
  assert.equal(body.length, 12);
  return [body.readUInt32LE(0), body.readUInt32LE(4), body.readUInt32LE(8)];
}

async function presence(phone: StrangerPhone): Promise<[account: number, state: number, lastSeen: number]> {
  const body = await phone.next(PRESENCE);
  assert.equal(body.length, 13);
  return [Number(body.readBigUInt64LE(0)), body.readUInt8(8), body.readUInt32LE(9)];
}

for (const [transport, dial] of DIALS) {
  describe(`strangers' clients of version 1.1 over ${transport}`, () => {
    let served: ServedSwitch;

    before(async () => {
      const groups = `groups={count: 2, size: ${SIZE}, sizeMax: ${SIZE_MAX}}`;
      const settings = [groups, 'switch.presence.watchMax=2', 'switch.heartbeatTimeout=2m'];
      served = await ServedSwitch.start(transport, settings, `${FIRST}+${NUMBERS}`);
    });
    after(() => served.stop());

    const online = async (number: number): Promise<StrangerPhone> => {
      const phone = await dial(served.port);
      await phone.loggedIn(number, { minor: 1 });
      return phone;
    };

    it('join a group, write to its members, and leave it', async () => {
      const [alice, bob, carol] = [await online(ALICE), await online(BOB), await online(CAROL)];
      alice.say(JOIN, messageFields(1, GROUP));
      assert.deepEqual(await groupAcknowledged(alice), [1, 1, SIZE + 1]);
      bob.say(JOIN, messageFields(1, GROUP));
      assert.deepEqual(await groupAcknowledged(bob), [1, 2, SIZE + 2]);
      alice.send(2, GROUP, 'to all');
      assert.deepEqual(await groupAcknowledged(alice), [2, 2, SIZE + 1], 'the version, and the recipients');
      const delivered = await bob.next(DELIVER_GROUP);
      const { serial, account: group } = readMessage(delivered);
      assert.deepEqual(
        [group, Number(delivered.readBigUInt64LE(10)), delivered.readUInt32LE(18), delivered.readUInt32LE(22)],
        [GROUP, ALICE, 2, 2],
        'the group, the author, the version, and its id',
      );
      assert.equal(delivered.subarray(26).toString(), 'to all');
      bob.confirm(serial);
      carol.say(JOIN, messageFields(1, GROUP));
      assert.deepEqual(await carol.error(), [8, 1], 'the group is full');
      bob.say(LEAVE, messageFields(2, GROUP));
      assert.deepEqual(await groupAcknowledged(bob), [2, 3, SIZE + 1]);
      bob.send(3, GROUP, 'still?');
      assert.deepEqual(await bob.error(), [7, 3], 'no member any more');
      for (const phone of [alice, bob, carol]) phone.hangUp();
    });

    it('are told which message could not be sent, and why', async () => {
      const alice = await online(ALICE);
      const wrong: [what: string, code: number, say: (id: number) => void][] = [
        ['a group that does not exist', 3, (id) => alice.send(id, NO_GROUP, 'who?')],
        ['to join it', 3, (id) => alice.say(JOIN, messageFields(id, NO_GROUP))],
        ['a number in no plan', 3, (id) => alice.send(id, NOBODY, 'who?')],
        ['itself', 10, (id) => alice.send(id, ALICE, 'me')],
        ['a text that is too long for a group', 9, (id) => alice.send(id, GROUP, 'x'.repeat(2022))],
        ['a group of which it is no member', 7, (id) => alice.send(id, GROUP + 1, 'hi')],
      ];
      for (const [n, [what, code, say]] of wrong.entries()) {
        const id = 10 + n;
        say(id);
        assert.deepEqual(await alice.error(), [code, id], what);
      }
      alice.send(30, BOB, 'x'.repeat(2037));
      assert.equal(
        (await alice.next(ACKNOWLEDGED)).readUInt32LE(),
        30,
        'the longest text to a phone; the header can say no more',
      );
      alice.hangUp();
    });

    it('hear whether others are there, since when they are not, and who types', async () => {
      const [alice, bob] = [await online(ALICE), await online(BOB)];
      alice.say(WATCH, account(BOB));
      assert.deepEqual(await presence(alice), [BOB, 1, 0]);
      const before = performance.now();
      bob.say(SET_PRESENCE, Buffer.from([0]));
      assert.deepEqual((await presence(alice)).slice(0, 2), [BOB, 0], 'put away');
      let lastSeen = 0;
      while (lastSeen < 2) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        alice.say(WATCH, account(BOB)); // watched already: asks again
        const answer = await presence(alice);
        assert.deepEqual(answer.slice(0, 2), [BOB, 0]);
        lastSeen = answer[2];
        const seconds = (performance.now() - before) / 1000;
        assert.ok(lastSeen <= seconds + 1, `${lastSeen} s, of which ${seconds} s have passed`);
        assert.ok(seconds < PATIENCE_SECONDS, `${lastSeen} s, after ${seconds} s`);
      }
      bob.say(SET_PRESENCE, Buffer.from([1]));
      assert.deepEqual(await presence(alice), [BOB, 1, 0], 'in use again');
      bob.say(TYPING, account(ALICE, 1));
      const typing = await alice.next(TYPING);
      assert.deepEqual([Number(typing.readBigUInt64LE(0)), typing.readUInt8(8)], [BOB, 1]);
      bob.hangUp();
      assert.deepEqual((await presence(alice)).slice(0, 2), [BOB, 0], 'gone');
      alice.say(WATCH, account(NEVER_THERE));
      assert.deepEqual(await presence(alice), [NEVER_THERE, 0, UNKNOWN]);
      alice.hangUp();
    });

    it('watch as many as they may, and are told of one too many', async () => {
      const alice = await online(ALICE);
      for (const one of [BOB, CAROL]) {
        alice.say(WATCH, account(one));
        assert.deepEqual((await presence(alice))[0], one);
      }
      alice.say(WATCH, account(NEVER_THERE));
      assert.deepEqual(await alice.error(), [11, 0]);
      alice.say(UNWATCH, account(CAROL));
      for (const [number, code] of [
        [ALICE, 10],
        [NOBODY, 3],
      ] as const) {
        alice.say(WATCH, account(number));
        assert.deepEqual(await alice.error(), [code, 0]);
      }
      alice.say(WATCH, account(NEVER_THERE));
      assert.deepEqual(await presence(alice), [NEVER_THERE, 0, UNKNOWN], 'there is a place again');
      alice.hangUp();
    });
  });

  describe(`strangers' clients whose numbers are all in a group and a broadcast list, over ${transport}`, () => {
    let served: ServedSwitch;
    const phones: StrangerPhone[] = [];

    before(async () => {
      const groups = `groups={count: 1, lists: {count: 1}, size: ${FEW}, sizeMax: ${FEW}}`;
      served = await ServedSwitch.start(transport, [groups, 'switch.heartbeatTimeout=2m'], `${FIRST}+${FEW}`);
    });
    after(async () => {
      for (const phone of phones) phone.hangUp();
      await served.stop();
    });

    /** The phones of the first numbers. */
    const allOnline = async (count: number): Promise<readonly StrangerPhone[]> => {
      for (let n = 0; n < count; n++) {
        const phone = await dial(served.port);
        phones.push(phone);
        await phone.loggedIn(FIRST + n, { minor: 1 });
      }
      return phones.slice(0, count);
    };

    it('get ✓✓ for a message to the group when the last member has logged in and confirmed it', async () => {
      const [author, first, ...others] = await allOnline(FEW - 1);
      assert.ok(author !== undefined && first !== undefined);
      author.send(1, GROUP_OF_ALL, 'to all');
      assert.deepEqual(await groupAcknowledged(author), [1, 0, FEW - 1], 'nobody has joined or left: version 0');
      for (const member of [...others, first]) member.confirm(readMessage(await member.next(DELIVER_GROUP)).serial);
      first.send(1, FIRST, 'we have it');
      const { type, body } = await author.nextOf(DELIVER, RECEIPT);
      assert.equal(type, DELIVER, 'one member has not confirmed it: no ✓✓ yet');
      author.confirm(readMessage(body).serial);

      const last = await dial(served.port);
      phones.push(last);
      assert.equal((await last.loggedIn(FIRST + FEW - 1, { minor: 1 })).waiting, 1);
      const late = await last.next(DELIVER_GROUP);
      assert.equal(late.subarray(26).toString(), 'to all');
      last.confirm(readMessage(late).serial);
      assert.equal((await author.next(RECEIPT)).readUInt32LE(), 1, '✓✓');
      for (const phone of phones.splice(0)) {
        phone.say(LOGOUT);
        await phone.closed();
      }
    });

    it('get what the owner of their broadcast list sends, and may not send to it themselves', async () => {
      const all = await allOnline(FEW);
      // Who owns the list is not in the protocol, but nobody else may send to it.
      const owners: StrangerPhone[] = [];
      for (const [n, phone] of all.entries()) {
        phone.send(10, LIST_OF_ALL, `from ${n}`);
        const { type, body } = await phone.nextOf(ACKNOWLEDGED, ERROR);
        if (type === ACKNOWLEDGED) {
          assert.deepEqual([body.readUInt32LE(0), body.readUInt32LE(8)], [10, FEW - 1], 'all but the owner');
          owners.push(phone);
        } else assert.deepEqual([body.readUInt16LE(0), body.readUInt32LE(2)], [7, 10], 'not the owner');
      }
      const [owner, ...others] = owners;
      assert.ok(owner !== undefined && others.length === 0, `${owners.length} phones may send`);
      const sender = FIRST + all.indexOf(owner);
      owner.send(11, LIST_OF_ALL, 'to all');
      for (const member of all.filter((phone) => phone !== owner)) {
        let message = readMessage(await member.next(DELIVER));
        while (message.text !== 'to all') message = readMessage(await member.next(DELIVER));
        assert.deepEqual([message.account, message.text], [sender, 'to all'], 'as a message to this phone alone');
        member.confirm(message.serial); // and the one before, which may have come before the refusal
      }
      const receipts = [await owner.next(RECEIPT), await owner.next(RECEIPT)].map((body) => body.readUInt32LE());
      assert.deepEqual(receipts, [10, 11], '✓✓');
    });
  });
}
