/**
 * Clients of strangers, who know trunkline only by its protocol, in groups and watching each other (1.1): what they ask
 * for, and what they are refused.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { messageFields, readMessage, SECRET, StrangerPhone } from './support/stranger-phone.test-suite.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const FIRST = 447_700_000_000;
const NUMBERS = 1_000_000;
const [ALICE, BOB, CAROL] = [FIRST + 5000, FIRST + 5001, FIRST + 5002];
/** Of two, whose numbers are behind all others. */
const GROUP = FIRST + NUMBERS;
const NO_GROUP = GROUP + 2;
/** Members at first, who never log in, and at most. */
const [SIZE, SIZE_MAX] = [3, 5];
const NOBODY = 15_550_000_000;
const JOIN = 13;
const LEAVE = 14;
const PRESENCE = 15;
const SET_PRESENCE = 16;
const WATCH = 17;
const UNWATCH = 18;
const TYPING = 19;

function account(number: number, ...rest: number[]): Buffer {
  const body = Buffer.alloc(8 + rest.length);
  body.writeBigUInt64LE(BigInt(number));
  body.set(rest, 8);
  return body;
}

/** A ✓ about a group. */
async function groupAcknowledged(phone: StrangerPhone): Promise<[id: number, version: number, members: number]> {
  const body = await phone.next(4);
  assert.equal(body.length, 12);
  return [body.readUInt32LE(0), body.readUInt32LE(4), body.readUInt32LE(8)];
}

async function presence(phone: StrangerPhone): Promise<[account: number, state: number]> {
  const body = await phone.next(PRESENCE);
  assert.equal(body.length, 13);
  return [Number(body.readBigUInt64LE(0)), body.readUInt8(8)];
}

describe("strangers' clients of version 1.1", () => {
  let serve: ChildProcess;
  let served: Promise<unknown>;
  let port = 0;

  before(async () => {
    const settings = [
      `groups={count: 2, size: ${SIZE}, sizeMax: ${SIZE_MAX}}`,
      'switch.presence.watchMax=2',
      'switch.heartbeatTimeout=2m',
    ];
    const args = ['serve', '--listen', '127.0.0.1:0', '--json', '--quiet', '--numbers', `${FIRST}+${NUMBERS}`];
    serve = spawn(process.execPath, [MAIN, ...args, ...settings.flatMap((one) => ['--set', one])], {
      env: { ...process.env, TRUNKLINE_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    served = new Promise((resolve) => serve.once('exit', resolve));
    const line = await new Promise<string>((resolve) => serve.stdout?.once('data', (data) => resolve(String(data))));
    port = JSON.parse(line).places[0].port;
  });
  after(async () => {
    serve.kill('SIGTERM');
    await served;
  });

  const online = async (number: number): Promise<StrangerPhone> => {
    const phone = await StrangerPhone.overTcp(port);
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
    const delivered = await bob.next(12);
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
    assert.equal((await alice.next(4)).readUInt32LE(), 30, 'the longest text to a phone; the header can say no more');
    alice.hangUp();
  });

  it('hear whether others are there, and who types', async () => {
    const [alice, bob] = [await online(ALICE), await online(BOB)];
    alice.say(WATCH, account(BOB));
    assert.deepEqual(await presence(alice), [BOB, 1]);
    bob.say(SET_PRESENCE, Buffer.from([0]));
    assert.deepEqual(await presence(alice), [BOB, 0]);
    bob.say(TYPING, account(ALICE, 1));
    const typing = await alice.next(TYPING);
    assert.deepEqual([Number(typing.readBigUInt64LE(0)), typing.readUInt8(8)], [BOB, 1]);
    bob.hangUp();
    alice.hangUp();
  });

  it('watch as many as they may, and are told of one too many', async () => {
    const alice = await online(ALICE);
    for (const one of [BOB, CAROL]) {
      alice.say(WATCH, account(one));
      assert.deepEqual((await presence(alice))[0], one);
    }
    alice.say(WATCH, account(FIRST + 7));
    assert.deepEqual(await alice.error(), [11, 0]);
    alice.say(UNWATCH, account(CAROL));
    for (const [number, code] of [
      [ALICE, 10],
      [NOBODY, 3],
    ] as const) {
      alice.say(WATCH, account(number));
      assert.deepEqual(await alice.error(), [code, 0]);
    }
    alice.say(WATCH, account(FIRST + 7));
    assert.deepEqual(await presence(alice), [FIRST + 7, 0], 'there is a place again');
    alice.hangUp();
  });
});
