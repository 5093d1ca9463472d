/**
 * Clients of strangers, who know trunkline only by its protocol, and a switch that has no room for what they want: it
 * says so, and takes it when they come back.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ServedSwitch } from './support/served-switch.test-suite.ts';
import { readMessage, StrangerPhone } from './support/stranger-phone.test-suite.ts';

const FIRST = 447_700_000_000;
const [BOB, ALICE] = [FIRST + 4999, FIRST + 5000];
const LOGIN_RESULT = 2;
const ACKNOWLEDGED = 4;
const DELIVER = 5;
const ERROR = 11;
const [ACCEPTED, BUSY] = [0, 4];
const OVERLOADED = 6;
/** More logins at once than a switch takes that admits one per second, even if it takes seconds for them. */
const LOGINS = 8;
/** Phones that send at the same time, and how often at most. */
const [SENDERS, ROUNDS_MAX] = [8, 20];
const TRIES_MAX = 1000;
/** Timers may be a millisecond early. */
const EARLY_MILLIS = 5;

const pass = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

for (const [transport, dial] of [
  ['tcp', StrangerPhone.overTcp],
  ['ws', StrangerPhone.overWebSocket],
] as const) {
  describe(`a stranger's client of a busy switch over ${transport}`, () => {
    let served: ServedSwitch | undefined;
    after(() => served?.stop());

    const serve = async (...settings: string[]): Promise<number> => {
      await served?.stop();
      served = await ServedSwitch.start(transport, ['switch.shards=1', 'switch.heartbeatTimeout=2m', ...settings]);
      return served.port;
    };

    it('is told by LOGIN_RESULT 4 when to come back, and is accepted then', async () => {
      const port = await serve('switch.admission.logins={rate: 1, burst: 1}');
      const phones = await Promise.all(Array.from({ length: LOGINS }, () => dial(port)));
      for (const [n, phone] of phones.entries()) phone.login(ALICE + n, { minor: n % 2 });
      const refused: { readonly account: number; readonly minor: number; readonly millis: number }[] = [];
      for (const [n, phone] of phones.entries()) {
        const result = await phone.next(LOGIN_RESULT);
        if (result.readUInt8(0) === ACCEPTED) continue;
        assert.equal(result.readUInt8(0), BUSY);
        refused.push({ account: ALICE + n, minor: n % 2, millis: result.readUInt32LE(8) });
        await phone.closed();
      }
      assert.ok(refused.length > 0 && refused.length < LOGINS, `${refused.length} of ${LOGINS} were refused`);
      const pauses = refused.map(({ millis }) => millis).sort((a, b) => a - b);
      for (const [n, millis] of pauses.entries()) {
        assert.ok(millis > 0 && millis <= LOGINS * 1000, `a pause of ${millis} ms`);
        assert.ok(n === 0 || millis > (pauses[n - 1] ?? 0), `each phone has a pause of its own: ${pauses}`);
      }
      // The others do not come back, so nobody takes its place.
      const next = refused.find(({ millis }) => millis === pauses[0]);
      assert.ok(next !== undefined);
      await pass(next.millis + EARLY_MILLIS);
      const again = await dial(port);
      await again.loggedIn(next.account, { minor: next.minor });
      for (const phone of [again, ...phones]) phone.hangUp();
    });

    it('gets ERROR 6 from an overloaded switch, and has its message accepted after a pause', async () => {
      const port = await serve('switch.workPerMessage=50ms', 'switch.admission.delay=20ms');
      const admitted = async (account: number): Promise<StrangerPhone> => {
        for (let tries = 0; tries < TRIES_MAX; tries++) {
          const phone = await dial(port);
          phone.login(account);
          const result = await phone.next(LOGIN_RESULT);
          if (result.readUInt8(0) === ACCEPTED) return phone;
          // On a busy machine a thread of the switch may wait for longer than input may.
          assert.equal(result.readUInt8(0), BUSY);
          phone.hangUp();
          await pass(result.readUInt32LE(8) + EARLY_MILLIS);
        }
        return assert.fail(`account ${account} was never admitted`);
      };
      const bob = await admitted(BOB);
      const phones: StrangerPhone[] = [];
      for (let n = 0; n < SENDERS; n++) phones.push(await admitted(ALICE + n));

      const sent: string[] = [];
      const refused: (readonly [phone: StrangerPhone, id: number, text: string])[] = [];
      let accepted = 0;
      // Should the switch take each message before the next has come, all say more.
      for (let id = 1; id <= ROUNDS_MAX && refused.length === 0; id++) {
        const textOf = (n: number): string => `message ${id} of ${n}`;
        for (const [n, phone] of phones.entries()) phone.send(id, BOB, textOf(n));
        for (const [n, phone] of phones.entries()) {
          sent.push(textOf(n));
          const { type, body } = await phone.nextOf(ACKNOWLEDGED, ERROR);
          if (type === ACKNOWLEDGED) accepted++;
          else {
            assert.deepEqual([body.readUInt16LE(0), body.readUInt32LE(2)], [OVERLOADED, id]);
            refused.push([phone, id, textOf(n)]);
          }
        }
      }
      assert.ok(refused.length > 0 && accepted > 0, `${refused.length} were refused, and ${accepted} accepted`);

      for (const [phone, id, text] of refused) {
        let answer = ERROR;
        for (let tries = 0; answer === ERROR && tries < TRIES_MAX; tries++) {
          await pass(20);
          phone.send(id, BOB, text);
          answer = (await phone.nextOf(ACKNOWLEDGED, ERROR)).type;
        }
        assert.equal(answer, ACKNOWLEDGED, text);
      }
      const received: string[] = [];
      while (received.length < sent.length) {
        const { serial, text } = readMessage(await bob.next(DELIVER));
        received.push(text);
        bob.confirm(serial);
      }
      assert.deepEqual(received.sort(), sent.sort(), 'each message once');
      for (const phone of [bob, ...phones]) phone.hangUp();
    });
  });
}
