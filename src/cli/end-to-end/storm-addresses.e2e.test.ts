/**
 * A storm on a block of addresses, as the other end of real connections sees it: whoever connects a second time was
 * dropped, since no phone leaves by itself here.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { parseResult } from '../../result/parse-result.ts';
import { whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { RunningCommand } from './support/command.test-suite.ts';
import { FrameProxy } from './support/frame-proxy.test-suite.ts';

/** The phones of the lane connect from eight addresses: 127.1.0.1, 127.1.2.5, 127.1.4.9, 127.1.6.13, … */
const [PHONES, PER_ADDRESS] = [400, 50];
const BLOCK = '127.1.4.0/22';
const IN_BLOCK = ['127.1.4.9', '127.1.6.13'];
const SETTINGS = [
  ...[`phones.count=${PHONES}`, 'phones.offline=0%', 'phones.session=none', 'phones.heartbeat=none'],
  ...['login.rate=2k/s', 'login.timeout=60s', 'login.retry=100ms', 'switch.loginTimeout=60s'],
  ...['traffic.rate=500/s', 'driver.lanes=1', `sockets.portsPerSource=${PER_ADDRESS}`, 'sockets.connectTimeout=60s'],
  ...['phases.settle=1s', 'phases.measure=2s', 'phases.drain=60s', 'thresholds={}'],
  `storms=[{at: 500ms, addresses: ${BLOCK}}]`,
];

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-addresses-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const skip = whyNoSystemCalls() ?? false;

it('a storm drops the connections from its block of addresses, all of them and no others', { skip }, async () => {
  const secret = { TRUNKLINE_SECRET: 'a secret of tests' };
  const settings = SETTINGS.flatMap((one) => ['--set', one]);
  const serve = ['serve', '--listen', '127.0.0.1:0', '--shards', '1', '--scenario', 'smoke', '--transport', 'tcp'];
  const server = new RunningCommand([...serve, ...settings], folder, secret);
  const [, place = ''] = await server.says(/Listening on ([^·]+) ·/);
  const path = await FrameProxy.to(place.trim(), Number.POSITIVE_INFINITY, (frame) => [frame]);
  try {
    const drive = ['drive', 'smoke', '--transport', 'tcp', '--target', path.target, ...settings];
    const { stdout, stderr } = await new RunningCommand(drive, folder, secret).outcome;
    const file = /^result +(.*)$/m.exec(stdout)?.[1] ?? assert.fail(`${stdout}${stderr}`);
    const { storms, integrity } = parseResult(readFileSync(join(folder, file), 'utf8'), file);
    const from = [...path.connectionsFrom];
    assert.equal(from.length, PHONES / PER_ADDRESS, JSON.stringify(from));
    for (const [address, connections] of from) {
      const isHit = IN_BLOCK.includes(address);
      assert.equal(connections, isHit ? 2 * PER_ADDRESS : PER_ADDRESS, `connections from ${address}`);
    }
    const dropped = IN_BLOCK.length * PER_ADDRESS;
    assert.deepEqual([storms[0]?.dropped, storms[0]?.restored], [dropped, dropped]);
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  } finally {
    path.close();
    server.child.kill('SIGTERM');
    await server.outcome;
  }
});
