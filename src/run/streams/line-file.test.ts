import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { eventually } from '../sides/small-run.test-suite.ts';
import { LineFile, WAITING_LINES_MAX } from './line-file.ts';

async function folderOf(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A pipe with a name, and its end for reading, which does not wait for a writer. */
async function pipe(
  test: TestContext,
): Promise<{ path: string; read: () => Promise<string>; leave: () => Promise<void> }> {
  const path = join(await folderOf(test), 'pipe');
  execFileSync('mkfifo', [path]);
  const end = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(2 ** 20);
  const read = async (): Promise<string> => {
    const { bytesRead } = await end.read(buffer, 0, buffer.length, null);
    return buffer.toString('utf8', 0, bytesRead);
  };
  return { path, read, leave: () => end.close() };
}

const lines = (count: number, length = 10): string[] =>
  Array.from({ length: count }, (_, n) => String(n).padStart(length, '.'));

describe('a file of lines', () => {
  it('has the lines in order, and nothing of what it contained before', async (test) => {
    const path = join(await folderOf(test), 'lines');
    await writeFile(path, 'old content that is longer than all that follows'.repeat(50));
    const faults: string[] = [];
    const file = await LineFile.open(path, 'x', (cause) => faults.push(cause));
    for (const line of lines(50)) file.add(line);
    await file.close();
    assert.equal(await readFile(path, 'utf8'), `${lines(50).join('\n')}\n`);
    assert.deepEqual([file.dropped, faults], [0, []]);
  });

  it('is refused by name where it cannot be written', async (test) => {
    const folder = await folderOf(test);
    for (const [path, says] of [
      [join(folder, 'no', 'such'), /^--stream csv=y: expected a file that can be written: ENOENT/],
      [folder, /EISDIR/],
    ] as const) {
      await assert.rejects(
        LineFile.open(path, '--stream csv=y', () => {}),
        (error: Error & { code: string }) => error.code === 'OUTPUT_UNWRITABLE' && says.test(error.message),
      );
    }
  });

  it('on a full disk says so, and counts what is lost', { skip: !existsSync('/dev/full') }, async () => {
    const faults: string[] = [];
    const file = await LineFile.open('/dev/full', 'x', (cause) => faults.push(cause));
    for (const line of lines(WAITING_LINES_MAX + 20)) file.add(line);
    assert.equal(file.dropped, 20, 'the rest waits for room');
    await file.close();
    assert.equal(file.dropped, WAITING_LINES_MAX + 20);
    assert.match(faults[0] ?? '', /ENOSPC/);
  });
});

describe('a pipe of lines', { skip: process.platform === 'win32' }, () => {
  it('without a reader is refused, instead of waiting for one', async (test) => {
    const { path, leave } = await pipe(test);
    await leave();
    await assert.rejects(
      LineFile.open(path, '--stream jsonl=p', () => {}),
      { code: 'OUTPUT_UNWRITABLE', message: /^--stream jsonl=p: expected .* found no reader/ },
    );
  });

  it('whose reader is slow keeps whole lines in order, and loses only what does not fit', async (test) => {
    const { path, read, leave } = await pipe(test);
    test.after(leave);
    const faults: string[] = [];
    const file = await LineFile.open(path, 'x', (cause) => faults.push(cause));
    const sent = lines(300, 3000); // a pipe takes 64 KiB
    let text = '';
    for (const line of sent) {
      file.add(line);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => {
      file.add('more'); // a write is tried with each line
      return faults.includes('its reader does not read');
    });
    assert.ok(file.dropped > 0);
    while (!text.includes('next\n')) {
      text += await read().catch(() => ''); // EAGAIN: nothing yet
      file.add('next');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await file.close();
    text += await read().catch(() => '');
    const got = text.split('\n').filter((line) => line.length === 3000);
    assert.ok(got.length > 20 && got.length < 300, `${got.length} lines`);
    // On a busy machine lines are written late, so that some are dropped before the pipe is full.
    const kept = new Set(got);
    assert.deepEqual(
      got,
      sent.filter((line) => kept.has(line)),
    );
    assert.match(text, /^(?:\.*\d+\n)+(?:more\n)*(?:next\n)+$/);
  });

  it('whose reader has left does not end this process', async (test) => {
    const { path, leave } = await pipe(test);
    const faults: string[] = [];
    const file = await LineFile.open(path, 'x', (cause) => faults.push(cause));
    await leave();
    file.add('a');
    await file.close();
    assert.equal(file.dropped, 1);
    assert.match(faults[0] ?? '', /EPIPE/);
  });
});
