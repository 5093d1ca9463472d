/** Runs over sockets one of whose processes is killed while they measure: what is said, what is left. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { checkLeftovers, isListening } from '../../measure/leftovers.test-suite.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { TrunklineProcess } from './support/trunkline-process.test-suite.ts';

const FAULT = new URL('./support/fault.test-worker.js', import.meta.url).href;
const SHARDS = 2;
/** Few phones, little to do, and a long time to be killed in. */
const SETTINGS = [
  'phones.count=400',
  'traffic.rate=400',
  'login.rate=4k',
  `switch.shards=${SHARDS}`,
  'driver.lanes=1',
  'switch.mailbox.blocks=4k',
  'phases.calibrate=false',
  'phases.settle=0',
  'phases.measure=10m',
  'phases.drain=60s',
];

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function start(
  transport: string,
  out: string,
  port: number,
  environment: Record<string, string> = {},
): TrunklineProcess {
  const sets = [...SETTINGS, `sockets.port=${port}`].flatMap((setting) => ['--set', setting]);
  return new TrunklineProcess(['run', 'smoke', '--transport', transport, '--out', out, ...sets], {
    folder,
    environment,
  });
}

function storedResult(out: string): Result {
  const [run] = readdirSync(join(folder, out));
  assert.ok(run !== undefined, 'a result is kept');
  const path = join(folder, out, run, 'result.json');
  return parseResult(readFileSync(path, 'utf8'), path);
}

async function nobodyListens(port: number): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard++) assert.equal(await isListening(port + shard), false);
}

/** The run has ended by itself, said why, and kept what it had as invalid. */
function endedFor(run: TrunklineProcess, code: number | null, out: string, cause: RegExp): void {
  assert.equal(code, 3, run.stderr);
  assert.match(run.stdout, cause);
  const { validity, connections } = storedResult(out);
  assert.equal(validity.isValid, false);
  assert.equal(validity.ended, 'failed');
  assert.match(validity.failure ?? '', cause);
  assert.equal(connections.peak, connections.wanted, 'what was measured until then is there');
}

const whyNotTcp = whyNoSystemCalls();

for (const transport of ['tcp', 'node-tcp', 'ws']) {
  const skip = transport === 'tcp' && whyNotTcp !== null ? whyNotTcp : process.platform !== 'linux';
  describe(`a run over ${transport}`, { skip }, () => {
    checkLeftovers();

    for (const side of ['switch', 'driver'] as const) {
      it(`ends and says so when the process of the ${side} is killed`, async () => {
        const out = `${transport}-${side}`;
        const port = await freePort();
        const run = start(transport, out, port);
        await run.phase('measure');
        assert.equal(await isListening(port), true);
        process.kill(run.side(side), 'SIGKILL');
        endedFor(run, await run.exited, out, new RegExp(`The process of the ${side} ended unexpectedly \\(SIGKILL\\)`));
        await nobodyListens(port);
      });
    }

    // What follows concerns processes and threads, whatever the transport is.
    if (transport !== 'tcp') return;

    it('ends and says so when a worker dies', async () => {
      const out = `${transport}-worker`;
      const port = await freePort();
      const fault = join(folder, `${out}-fault`);
      const environment = { NODE_OPTIONS: `--import ${FAULT}`, TEST_FAULT: 'throw', TEST_FAULT_FILE: fault };
      const run = start(transport, out, port, environment);
      await run.phase('measure');
      writeFileSync(fault, '');
      endedFor(run, await run.exited, out, /shard-1 threw: Error: a fault put in by a test.*\(switch\)/);
      await nobodyListens(port);
    });

    it('takes both sides with it when it is killed itself', async () => {
      const port = await freePort();
      const run = start(transport, `${transport}-controller`, port);
      await run.phase('measure');
      assert.equal(await isListening(port), true);
      run.kill('SIGKILL');
      assert.equal(await run.exited, null);
      // That no process is left is checked after each test.
    });
  });
}
