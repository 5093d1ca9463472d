/**
 * Stores that do not fit or are damaged, given to `serve`, `run --store` and `store check`: one error that names the
 * file and says what to do, and nothing of the store is changed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { RunningCommand } from './support/command.test-suite.ts';

const FILLER = fileURLToPath(new URL('../../disk/filled-store.test-worker.js', import.meta.url));
const MESSAGES = 20_000;
/** More than the first file of a log. */
const FILE_BYTES = 2 ** 17;
const SERVE = ['serve', '--listen', '127.0.0.1:0', '--auth', 'none', '--shards', '2'];
/** A run of the switch that the store is made for. */
const RUN = [
  ...['run', 'smoke', '--set', 'switch.durability=fsync', '--set', 'switch.shards=2'],
  ...['--set', 'numbering=[{first: 447700000000, count: 1000000}]'],
];

let root = '';
before(() => {
  root = mkdtempSync(join(tmpdir(), 'trunkline-bad-stores-'));
  const { status, stderr } = spawnSync(process.execPath, [FILLER, join(root, 'whole'), `${MESSAGES}`, `${FILE_BYTES}`]);
  assert.equal(status, 0, `${stderr}`);
});
after(() => rmSync(root, { recursive: true, force: true }));

/** The names and checksums of all files of a store, without locks. */
function contents(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const hash = createHash('sha256').update(readFileSync(join(parentPath, name)));
      return `${join(parentPath, name)} ${hash.digest('hex')}`;
    })
    .sort();
}

/** A copy of the whole store. */
function copied(name: string): string {
  const folder = join(root, name);
  cpSync(join(root, 'whole'), folder, { recursive: true });
  return folder;
}

async function refused(args: readonly string[], says: RegExp): Promise<void> {
  const { code, stdout, stderr } = await new RunningCommand(args, root).outcome;
  assert.equal(code, 2, `${args.join(' ')}: ${stdout}${stderr}`);
  assert.match(stderr, says, args.join(' '));
  assert.doesNotMatch(stderr, /\n {4}at /, 'no stack');
}

function edit(file: string, change: (bytes: Buffer) => Buffer): void {
  writeFileSync(file, change(readFileSync(file)));
}

function logFile(folder: string, shard: number, n: number): string {
  const path = join(folder, `shard-00${shard}`);
  const name = readdirSync(path).sort().at(n) ?? assert.fail(`shard ${shard} has a file ${n}`);
  return join(path, name);
}

/**
 * A run reads logs after its calibration, which takes seconds, and does so as `serve` does: these damages are tried
 * with it.
 */
const WITH_RUN = 4;
/** What is wrong, what makes it so, and what is said. */
const DAMAGES: readonly (readonly [what: string, damage: (folder: string) => void, says: RegExp])[] = [
  [
    'whose manifest is cut short',
    (folder) => edit(join(folder, 'store.json'), (bytes) => bytes.subarray(0, bytes.length >> 1)),
    /STORE_DAMAGED: Expected .*store\.json to describe the store.*Restore the folder from a copy/s,
  ],
  [
    'of another version',
    (folder) =>
      edit(join(folder, 'store.json'), (bytes) => Buffer.from(`${bytes}`.replace(/"format":\d+/, '"format":99'))),
    /STORE_VERSION: .*store\.json: expected a store in format \d+, found format 99.*Start the version of trunkline that wrote it/s,
  ],
  [
    'with a folder of a log missing',
    (folder) => rmSync(join(folder, 'shard-001'), { recursive: true }),
    /STORE_DAMAGED: Expected the log of shard 1 .*shard-001, found no such folder.*Restore it from a copy/s,
  ],
  [
    'with a byte of a log changed',
    (folder) =>
      edit(logFile(folder, 0, 0), (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
        return bytes;
      }),
    /STORE_DAMAGED: .*shard-000\/0000000001\.log at byte \d+.*Restore the folder from a copy/s,
  ],
  [
    'with an older file of a log cut short',
    (folder) => truncateSync(logFile(folder, 1, 0), statSync(logFile(folder, 1, 0)).size >> 1),
    /STORE_DAMAGED: .*shard-001\/0000000001\.log at byte \d+/s,
  ],
  [
    'with an older file of a log missing',
    (folder) => rmSync(logFile(folder, 1, 1)),
    /STORE_DAMAGED: .*frames \d+ to \d+ before it, which are in no file in .*shard-001\/\d+\.log/s,
  ],
  [
    'with a log in another format',
    (folder) => edit(logFile(folder, 0, 0), withFormat99),
    /STORE_VERSION: .*shard-000\/0000000001\.log in format \d+, found format 99/s,
  ],
  [
    'with a log of another shard',
    (folder) => cpSync(logFile(folder, 1, 0), logFile(folder, 0, 0)),
    /STORE_FOREIGN: .*shard-000\/0000000001\.log to belong to shard 0 of this store, found file 1 of shard 1/s,
  ],
];

