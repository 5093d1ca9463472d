/**
 * Phones that misbehave in every way at once, over each transport that works here: storms of which one is silent,
 * stalled readers, a hot account, duplicate connects, messages that are sent again, subscriptions beyond the bound, and
 * mailboxes that are too small, beside groups and presence. Whether the machine was quiet does not matter here.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { whyNoRunOverTun } from '../../transport/tun/device/tun-here.test-suite.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const PHONES = 500;
const SETTINGS = [
  ...[`phones.count=${PHONES}`, 'phones.offline=0%', 'phones.heartbeat=500ms', 'phones.session=none'],
  ...['login.backoff=full-jitter', 'login.retry=200ms', 'login.attempts=50', 'switch.heartbeatTimeout=1m'],
  ...['traffic.rate=1k/s', 'driver.lanes=1', 'driver.messagesInFlight=32k'],
  ...['phases.calibrate=false', 'phases.settle=1s', 'phases.measure=7s', 'phases.drain=60s'],
  'storms=[{at: 500ms, share: 50%}, {at: 2s, share: 30%, notice: silent, silence: 300ms}]',
  'misfits={stalledReaders: 5, hotAccount: 5%, duplicateConnects: 20/s, sentAgain: 10%}',
  ...['presence={watch: 2, typing: 20%}', 'switch.presence.watchMax=1'],
  'groups={count: 25, size: 10, sizeMax: 20, share: 20%, joins: 50/s, leaves: 50/s}',
  'content.readReceipts={share: 20%, after: 200ms}',
  ...['switch.mailbox.messagesPerAccount=4', 'switch.admission.delay=1m'],
];

const { path, trunkline } = commandFolder();

async function run(transport: string): Promise<{ result: Result; stdout: string }> {
  const settings = [`transport=${transport}`, ...SETTINGS].flatMap((one) => ['--set', one]);
  const { code, stdout, stderr } = await trunkline(['run', 'smoke', ...settings, '--out', transport]);
  assert.ok(code === 0 || code === 1 || code === 3, `exit ${code}: ${stdout}\n${stderr}`);
  const [folder = ''] = readdirSync(path(transport));
  const file = path(join(transport, folder, 'result.json'));
  return { result: parseResult(readFileSync(file, 'utf8'), file), stdout };
}

const TRANSPORTS = [
  { transport: 'memory', skip: false },
  { transport: 'tcp', skip: whyNoSystemCalls() ?? false },
  { transport: 'tun', skip: whyNoRunOverTun() },
  { transport: 'node-tcp', skip: false },
  { transport: 'ws', skip: false },
];

describe('phones that misbehave in every way at once', { concurrency: 2 }, () => {
  for (const { transport, skip } of TRANSPORTS)
    it(`lose nothing over ${transport}, and the report tells of it all`, { skip }, async () => {
      const { result, stdout } = await run(transport);
      const { integrity, storms, misfits, groups, presence, content, counters } = result;
      assert.equal(result.scenario.transport, transport);
      assert.equal(integrity.isSound, true, JSON.stringify(integrity));
      assert.deepEqual([integrity.lost, integrity.duplicated, integrity.reordered, integrity.corrupted], [0, 0, 0, 0]);
      assert.equal(integrity.groups?.isSound, true, JSON.stringify(integrity.groups));

      assert.equal(storms.length, 2);
      for (const { dropped, restored, givenUp } of storms) {
        assert.ok(dropped > PHONES / 10, `${dropped} dropped`);
        assert.deepEqual([restored, givenUp], [dropped, 0], 'all are back');
      }
      const of = (name: string): number => counters.driver[name] ?? 0;
      assert.ok(misfits !== null && groups !== null && presence !== null);
      assert.ok(misfits.deliveriesIgnored > 0 && misfits.hotMessagesSent > 0 && misfits.duplicateConnects > 0);
      assert.ok(misfits.sessionsReplaced > 0);
      assert.ok(misfits.messagesRecognized > misfits.messagesSentAgain / 2, JSON.stringify(misfits));
      assert.ok(groups.messages > 0 && groups.joins > 0 && groups.leaves > 0, JSON.stringify(groups));
      assert.ok((presence.noticesPerSecond ?? 0) > 0 && of('typingReceived') > 0);
      assert.ok((content?.readReceipts?.received ?? 0) > 0);

      const refused = counters.switch['watchesRefused'] ?? 0;
      assert.ok(refused >= PHONES / 2, 'phones watch one more than they may');
      assert.ok(presence.watchesRefused > refused / 2, 'and are told so, unless their connection was lost');
      assert.ok(of('rejectedMailboxFull') > 0, 'mailboxes of stalled readers are full');
      assert.match(stdout, /refused, messages to groups and joins included: .*mailbox full [\d,]+/);
      for (const label of ['groups', 'misfits', 'presence', 'storms', 'overload', 'content'])
        assert.match(stdout, new RegExp(`^${label} `, 'm'));
    });
});
