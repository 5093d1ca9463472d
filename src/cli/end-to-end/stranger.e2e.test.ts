/**
 * Two clients that know trunkline only by src/wire/PROTOCOL.md: they import nothing of it, and
 * write their bytes by hand. What they need and the protocol does not say is a fault of the protocol.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const SECRET = 'strangers';
const FIRST = 447_700_000_000;
/** Beyond the numbers of the simulated phones. */
const [ALICE, BOB, CAROL] = [FIRST + 5000, FIRST + 5001, FIRST + 5002];
/** They speak 1.1, and say what they have read. */
const [DORA, EMIL] = [FIRST + 5003, FIRST + 5004];
const READS = { minor: 1, capabilities: 3 };
const PATIENCE_MILLIS = 90_000;

interface Frame {
  readonly type: number;
  readonly body: Buffer;
}

/** A phone over whatever carries bytes. */
class Phone {
  readonly frames: Frame[] = [];
  isClosed = false;
  readonly #write: (bytes: Buffer) => void;
  readonly #end: () => void;
  #buffered = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(write: (bytes: Buffer) => void, end: () => void) {
    this.#write = write;
    this.#end = end;
  }

  static async overTcp(port: number): Promise<Phone> {
    const socket: Socket = connect(port, '127.0.0.1');
    const phone = new Phone(
      (bytes) => socket.write(bytes),
      () => socket.destroy(),
    );
    socket.on('data', (bytes) => phone.#received(bytes));
    socket.on('close', () => phone.#closed());
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    return phone;
  }

  static async overWebSocket(port: number): Promise<Phone> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const phone = new Phone(
      (bytes) => socket.send(bytes),
      () => socket.terminate(),
    );
    socket.on('message', (data) => phone.#received(data as Buffer)); // the default of ws for binary messages
    socket.on('close', () => phone.#closed());
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('open', resolve));
    return phone;
  }

  /** Bytes as they are: also wrong ones. */
  raw(bytes: Buffer): void {
    this.#write(bytes);
  }

  say(type: number, body = Buffer.alloc(0)): void {
    const header = Buffer.alloc(2);
    header.writeUInt16LE(type | (body.length << 5));
    this.#write(Buffer.concat([header, body]));
  }

  hangUp(): void {
    this.#end();
  }

  login(account: number, { secret = SECRET, major = 1, minor = 0, capabilities = 1 } = {}): void {
    const fields = Buffer.alloc(16);
    fields.writeUInt32LE(0x4b4e5254, 0);
    fields.writeUInt8(major, 4);
    fields.writeUInt8(minor, 5);
    fields.writeUInt16LE(capabilities, 6);
    fields.writeBigUInt64LE(BigInt(account), 8);
    const token = createHmac('sha256', secret).update(String(account)).digest().subarray(0, 16);
    this.say(1, Buffer.concat([fields, token]));
  }

  send(id: number, recipient: number, text: string): void {
    this.say(3, Buffer.concat([messageFields(id, recipient), Buffer.from(text)]));
  }

  confirm(sequence: number): void {
    const body = Buffer.alloc(4);
    body.writeUInt32LE(sequence);
    this.say(6, body);
  }

  /** The next frame of a type; frames before it are dropped. */
  async next(type: number): Promise<Buffer> {
    const until = Date.now() + PATIENCE_MILLIS;
    for (;;) {
      for (let frame = this.frames.shift(); frame !== undefined; frame = this.frames.shift()) {
        if (frame.type === type) return frame.body;
      }
      assert.ok(Date.now() < until && !this.isClosed, `a frame of type ${type} comes`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async closed(): Promise<void> {
    const until = Date.now() + PATIENCE_MILLIS;
    while (!this.isClosed) {
      assert.ok(Date.now() < until, 'the switch closes');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async loggedIn(
    account: number,
    version: { readonly minor?: number; readonly capabilities?: number } = {},
  ): Promise<{ waiting: number; timeoutMillis: number; highestId: number }> {
    this.login(account, version);
    const result = await this.next(2);
    assert.equal(result.readUInt8(0), 0, 'accepted');
    assert.equal(result.readUInt8(1), 1, 'major version 1');
    assert.equal(result.readUInt16LE(4), version.capabilities ?? 1, 'the capabilities that it asked for');
    assert.equal(result.length, 16);
    const [timeoutMillis, highestId] = [result.readUInt32LE(8), result.readUInt32LE(12)];
    return { waiting: result.readUInt16LE(6), timeoutMillis, highestId };
  }

  /** An error: its code, and the id that it is about. */
  async error(): Promise<[code: number, id: number]> {
    const body = await this.next(11);
    return [body.readUInt16LE(0), body.readUInt32LE(2)];
  }

  #received(bytes: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, bytes]);
    while (this.#buffered.length >= 2) {
      const header = this.#buffered.readUInt16LE(0);
      const end = 2 + (header >> 5);
      if (this.#buffered.length < end) break;
      this.frames.push({ type: header & 31, body: this.#buffered.subarray(2, end) });
      this.#buffered = this.#buffered.subarray(end);
    }
    this.#wake();
  }

  #closed(): void {
    this.isClosed = true;
    this.#wake();
  }
}

/** Serial number and account packed into ten bytes. */
function messageFields(serial: number, account: number): Buffer {
  const fields = Buffer.alloc(10);
  const high = Math.floor(account / 2 ** 48);
  fields.writeUInt32LE((serial + high * 2 ** 30) >>> 0, 0);
  fields.writeUInt32LE(account % 2 ** 32, 4);
  fields.writeUInt16LE(Math.floor(account / 2 ** 32) % 2 ** 16, 8);
  return fields;
}

function readMessage(body: Buffer): { serial: number; account: number; text: string } {
  const word = body.readUInt32LE(0);
  const account = (word >>> 30) * 2 ** 48 + body.readUInt16LE(8) * 2 ** 32 + body.readUInt32LE(4);
  return { serial: word & (2 ** 30 - 1), account, text: body.subarray(10).toString() };
}

for (const [transport, dial] of [
  ['tcp', Phone.overTcp],
  ['ws', Phone.overWebSocket],
] as const) {
  describe(`a stranger's client over ${transport}`, () => {
    let serve: ChildProcess;
    let served: Promise<unknown>;
    let folder = '';
    let port = 0;
    const environment = { ...process.env, TRUNKLINE_SECRET: SECRET };

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'trunkline-stranger-'));
      const args = ['serve', '--listen', '127.0.0.1:0', '--transport', transport, '--json', '--quiet'];
      const times = ['--set', 'switch.heartbeatTimeout=2m'];
      serve = spawn(process.execPath, [MAIN, ...args, ...times], {
        env: environment,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      served = new Promise((resolve) => serve.once('exit', resolve));
      const line = await new Promise<string>((resolve) => serve.stdout?.once('data', (data) => resolve(String(data))));
      port = JSON.parse(line).places[0].port;
    });
    after(async () => {
      serve.kill('SIGTERM'); // if it has not ended by itself
      await served;
      rmSync(folder, { recursive: true, force: true });
    });

    const pair = async (): Promise<[Phone, Phone]> => {
      const phones: [Phone, Phone] = [await dial(port), await dial(port)];
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
        env: environment,
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
      serve.kill('SIGTERM');
      assert.deepEqual(await alice.error(), [39, 0]);
      await alice.closed();
      drive.kill('SIGINT');
      await ended;
    });
  });
}
