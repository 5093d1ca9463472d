/**
 * Clients of strangers, who know trunkline only by its protocol, against a switch of `trunkline serve`, over tcp and
 * over ws.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ServedSwitch } from './support/served-switch.test-suite.ts';
import { messageFields, readMessage, SECRET, StrangerPhone } from './support/stranger-phone.test-suite.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const FIRST = 447_700_000_000;
/** Beyond the numbers of the simulated phones. */
const [ALICE, BOB, CAROL] = [FIRST + 5000, FIRST + 5001, FIRST + 5002];
/** They speak 1.1, and say what they have read. */
const [DORA, EMIL] = [FIRST + 5003, FIRST + 5004];
const READS = { minor: 1, capabilities: 3 };

for (const [transport, dial] of [
  ['tcp', StrangerPhone.overTcp],
  ['ws', StrangerPhone.overWebSocket],
] as const) {
  describe(`a stranger's client over ${transport}`, () => {
    let served: ServedSwitch;
    let folder = '';
    let port = 0;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'trunkline-stranger-'));
      served = await ServedSwitch.start(transport, ['switch.heartbeatTimeout=2m']);
      port = served.port;
    });
    after(async () => {
      await served.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const pair = async (): Promise<[StrangerPhone, StrangerPhone]> => {
      const phones: [StrangerPhone, StrangerPhone] = [await dial(port), await dial(port)];
      await phones[0].loggedIn(ALICE);
      await phones[1].loggedIn(BOB);
      return phones;
    };

    it('exchanges messages with ✓ and ✓✓, and gets PONG for PING', async () => {
      const [alice, bob] = await pair();
      alice.send(1, BOB, 'hi');
      assert.equal((await alice.next(4)).readUInt32LE(), 1, '✓');
      const first = readMessage(await bob.next(5));
      assert.deepEqual([first.account, first.text], [ALICE, 'hi']);
      bob.confirm(first.serial);
      assert.equal((await alice.next(7)).readUInt32LE(), 1, '✓✓');
      bob.send(1, ALICE, 'ho');
      const answer = readMessage(await alice.next(5));
      assert.deepEqual([answer.account, answer.text], [BOB, 'ho']);
      alice.confirm(answer.serial);
      assert.equal((await bob.next(7)).readUInt32LE(), 1);
      alice.say(8);
      assert.equal((await alice.next(9)).length, 0);
      for (const phone of [alice, bob]) {
        phone.say(10);
        await phone.closed();
      }
    });

    it('gets again what it did not confirm, and what was sent while it was away', async () => {
      const [alice, bob] = await pair();
      alice.send(10, BOB, 'one');
      const once = readMessage(await bob.next(5));
      bob.hangUp();
      alice.send(11, BOB, 'two');
      await alice.next(4);
      const again = await dial(port);
      const { waiting, timeoutMillis } = await again.loggedIn(BOB);
      assert.ok(waiting >= 1);
      assert.equal(timeoutMillis, 120_000);
      const [repeated, fresh] = [readMessage(await again.next(5)), readMessage(await again.next(5))];
      assert.deepEqual(repeated, once, 'the same sequence number');
      assert.equal(fresh.text, 'two');
      again.confirm(fresh.serial);
      const receipts = [(await alice.next(7)).readUInt32LE(), (await alice.next(7)).readUInt32LE()];
      assert.deepEqual(receipts, [10, 11], 'one confirmation confirms all before it');
      alice.send(11, BOB, 'two');
      assert.equal((await alice.next(4)).readUInt32LE(), 11, 'a resend is acknowledged again');
      for (const phone of [alice, again]) phone.hangUp();
    });

    it('begins with any id where nobody has been, and is told the highest at its next login', async () => {
      const id = Math.floor(Date.now() / 1000) % 2 ** 30;
      const [first, second] = [await dial(port), await dial(port)];
      assert.equal((await first.loggedIn(CAROL)).highestId, 0);
      for (const next of [id, id + 1]) {
        first.send(next, ALICE, 'from the clock');
        assert.equal((await first.next(4)).readUInt32LE(), next, '✓');
      }
      assert.equal((await second.loggedIn(CAROL)).highestId, id + 1, 'although the first session was still there');
      second.send(id + 2, ALICE, 'goes on');
      assert.equal((await second.next(4)).readUInt32LE(), id + 2);
      second.hangUp();
    });

    it('gets ids with its messages, says what it has read, and hears what others have, also after it was away', async () => {
      const [dora, emil, carol] = [await dial(port), await dial(port), await dial(port)];
      await dora.loggedIn(DORA, READS);
      await emil.loggedIn(EMIL, READS);
      await carol.loggedIn(CAROL);
      dora.send(7, EMIL, 'read me');
      const message = await emil.next(20);
      const { serial, account, text } = readMessage(message);
      assert.deepEqual([account, message.readUInt32LE(10), text.slice(4)], [DORA, 7, 'read me']);
      emil.confirm(serial);
      assert.equal((await dora.next(7)).readUInt32LE(), 7, '✓✓');
      emil.say(21, Buffer.concat([messageFields(7, DORA)]));
      const read = readMessage(await dora.next(21));
      assert.deepEqual([read.serial, read.account, read.text], [7, EMIL, ''], 'its own id, and the reader');

      dora.send(8, EMIL, 'and me');
      const second = await emil.next(20);
      emil.confirm(readMessage(second).serial);
      await dora.next(7);
      dora.say(10);
      await dora.closed();
      emil.say(21, Buffer.concat([messageFields(second.readUInt32LE(10), DORA)]));
      const again = await dial(port);
      await again.loggedIn(DORA, READS);
      const late = readMessage(await again.next(21));
      assert.deepEqual([late.serial, late.account], [8, EMIL]);

      again.send(9, CAROL, 'plain');
      assert.equal(readMessage(await carol.next(5)).text, 'plain', 'without the capability: DELIVER, as before');
      for (const phone of [again, emil, carol]) phone.hangUp();
    });

    it('is replaced by another login of the same number', async () => {
      const first = await dial(port);
      await first.loggedIn(ALICE);
      const second = await dial(port);
      await second.loggedIn(ALICE);
      assert.deepEqual(await first.error(), [36, 0]);
      await first.closed();
      second.hangUp();
    });

    it('gets the ERROR codes that the protocol names', async () => {
      const [alice, bob] = await pair();
      alice.send(20, 15_550_000_000, 'who?');
      assert.deepEqual(await alice.error(), [3, 20]);
      alice.send(100, BOB, 'late');
      alice.send(40, BOB, 'too old');
      assert.deepEqual(await alice.error(), [4, 40]);
      alice.login(ALICE);
      assert.deepEqual(await alice.error(), [35, 0]);
      await alice.closed();
      bob.say(9);
      assert.equal((await bob.error())[0], 33, "PONG is the switch's to say");
      await bob.closed();
      const wrong: [code: number, bytes: Buffer][] = [
        [34, Buffer.from([0x08, 0x00])],
        [32, Buffer.from([0x28, 0x00, 1])],
      ];
      for (const [code, bytes] of wrong) {
        const phone = await dial(port);
        phone.raw(bytes);
        assert.equal((await phone.error())[0], code);
        await phone.closed();
      }
    });

    it('is refused with the LOGIN_RESULT codes', async () => {
      const refusals = [
        [1, ALICE, { major: 2 }],
        [2, ALICE, { secret: 'wrong' }],
        [3, 15_550_000_000, {}],
      ] as const;
      for (const [code, account, changes] of refusals) {
        const phone = await dial(port);
        phone.login(account, changes);
        const result = await phone.next(2);
        assert.equal(result.readUInt8(0), code);
        assert.equal(result.readUInt8(1), 1, 'the version that it speaks');
        await phone.closed();
      }
    });

    it('exchanges messages with simulated phones, and is told when the switch stops', async () => {
      const settings = [
        'phones.count=200',
        'phones.offline=0%',
        'phones.session=none',
        'traffic.rate=200',
        'phases.measure=30s',
      ];
      const args = ['drive', 'smoke', '--transport', transport, '--target', `127.0.0.1:${port}`, '--out', folder];
      const drive = spawn(process.execPath, [MAIN, ...args, ...settings.flatMap((one) => ['--set', one])], {
        env: { ...process.env, TRUNKLINE_SECRET: SECRET },
      });
      const ended = new Promise((resolve) => drive.once('close', resolve));
      const measuring = new Promise<void>((resolve) => {
        let said = '';
        drive.stderr.on('data', (data) => {
          said += data;
          if (said.includes('measure')) resolve();
        });
      });
      drive.stdout.resume();
      await measuring;
      const alice = await dial(port);
      await alice.loggedIn(ALICE);
      alice.send(200, FIRST + 7, 'a message that no simulated phone expects');
      assert.equal((await alice.next(4)).readUInt32LE(), 200, '✓');
      assert.equal((await alice.next(7)).readUInt32LE(), 200, '✓✓: it was delivered and confirmed');
      served.terminate();
      assert.deepEqual(await alice.error(), [39, 0]);
      await alice.closed();
      drive.kill('SIGINT');
      await ended;
    });
  });
}
