import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { freePort } from '../../measure/free-port.test-suite.ts';
import type { RunListener } from '../phases/run-listener.ts';
import { EVENTS, KNOWN, RUN } from './made-stream.test-suite.ts';
import { RunStreams } from './run-streams.ts';

async function folderOf(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A view that keeps what it is told. */
function view(): { told: string[]; listener: RunListener } {
  const told: string[] = [];
  const listener = {
    phase: (name: string) => void told.push(`phase ${name}`),
    reading: () => void told.push('reading'),
    calibrated: () => void told.push('calibrated'),
    interval: () => void told.push('interval'),
    event: ({ name }: { name: string }) => void told.push(`event ${name}`),
  };
  return { told, listener };
}

describe('the streams of a command', () => {
  it('pass on intervals of several runs, with the events of each, and leave the view as it is', async (test) => {
    const path = join(await folderOf(test), 'x.jsonl');
    const streams = await RunStreams.open([{ kind: 'jsonl', path, option: 'x' }], assert.fail);
    const { told, listener } = view();
    for (const id of ['first', 'second']) {
      const both = streams.listenTo({ ...RUN, id }, listener);
      both.phase('ramp', '');
      for (const event of EVENTS) both.event(event);
      both.interval({ ...KNOWN, messagesPerSecond: 100 / 3 });
      both.interval(KNOWN);
      both.event({ atSeconds: 0, name: 'paused', detail: 'after the last interval' });
    }
    await streams.close();
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const read = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      read.map(({ run, events, messagesPerSecond }) => [run, events.length, messagesPerSecond]),
      [
        ['first', 2, 33.3],
        ['first', 0, 200.1],
        ['second', 2, 33.3],
        ['second', 0, 200.1],
      ],
    );
    const once = ['phase ramp', 'event phase', 'event failed', 'interval', 'interval', 'event paused'];
    assert.deepEqual(told, [...once, ...once]);
  });

  it('report a fault once, go on with the others, and say at the end what was lost', {
    skip: !existsSync('/dev/full'),
  }, async (test) => {
    const path = join(await folderOf(test), 'x.csv');
    const said: string[] = [];
    const streams = await RunStreams.open(
      [
        { kind: 'csv', path, option: '--stream csv=x' },
        { kind: 'jsonl', path: '/dev/full', option: '--stream jsonl=/dev/full' },
      ],
      (text) => said.push(text),
    );
    const both = streams.listenTo(RUN, view().listener);
    for (let n = 0; n < 5; n++) {
      both.interval(KNOWN);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await streams.close();
    await streams.close();
    assert.equal(said.length, 2, said.join('\n'));
    assert.match(said[0] ?? '', /^--stream jsonl=\/dev\/full: ENOSPC.*\. Nothing else is affected; /);
    assert.match(said[1] ?? '', /^--stream jsonl=\/dev\/full: 5 intervals were dropped/);
    assert.equal((await readFile(path, 'utf8')).trimEnd().split('\n').length, 6, 'a header and five intervals');
  });

  it('are all closed if one cannot be opened', async () => {
    const port = await freePort();
    const orders = [
      { kind: 'prometheus', host: '127.0.0.1', port, option: 'a' },
      { kind: 'csv', path: '/no/such/folder/x', option: 'b' },
    ] as const;
    const said: string[] = [];
    await assert.rejects(
      RunStreams.open(orders, (text) => said.push(text)),
      { code: 'OUTPUT_UNWRITABLE' },
    );
    assert.deepEqual(said, [`a: metrics are at http://127.0.0.1:${port}/metrics`]);
    const again = createServer();
    await new Promise<void>((resolve, reject) => again.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => again.close(resolve));
  });
});
