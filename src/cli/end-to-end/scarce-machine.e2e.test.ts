/**
 * A switch with a store on a machine that runs out of something: its file system is full, or it has no descriptor left.
 * Senders are told, phones that are online stay, and when there is room again everything goes on; a kill afterwards
 * loses nothing that had a ✓.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { eventually, pause } from '../../measure/leftovers.test-suite.ts';
import { ErrorFrameCode } from '../../wire/frames.ts';
import { RunningCommand } from './support/command.test-suite.ts';
import { RecordingPhone } from './support/recording-phone.test-suite.ts';

/** Accounts of the phones: two who are online, one who comes back after the kill, and the first of a crowd. */
const [ALICE, BOB, CAROL, CROWD] = [0, 1, 2, 3] as const;
/** Descriptors that are left, and phones that connect then. */
const DESCRIPTORS_LEFT = 8;
const NEWCOMERS = 40;
const PAUSE_MILLIS = 10;
/** Messages that wait for an answer before another one is written. */
const UNANSWERED_MAX = 16;

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-scarce-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A switch, and two phones on it that are online. */
class Site {
  readonly alice: RecordingPhone;
  readonly bob: RecordingPhone;
  readonly #port: number;
  readonly #store: string;
  #command: RunningCommand;
  #sent = 0;

  private constructor(port: number, store: string, command: RunningCommand, phones: readonly RecordingPhone[]) {
    this.#port = port;
    this.#store = store;
    this.#command = command;
    [this.alice, this.bob] = phones as [RecordingPhone, RecordingPhone];
  }

  static async open(store: string, ...settings: string[]): Promise<Site> {
    const port = await freePort();
    const command = await Site.#serve(port, store, settings);
    const phones = [await logIn(port, ALICE), await logIn(port, BOB)];
    return new Site(port, store, command, phones);
  }

