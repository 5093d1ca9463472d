/** What a driver can know of a switch elsewhere: that all has arrived, run after run, and when it has not. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { RunningCommand } from './support/command.test-suite.ts';
import { FrameProxy, HARMS } from './support/frame-proxy.test-suite.ts';

const PHONES = 400;
const SETTINGS = {
  'phones.count': String(PHONES),
  'phones.session': 'none',
  'login.rate': '2k',
  'traffic.rate': '800',
  'driver.lanes': '1',
  'phases.settle': '200ms',
  'phases.measure': '1500ms',
  'phases.drain': '20s',
  'phases.bin': '100ms',
  thresholds: '{}',
};
const SHORT = Object.entries(SETTINGS).flatMap(([key, value]) => ['--set', `${key}=${value}`]);

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-again-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface Serving {
  readonly command: RunningCommand;
  readonly target: string;
}

async function serve(transport: string, ...more: string[]): Promise<Serving> {
  const args = [
    'serve',
    '--listen',
    '127.0.0.1:0',
    '--auth',
    'none',
    '--transport',
    transport,
    '--shards',
    '1',
    ...more,
  ];
  const command = new RunningCommand(args, folder);
  const [, target = ''] = await command.says(/Listening on ([^ ]+) ·/);
  return { command, target };
}

async function stop({ command }: Serving): Promise<string> {
  command.child.kill('SIGTERM');
  return (await command.outcome).stdout;
}

/** A machine with other work may trip guards on the machine: those about messages must hold, or trip, all the same. */
async function drive(transport: string, target: string, ...settings: string[]): Promise<Driven> {
  const changes = settings.flatMap((setting) => ['--set', setting]);
  const args = ['drive', 'smoke', ...SHORT, ...changes, '--transport', transport, '--target', target];
  const { code, stdout, stderr } = await new RunningCommand(args, folder).outcome;
  const path = /^result +(.*)$/m.exec(stdout)?.[1];
  assert.ok(path !== undefined, `${stdout}${stderr}`);
  const result = parseResult(readFileSync(join(folder, path), 'utf8'), path);
  const page = readFileSync(join(folder, dirname(path), 'report.html'), 'utf8');
  assert.ok(page.includes(`trunkline drive smoke `) && page.includes(`--target ${target}`), 'how to repeat it');
  assert.ok(page.includes('on the other side'), 'the page has no memory of the switch');
  const balance = result.validity.guards.find((guard) => guard.name === 'message balance');
  return { code, stdout, result, balance: `${balance?.verdict}: ${balance?.sentence}` };
}

interface Driven {
  readonly code: number | null;
  readonly stdout: string;
  readonly result: Result;
  readonly balance: string;
}

describe('one drive after the other against the same switch', () => {
  // Connections of an earlier driver end as tables of descriptors say, or as Node's streams do.
  for (const [transport, shares] of [
    ['tcp', ['10%', '10%', '0%']],
    ['ws', ['10%', '0%']],
  ] as const) {
    it(`delivers all of each over ${transport}, and tells what waited from before`, async () => {
      const serving = await serve(transport);
      let waiting = 0;
      for (const offline of shares) {
        const { result, balance, stdout } = await drive(transport, serving.target, `phones.offline=${offline}`);
        const { integrity, counters } = result;
        assert.match(balance, /^ok: /, stdout);
        assert.ok(integrity.sent > 500, 'there was traffic');
        assert.equal(integrity.delivered + integrity.rejected + (integrity.forOffline ?? 0), integrity.sent, balance);
        assert.deepEqual([integrity.corrupted, integrity.strangers, integrity.lost], [0, 0, 0]);
        assert.equal(integrity.isSound, true);
        assert.equal(counters.driver['rejectedIdTooOld'], 0);
        if (offline === '0%') {
          assert.equal(integrity.earlier, waiting, 'whoever was offline gets what the runs before have sent');
          assert.match(stdout, /in addition, [\d,]+ messages from before this run arrived/);
        } else {
          assert.equal(integrity.earlier, 0);
          assert.ok((integrity.forOffline ?? 0) > 0);
        }
        waiting += integrity.forOffline ?? 0;
      }
      assert.match(await stop(serving), /no message is left in a mailbox/);
    });
  }
});

describe('a drive against a switch that was killed and starts again from its store', () => {
  it('sends nothing under an id that was used, though its phones are faster than the date', async () => {
    const store = ['--store', join(folder, 'store')];
    // Fifty messages per second of each phone: in two seconds more ids than the date gives in twenty.
    const fast = ['phones.count=40', 'traffic.rate=2k', 'phones.contacts=1', 'phones.offline=0%'];
    for (let n = 0; n < 3; n++) {
      const serving = await serve('tcp', ...store);
      const { result, balance, stdout } = await drive('tcp', serving.target, ...fast);
      serving.command.child.kill('SIGKILL');
      await serving.command.outcome;
      assert.match(balance, /^ok: /, stdout);
      const { sent, delivered, rejected, lost } = result.integrity;
      assert.deepEqual([lost, rejected, delivered], [0, 0, sent], stdout);
      assert.equal(result.counters.driver['rejectedIdTooOld'], 0);
    }
  });
});

describe('a path that harms one message in 300', () => {
  const says: Readonly<Record<string, RegExp>> = {
    drops: /lost [1-9]/,
    doubles: /duplicated [1-9]/,
    corrupts: /corrupted [1-9]/,
  };
  for (const [name, harm] of Object.entries(HARMS)) {
    it(`is found out, where it ${name}`, async () => {
      const serving = await serve('tcp');
      const proxy = await FrameProxy.to(serving.target, 300, harm);
      try {
        const { code, balance } = await drive('tcp', proxy.target, 'phones.offline=0%', 'phases.drain=3s');
        assert.ok(proxy.harmed > 0, 'messages were harmed');
        assert.equal(code, 3);
        assert.match(balance, /^invalid: /);
        assert.match(balance, says[name] ?? /never/);
      } finally {
        proxy.close();
        await stop(serving);
      }
    });
  }

  it('is not found at fault, where it harms nothing', async () => {
    const serving = await serve('tcp');
    const proxy = await FrameProxy.to(serving.target, 300, (frame) => [frame]);
    try {
      const { balance, result } = await drive('tcp', proxy.target, 'phones.offline=0%');
      assert.match(balance, /^ok: /);
      assert.equal(result.integrity.delivered + result.integrity.rejected, result.integrity.sent);
    } finally {
      proxy.close();
      await stop(serving);
    }
  });
});
