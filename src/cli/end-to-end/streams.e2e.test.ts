/** `--stream` as a user has it: what is passed on while a run goes on is what its result says afterwards. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { parseResult } from '../../result/parse-result.ts';
import { publishedValidator, readPublishedSchema } from '../../result/published-schema.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const { path, start, trunkline } = commandFolder();
/** A busy machine makes a measurement late (1) or invalid (3), which is not what is tested here. */
const ENDS = [0, 1, 3];

const linesOf = (name: string): string[] => readFileSync(path(name), 'utf8').trimEnd().split('\n');

function resultOf(stdout: string): Result {
  return parseResult(stdout, 'stdout');
}

describe('trunkline run --stream', () => {
  it('passes on the intervals of the result, while it runs and to each destination', async () => {
    const streams = ['csv=a.csv', 'jsonl=a.jsonl', 'prometheus=0'].flatMap((stream) => ['--stream', stream]);
    const run = start(['run', './tiny.yaml', '--json', '--set', 'phases.measure=2s', ...streams]);
    const [, url = ''] = await run.says(/--stream prometheus=0: metrics are at (http:\/\/127\.0\.0\.1:\d+\/metrics)/);
    await run.says(/\nmeasure/);
    const text = await (await fetch(url)).text();
    assert.match(text, /^trunkline_connections \d+$/m);
    assert.match(
      text,
      /^trunkline_run_info\{run="[^"]+-tiny-[^"]+",scenario="tiny",transport="memory",simulated="true",side="",number="",of=""\} 1$/m,
    );
    const { code, stdout, stderr } = await run.outcome;
    assert.ok(ENDS.includes(code ?? -1), stderr);
    const { id, series } = resultOf(stdout);
    const complaints = publishedValidator(readPublishedSchema('interval'));
    const read = linesOf('a.jsonl').map((line) => JSON.parse(line));
    assert.deepEqual(read.flatMap(complaints), []);
    assert.deepEqual(
      read.map((line) => [line.run, line.atSeconds, line.phase, line.held, line.messagesPerSecond]),
      series.atSeconds.map((at, n) => [id, at, series.phase[n], series.held[n], series.messagesPerSecond[n]]),
    );
    const [header = '', ...rows] = linesOf('a.csv');
    const place = header.split(',').indexOf('atSeconds');
    assert.deepEqual(
      rows.map((row) => Number(row.split(',')[place])),
      series.atSeconds,
    );
    await assert.rejects(fetch(url), 'its port is free again');
  });

  it('is unharmed by a full disk and by readers that never read, says so and counts', {
    skip: !existsSync('/dev/full'),
  }, async () => {
    execFileSync('mkfifo', [path('pipe')]);
    // The pipe is open for reading, nobody reads, and it is nearly full.
    const hold = `exec 3<>pipe; head -c 65000 /dev/zero >&3; sleep 300 <&3 >/dev/null 2>&1 & echo $!`;
    const idle = execFileSync('bash', ['-c', hold], { cwd: path('.') });
    try {
      const streams = ['jsonl=/dev/full', 'jsonl=pipe', 'prometheus=0'].flatMap((stream) => ['--stream', stream]);
      // Longer than the queue, which takes 100 lines.
      const run = start(['run', './tiny.yaml', '--json', '--set', 'phases.measure=6s', ...streams]);
      const [, port = ''] = await run.says(/metrics are at http:\/\/127\.0\.0\.1:(\d+)/);
      const greedy = connect(Number(port), '127.0.0.1').on('error', () => {});
      greedy.pause().write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(500));
      const { code, stdout, stderr } = await run.outcome;
      greedy.destroy();
      assert.ok(ENDS.includes(code ?? -1), stderr);
      const { series, validity } = resultOf(stdout);
      assert.equal(validity.ended, 'complete');
      assert.equal(stderr.match(/jsonl=\/dev\/full: ENOSPC/g)?.length, 1, 'once');
      assert.match(stderr, new RegExp(`jsonl=/dev/full: ${series.atSeconds.length} intervals were dropped`));
      assert.match(stderr, /jsonl=pipe: \d+ intervals were dropped/);
    } finally {
      process.kill(Number(idle.toString()));
    }
  });

  it('passes on all runs of a command, one after another', async () => {
    writeFileSync(path('second.yaml'), readFileSync(path('tiny.yaml'), 'utf8').replace('name: tiny', 'name: second'));
    const { code, stdout, stderr } = await trunkline([
      ...['run', './tiny.yaml', './second.yaml', '--json', '--quiet', '--stream', 'jsonl=both.jsonl'],
    ]);
    assert.ok(ENDS.includes(code ?? -1), stderr);
    const runs = (JSON.parse(stdout) as Result[]).map(({ id, scenario, series }) => [
      id,
      scenario.name,
      series.atSeconds.length,
    ]);
    const read = linesOf('both.jsonl').map((line) => JSON.parse(line));
    const counted = ['tiny', 'second'].map((name) => {
      const own = read.filter(({ scenario }) => scenario === name);
      return [own[0]?.run, name, own.length];
    });
    assert.deepEqual(counted, runs);
    assert.equal(stderr, '');
  });
});