  static async #serve(port: number, store: string, settings: readonly string[]): Promise<RunningCommand> {
    const fixed = ['--listen', `127.0.0.1:${port}`, '--auth', 'none', '--shards', '1', '--numbers', '447700000000+1k'];
    const sets = settings.flatMap((setting) => ['--set', setting]);
    const command = new RunningCommand(['serve', ...fixed, '--store', store, ...sets], folder);
    await command.says(/Listening on/);
    return command;
  }

  /** The descriptors of the thread of the switch that has most: threads may have tables of their own. */
  mostDescriptors(): number {
    const threads = `/proc/${this.#command.child.pid}/task`;
    return Math.max(...readdirSync(threads).map((thread) => readdirSync(join(threads, thread, 'fd')).length));
  }

  /** From now on the switch gets no descriptor from this one on. @returns the limit before. */
  limitDescriptors(limit: number): number {
    const process = `--pid=${this.#command.child.pid}`;
    const show = spawnSync('prlimit', [process, '--nofile', '--raw', '--noheadings', '--output=SOFT'], {
      encoding: 'utf8',
    });
    const { status, stderr } = spawnSync('prlimit', [process, `--nofile=${limit}:`], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return Number(show.stdout);
  }

  connect(account: number): Promise<RecordingPhone> {
    return RecordingPhone.connect(this.#port, account);
  }

  /**
   * Alice writes a message to Bob and one to Carol, who is away, again and again, until something holds. She waits for
   * answers on the way: a switch that is held up would get so many messages that it refuses some for other reasons.
   */
  async writeUntil(holds: () => boolean, what: string): Promise<void> {
    await eventually(
      () => {
        if (holds()) return true;
        if (this.alice.unanswered >= UNANSWERED_MAX) return false;
        this.#sent++;
        for (const [to, name] of [
          [BOB, 'Bob'],
          [CAROL, 'Carol'],
        ] as const)
          this.alice.send(to, `${this.#sent} to ${name} ${'.'.repeat(500)}`);
        return false;
      },
      () => `${what}: ${this.alice.acknowledged.length} acknowledged, ${this.alice.refused.length} refused`,
    );
  }

  /** The phones that are online are still there, and heard. */
  async areOnline(): Promise<void> {
    for (const phone of [this.alice, this.bob]) {
      const { pongs } = phone;
      phone.ping();
      await eventually(
        () => phone.pongs > pongs,
        () => `no answer to a ping; closed: ${phone.isClosed}`,
      );
    }
  }

  /** Kills the switch, and starts it again on its store: Carol comes back, and has all that was acknowledged. */
  async losesNothing(): Promise<void> {
    await eventually(
      () => this.alice.unanswered === 0,
      () => `${this.alice.unanswered} messages have no answer`,
    );
    const { acknowledged, refused } = this.alice;
    const his = acknowledged.filter((text) => text.includes('Bob'));
    await eventually(
      () => this.bob.shown.length >= his.length,
      () => `Bob has ${this.bob.shown.length} of ${his.length}`,
    );
    this.#command.child.kill('SIGKILL');
    await this.#command.outcome;
    this.#command = await Site.#serve(this.#port, this.#store, []);
    const carol = await logIn(this.#port, CAROL);
    const hers = acknowledged.filter((text) => text.includes('Carol'));
    await eventually(
      () => carol.shown.length >= hers.length,
      () => `Carol has ${carol.shown.length} of ${hers.length}`,
    );
    await pause(PAUSE_MILLIS);
    assert.deepEqual(carol.shown, hers, 'each once, in order, and none that was refused');
    const codes = new Set(refused.map(({ code }) => code));
    codes.delete(ErrorFrameCode.STORE_FULL);
    assert.deepEqual([...codes], [], 'nothing is refused for another reason');
    assert.deepEqual(this.bob.shown, his);
    carol.hangUp();
  }

  async close(): Promise<void> {
    for (const phone of [this.alice, this.bob]) phone.hangUp();
    this.#command.child.kill('SIGKILL');
    await this.#command.outcome;
  }
}

async function logIn(port: number, account: number): Promise<RecordingPhone> {
  const phone = await RecordingPhone.connect(port, account);
  await eventually(
    () => phone.isOnline,
    () => `the login of phone ${account} is not accepted; closed: ${phone.isClosed}`,
  );
  return phone;
}

/** Writes a file until the file system is full. */
function fill(path: string): void {
  const descriptor = openSync(path, 'w');
  const block = new Uint8Array(4096);
  try {
    for (;;) writeSync(descriptor, block);
  } catch {
    closeSync(descriptor);
  }
}

describe('a switch with a store', () => {
  it('on a full file system tells senders, keeps who is online, and goes on when there is room', async (t) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'none', disk]).status !== 0) {
      t.skip('only root may mount a small file system here');
      return;
    }
    const site = await Site.open(join(disk, 'mail'));
    try {
      await site.writeUntil(() => site.alice.acknowledged.length > 20, 'nothing is stored');
      fill(join(disk, 'filler'));
      await site.writeUntil(() => site.alice.refused.length > 0, 'nobody is told that the disk is full');
      await site.areOnline();
      const dave = await site.connect(CROWD);
      await eventually(
        () => dave.isOnline,
        () => 'nobody can log in',
      );
      dave.hangUp();
      rmSync(join(disk, 'filler'));
      const { length } = site.alice.acknowledged;
      await site.writeUntil(() => site.alice.acknowledged.length > length + 20, 'it does not go on');
      await site.losesNothing();
    } finally {
      await site.close();
      spawnSync('umount', [disk]);
    }
  });

  it('without a descriptor left turns newcomers away, keeps who is online, and goes on when there is one', async () => {
    const site = await Site.open('mail', 'switch.store.file=64KiB', 'sockets.hold=descriptors');
    try {
      await site.writeUntil(() => site.alice.acknowledged.length > 20, 'nothing is stored');
      const limit = site.limitDescriptors(site.mostDescriptors() + DESCRIPTORS_LEFT);
      const crowd = await Promise.all(Array.from({ length: NEWCOMERS }, (_, n) => site.connect(CROWD + n)));
      await eventually(
        () => crowd.every(({ isOnline, isClosed }) => isOnline || isClosed),
        () => 'some newcomers are neither accepted nor turned away',
      );
      const accepted = crowd.filter(({ isClosed }) => !isClosed).length;
      assert.ok(accepted > 0 && accepted < NEWCOMERS, `${accepted} of ${NEWCOMERS} were accepted`);
      // The log needs new files for so much, and may have to refuse for want of a descriptor.
      const answers = (): number => site.alice.acknowledged.length + site.alice.refused.length;
      const before = answers();
      await site.writeUntil(() => answers() > before + 200, 'messages are not answered');
      await site.areOnline();
      site.limitDescriptors(limit);
      const { length } = site.alice.acknowledged;
      await site.writeUntil(() => site.alice.acknowledged.length > length + 20, 'it does not go on');
      const late = await site.connect(CROWD + NEWCOMERS);
      await eventually(
        () => late.isOnline,
        () => 'nobody can log in any more',
      );
      for (const phone of [...crowd, late]) phone.hangUp();
      await site.losesNothing();
    } finally {
      await site.close();
    }
  });
});
