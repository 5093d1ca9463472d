/** A log on real files: a process that is killed in the middle of its work, a full file system, and damaged files. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { TrunklineError } from '../base/errors.ts';
import { DRAFT } from '../store/durable/log-disk.ts';
import { FORMAT_VERSION, HeaderBlock, LOG_HEADER_BYTES } from '../store/durable/log-frames.ts';
import { readLog } from '../store/durable/read-log.ts';
import { FileDisk } from './file-disk.ts';
import { FileLog, IDENTITY } from './file-log.test-suite.ts';

const root = mkdtempSync(join(tmpdir(), 'trunkline-disk-'));
after(() => rmSync(root, { recursive: true, force: true }));
const folder = (): string => mkdtempSync(join(root, 'log-'));

/** The sequence numbers that the log of a folder has for account 0. */
function kept(path: string): number[] {
  const found: number[] = [];
  const disk = new FileDisk(path);
  readLog(disk, IDENTITY, crc32, {
    appended: ({ sequence }) => found.push(sequence),
    removed: () => {},
    noted: () => {},
  });
  disk.close();
  return found;
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error.code;
  }
  return 'none';
}

describe('the files of a log', () => {
  it('go on where they ended, when they are opened again', () => {
    const path = folder();
    for (const first of [1, 4, 7]) {
      const log = new FileLog(path);
      for (let sequence = first; sequence < first + 3; sequence++) log.append(sequence, 64);
      log.writeAll();
      log.close();
    }
    assert.deepEqual(kept(path), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('have every record that a killed process had completed', async () => {
    const path = folder();
    const child = spawn(process.execPath, [fileURLToPath(new URL('file-log.test-worker.js', import.meta.url)), path]);
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text;
    });
    while (said.length < 200) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const completed = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
    assert.ok(completed > 0, said);
    const found = kept(path);
    assert.deepEqual(
      found,
      Array.from({ length: found.length }, (_, n) => n + 1),
    );
    assert.ok(found.length >= completed, `${completed} were complete, ${found.length} are there`);
  });

  it('lose what was cut off from the last frame, and nothing before it', () => {
    const path = folder();
    const log = new FileLog(path);
    for (let sequence = 1; sequence <= 5; sequence++) {
      log.append(sequence, 64);
      log.writeAll();
    }
    log.close();
    const file = join(path, readdirSync(path)[0] ?? '');
    const bytes = readFileSync(file);
    for (const cut of [1, 50, 100]) {
      writeFileSync(file, bytes.subarray(0, bytes.length - cut));
      assert.deepEqual(kept(path), [1, 2, 3, 4]);
    }
    writeFileSync(file, bytes);
    appendFileSync(file, Buffer.alloc(1000));
    assert.deepEqual(kept(path), [1, 2, 3, 4, 5], 'zeros behind the end');
  });

  it('are refused if a byte of a complete frame has changed, wherever it is, and stay as they are', () => {
    const path = folder();
    const log = new FileLog(path);
    for (let sequence = 1; sequence <= 40; sequence++) {
      log.append(sequence, 64);
      log.writeAll();
    }
    log.close();
    const names = readdirSync(path).sort();
    assert.ok(names.length > 2, 'several files');
    const first = join(path, names[0] ?? '');
    const bytes = readFileSync(first);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 16;
      writeFileSync(first, changed);
      assert.equal(
        codeOf(() => kept(path)),
        'STORE_DAMAGED',
        `byte ${at}`,
      );
      assert.equal(
        codeOf(() => new FileLog(path)),
        'STORE_DAMAGED',
      );
      assert.deepEqual(readFileSync(first), changed);
    }
    writeFileSync(first, bytes.subarray(0, bytes.length - LOG_HEADER_BYTES));
    assert.equal(
      codeOf(() => kept(path)),
      'STORE_DAMAGED',
      'cut short',
    );
    writeFileSync(first, bytes);
    rmSync(join(path, names[1] ?? ''));
    assert.equal(
      codeOf(() => kept(path)),
      'STORE_DAMAGED',
      'a file is missing',
    );
  });

  it('are refused if they are of another shard, another store, or another version', () => {
    for (const [change, code] of [
      [{ shard: 1 }, 'STORE_FOREIGN'],
      [{ identity: 2 }, 'STORE_FOREIGN'],
      [{ file: 9 }, 'STORE_FOREIGN'],
      [{ version: FORMAT_VERSION + 1 }, 'STORE_VERSION'],
    ] as const) {
      const path = folder();
      const disk = new FileDisk(path);
      const header = new HeaderBlock(crc32);
      header.writeFile({ version: FORMAT_VERSION, isRewritten: false, ...IDENTITY, file: 1, firstFrame: 0, ...change });
      disk.create(1);
      disk.append(1, header.bytes, 0, LOG_HEADER_BYTES);
      disk.close();
      assert.equal(
        codeOf(() => kept(path)),
        code,
        JSON.stringify(change),
      );
    }
  });

  it('say which folder could not be used, and why', {
    skip: process.getuid?.() === 0 ? 'root may write anywhere' : false,
  }, () => {
    const path = folder();
    chmodSync(path, 0o500);
    assert.equal(
      codeOf(() => new FileDisk(path).create(1)),
      'STORE_FAILED',
    );
  });

  it('are replaced by a draft at once, and read through a new descriptor', () => {
    const path = folder();
    const disk = new FileDisk(path);
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    disk.create(1);
    disk.append(1, bytes('old'), 0, 3);
    disk.create(DRAFT);
    disk.append(DRAFT, bytes('newer'), 0, 5);
    disk.beginSync(DRAFT);
    disk.replace(1);
    disk.append(1, bytes('!'), 0, 1);
    const into = new Uint8Array(10);
    assert.equal(disk.read(1, 0, into, 2, 10), 6);
    assert.equal(Buffer.from(into.subarray(2, 8)).toString(), 'newer!');
    assert.deepEqual(disk.files(), [{ number: 1, bytes: 6 }]);
    disk.close();
  });
});