/** A file header with another version, and the right checksum. */
function withFormat99(bytes: Buffer): Buffer {
  bytes.writeUInt16LE(99, 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28), 0), 28);
  return bytes;
}

describe('a store', () => {
  for (const [n, [what, damage, says]] of DAMAGES.entries()) {
    const runs = n < WITH_RUN ? [RUN] : [];
    it(`${what} is refused, and stays as it is`, async () => {
      const folder = copied(`damaged-${n}`);
      damage(folder);
      const before = contents(folder);
      for (const command of [SERVE, ...runs]) await refused([...command, '--store', folder], says);
      await refused(['store', 'check', folder], says);
      assert.deepEqual(contents(folder), before);
    });
  }

  it('with other words for the ids in use is refused by the check, as by a run', async () => {
    const folder = copied('ids');
    writeFileSync(join(folder, 'ids-used'), 'none\n');
    const says = /STORE_DAMAGED: Expected .*ids-used to have an id from 0 to \d+, found something else.*Remove it/s;
    for (const command of [
      [...RUN, '--store', folder],
      ['store', 'check', folder],
    ])
      await refused(command, says);
  });

  it('without the files of a log is not called undamaged without a word about it', async () => {
    const folder = copied('emptied');
    const path = join(folder, 'shard-001');
    for (const name of readdirSync(path)) rmSync(join(path, name));
    const { stdout } = await new RunningCommand(['store', 'check', folder], root).outcome;
    assert.match(stdout, /no records of shard 1: nothing was stored there, or its files were removed/);
    const whole = await new RunningCommand(['store', 'check', join(root, 'whole')], root).outcome;
    assert.doesNotMatch(whole.stdout, /no records/);
  });

  it('of other numbers or another number of shards is refused by serve and run', async () => {
    const folder = copied('other');
    const before = contents(folder);
    const numbers = /STORE_MISMATCH: .*store\.json: expected the numbering plan .*, found .*Start with the numbers/s;
    await refused([...SERVE, '--numbers', '4477+100', '--store', folder], numbers);
    await refused(
      ['run', 'smoke', '--set', 'switch.durability=fsync', '--set', 'switch.shards=2', '--store', folder],
      numbers,
    );
    const shards =
      /STORE_MISMATCH: .*store\.json: expected a store of 3 shards, found one of 2\. Start with --set switch\.shards=2/;
    await refused([...SERVE.slice(0, -1), '3', '--store', folder], shards);
    await refused([...RUN, '--set', 'switch.shards=3', '--store', folder], shards);
    assert.deepEqual(contents(folder), before);
  });

  it('that a switch has open is refused by all others until it ends', async () => {
    const folder = copied('open');
    const first = new RunningCommand([...SERVE, '--store', folder], root);
    await first.says(/Listening on/);
    const says = new RegExp(`STORE_LOCKED: .*: process ${first.child.pid} has this store open\\. End it first`);
    for (const args of [
      [...SERVE, '--store', folder],
      [...RUN, '--store', folder],
      ['store', 'check', folder],
    ])
      await refused(args, says);
    first.child.kill('SIGKILL');
    await first.outcome;
    const { code, stdout } = await new RunningCommand(['store', 'check', folder], root).outcome;
    assert.equal(code, 0);
    assert.match(stdout, /waiting: 20,000 messages/);
  });

  it('that may only be read is refused with its folder', async (test) => {
    const folder = join(root, 'read-only');
    mkdirSync(folder);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'none', folder]);
    if (mounted.status !== 0) {
      test.skip('only root may mount a file system here');
      return;
    }
    try {
      cpSync(join(root, 'whole'), folder, { recursive: true });
      const before = contents(folder);
      assert.equal(spawnSync('mount', ['-o', 'remount,ro', folder]).status, 0);
      const says =
        /STORE_UNWRITABLE: Expected to lock the store in .*read-only, but EROFS.*Give it a folder that can be written/s;
      for (const args of [
        [...SERVE, '--store', folder],
        [...RUN, '--store', folder],
        ['store', 'check', folder],
      ])
        await refused(args, says);
      assert.deepEqual(contents(folder), before);
    } finally {
      spawnSync('umount', [folder]);
    }
  });

  it('on a disk without room is refused with what it needs, and stays as it is', async (test) => {
    const folder = join(root, 'full');
    mkdirSync(folder);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', folder]);
    if (mounted.status !== 0) {
      test.skip('only root may mount a small file system here');
      return;
    }
    try {
      cpSync(join(root, 'whole'), folder, { recursive: true });
      const large = ['--set', 'switch.store.resident=0B', '--set', 'switch.mailbox.blocks=1M'];
      const before = contents(folder);
      await refused(
        [...SERVE, '--store', folder, ...large],
        /STORE_UNWRITABLE: .*Expected room for .* of mailboxes in .*full.*found none/s,
      );
      await refused([...RUN, '--store', folder], /STORE_NO_SPACE: .*disk for the store: needs .*full allows/s);
      assert.deepEqual(contents(folder), before);
    } finally {
      spawnSync('umount', [folder]);
    }
  });
});
