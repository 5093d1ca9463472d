import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type FreshRunOrder, freshRun } from './fresh-run.ts';
import { STORED_RESULT } from './stored-run.test-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-fresh-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A build that does what the name of its scenario says, instead of running one. */
const ENTRY = join(folder, 'main.mjs');
writeFileSync(
  ENTRY,
  `import { readFileSync, writeFileSync } from 'node:fs';
  const [, , , manner] = process.argv;
  const answer = () => process.stdout.write(readFileSync(${JSON.stringify(STORED_RESULT)}, 'utf8'));
  const manners = {
    answers: () => {
      writeFileSync('seen.json', JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), env: Object.keys(process.env) }));
      answer();
    },
    'passes on': () => {
      process.once('message', ({ kind }) => {
        for (const message of [null, 7, { kind: 'interval' }, { kind: 'interval', line: kind }]) process.send(message);
        process.send({ kind: 'other', line: 'x' }, () => { answer(); process.disconnect(); });
      });
    },
    refuses: () => { process.stderr.write('Expected fewer phones.'); process.exitCode = 2; },
    fails: () => { process.stderr.write('x'.repeat(9000) + ' the cause'); process.exitCode = 1; },
    'is silent': () => { process.exitCode = 3; },
    'is killed': () => process.kill(process.pid, 'SIGKILL'),
    'is cut off': () => process.stdout.write('{"schema": "trunkline.res'),
    'waits to be interrupted': () => {
      process.on('SIGINT', () => { answer(); clearInterval(timer); process.disconnect(); });
      const timer = setInterval(() => {}, 1000);
      writeFileSync('waits', '');
    },
  };
  manners[manner]();`,
);

const never = new AbortController().signal;

function run(manner: string, order: Partial<FreshRunOrder> = {}, interrupted = never) {
  return freshRun(
    { entry: ENTRY, scenario: manner, settings: [], out: 'out', workFolder: folder, ...order },
    interrupted,
  );
}

describe('a run in a process of its own', () => {
  it('is told what to run, where and how, and nothing by variables of ours', async () => {
    process.env['TRUNKLINE_OUT'] = 'elsewhere';
    try {
      const result = await run('answers', { settings: ['phones.count=5', 'switch.shards=2'] });
      assert.equal(result.id, JSON.parse(readFileSync(STORED_RESULT, 'utf8')).id);
    } finally {
      delete process.env['TRUNKLINE_OUT'];
    }
    const { args, cwd, env } = JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8'));
    const sets = ['--set', 'phones.count=5', '--set', 'switch.shards=2'];
    assert.deepEqual(args, ['run', 'answers', ...sets, '--json', '--quiet', '--out', 'out']);
    assert.match(cwd, /trunkline-fresh-/);
    assert.ok(env.includes('PATH') && !env.some((name: string) => name.startsWith('TRUNKLINE_')));
  });

  it('passes on its intervals where it is asked to, and nothing else that it sends', async () => {
    const lines: string[] = [];
    await run('passes on', { onInterval: (line) => lines.push(line) });
    assert.deepEqual(lines, ['passOnIntervals']);
  });

  const failures: [manner: string, code: string, message: RegExp][] = [
    ['refuses', 'RUN_REFUSED', /^A run of refuses was refused: Expected fewer phones\.$/],
    ['fails', 'RUN_FAILED', /^A run of fails left no result \(exit code 1\): x+ the cause$/],
    ['is silent', 'RUN_FAILED', /^A run of is silent left no result \(exit code 3\): it said nothing$/],
    ['is killed', 'RUN_FAILED', /left no result \(ended by a signal\)/],
    ['is cut off', 'RESULT_UNREADABLE', /result of is cut off: not JSON/],
  ];
  for (const [manner, code, message] of failures)
    it(`says what happened, in what it said, where it ${manner}`, async () => {
      await assert.rejects(run(manner), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.message.length < 4200, 'the last of what it said is enough');
        return true;
      });
    });

  it('is interrupted by a signal, and its result is read all the same', async () => {
    const interruption = new AbortController();
    const running = run('waits to be interrupted', {}, interruption.signal);
    const isWaiting = (): boolean => {
      try {
        readFileSync(join(folder, 'waits'));
        return true;
      } catch {
        return false;
      }
    };
    while (!isWaiting()) await new Promise((resolve) => setTimeout(resolve, 10));
    interruption.abort();
    assert.equal((await running).schema, 'trunkline.result/1');
  });
});
