/**
 * A switch with a store that is killed under load over tcp and starts again, and stores that do not fit: what phones,
 * and the person at the command line, notice.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { parseResult } from '../../result/parse-result.ts';
import { RunningCommand } from './support/command.test-suite.ts';

const LOAD = Object.entries({
  'phones.count': '200',
  'phones.offline': '0%',
  'phones.session': 'none',
  'login.rate': '2k',
  'login.retry': '100ms',
  'login.retryMax': '500ms',
  'login.attempts': '1000',
  'traffic.rate': '400',
  'driver.lanes': '1',
  'phases.settle': '0',
  'phases.measure': '5s',
  'phases.drain': '120s',
  thresholds: '{}',
}).flatMap(([key, value]) => ['--set', `${key}=${value}`]);

/** Draws the moments at which a switch is killed. */
const MOMENTS_SEED = 18;

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-killed-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function serve(port: number, ...args: string[]): Promise<RunningCommand> {
  const fixed = ['serve', '--listen', `127.0.0.1:${port}`, '--auth', 'none', '--shards', '2'];
  const command = new RunningCommand([...fixed, ...args], folder);
  await command.says(/Listening on/);
  return command;
}

async function failing(args: readonly string[]): Promise<string> {
  const { code, stderr } = await new RunningCommand(args, folder).outcome;
  assert.equal(code, 2, stderr);
  return stderr;
}

const check = async (store: string): Promise<string> =>
  (await new RunningCommand(['store', 'check', store], folder).outcome).stdout;

describe('a switch with a store', () => {
  it('that is killed loses nothing it has acknowledged, and shows nothing twice', async () => {
    const port = await freePort();
    const first = await serve(port, '--store', 'mail');
    const drive = new RunningCommand(['drive', 'smoke', ...LOAD, '--target', `127.0.0.1:${port}`], folder);
    await drive.says(/measure.* messages\/s/);
    await pause(1000);
    first.child.kill('SIGKILL');
    await first.outcome;
    const second = await serve(port, '--store', 'mail');
    const { stdout, stderr } = await drive.outcome;
    const path = /^result +(.*)$/m.exec(stdout)?.[1];
    assert.ok(path !== undefined, `${stdout}${stderr}`);
    const { integrity, connections } = parseResult(readFileSync(join(folder, path), 'utf8'), path);
    assert.deepEqual(
      {
        lost: integrity.lost,
        duplicated: integrity.duplicated,
        reordered: integrity.reordered,
        isSound: integrity.isSound,
      },
      { lost: 0, duplicated: 0, reordered: 0, isSound: true },
      stdout,
    );
    assert.equal(integrity.delivered, integrity.sent);
    assert.equal(connections.failed.lostOther, connections.peak, 'every phone lost its connection');
    assert.equal(connections.heldAtEnd, connections.peak, 'and came back');
    second.child.kill('SIGTERM');
    const { stdout: ended } = await second.outcome;
    assert.match(ended, /Stopped: .* no message is left in a mailbox/);
  });

  it('is checked, and refused for what it was not made for', async () => {
    assert.match(await check('mail'), /2 shards.*\n(.*\n)*.*undamaged/);
    const found = await failing([
      'serve',
      '--auth',
      'none',
      '--listen',
      '127.0.0.1:0',
      '--shards',
      '1',
      '--store',
      'mail',
    ]);
    assert.match(found, /STORE_MISMATCH: .*store\.json: expected a store of 1 shards, found one of 2/);
    assert.match(await failing(['store', 'check', 'nothing']), /STORE_MISSING: /);
    writeFileSync(join(folder, 'mail', 'lock-1-1'), ''); // process 1 runs, but it began at another time
    assert.match(await check('mail'), /undamaged/);
    const withoutStore = ['run', 'smoke', '--store', 'other', '--set', 'switch.durability=none'];
    assert.match(await failing(withoutStore), /ARGUMENT_INVALID: --store other: expected switch\.durability/);
  });

  it('that was damaged is refused with the file and the place, and stays as it is', async () => {
    const shard = join(folder, 'mail', 'shard-000');
    const [name = ''] = readdirSync(shard);
    const path = join(shard, name);
    const whole = readFileSync(path);
    const damaged = Buffer.from(whole);
    damaged[200] = (damaged[200] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    const said = await failing([
      'serve',
      '--auth',
      'none',
      '--listen',
      '127.0.0.1:0',
      '--shards',
      '2',
      '--store',
      'mail',
    ]);
    assert.match(said, /STORE_DAMAGED: .* in mail\/shard-000\/0000000001\.log at byte/);
    assert.deepEqual(readFileSync(path), damaged);
    assert.match(await failing(['store', 'check', 'mail']), /STORE_DAMAGED: /);
    writeFileSync(path, whole);
    truncateSync(path, whole.length - 5); // the last write was torn: nothing that was synced is missing
    assert.match(await check('mail'), /undamaged/);
  });
});

describe('a run whose scenario kills its own switch', () => {
  const faulty = (...more: string[]) =>
    new RunningCommand(
      [
        'run',
        'smoke',
        ...LOAD,
        ...['transport=tcp', 'switch.shards=2', 'phases.calibrate=false', 'phones.offline=50%', ...more].flatMap(
          (key) => ['--set', key],
        ),
      ],
      folder,
    ).outcome;
  const resultOf = (stdout: string, stderr: string) => {
    const path = /^result +(.*)$/m.exec(stdout)?.[1];
    assert.ok(path !== undefined, `${stdout}${stderr}`);
    return parseResult(readFileSync(join(folder, path), 'utf8'), path);
  };

  it('finds every acknowledged message after a kill and a stop, with fsync', async () => {
    const { stdout, stderr } = await faulty(
      'switch.durability=fsync',
      'phases.measure=4s',
      'faults=[{at: 1s, kill: switch}, {at: 3s, stop: switch, for: 300ms}]',
    );
    const { integrity, faults, series, durability } = resultOf(stdout, stderr);
    const { lost, duplicated, reordered, isSound } = integrity;
    assert.deepEqual(
      { lost, duplicated, reordered, isSound },
      { lost: 0, duplicated: 0, reordered: 0, isSound: true },
      stdout,
    );
    assert.ok((integrity.queued ?? 0) > 0, 'messages for phones that never connect are in the store');
    const [kill] = faults;
    assert.ok(kill?.isKill === true && kill.presentSeconds !== null && (kill.restoredEntries ?? 0) > 0, stdout);
    assert.ok((durability?.commitsPerSecond ?? 0) > 0, 'commits of both processes are counted');
    const marks = series.events.filter(({ name }) => name === 'fault').map(({ detail }) => detail);
    assert.deepEqual(marks.slice(0, 1), ['switch killed']);
    assert.match(stdout, /faults +switch killed at .* it listened again after .*\n/);
  });

  it('loses no message to a group or list, and shows no member one twice', async (t) => {
    const random = new Int32Array(RANDOM_STATE_WORDS);
    seedRandom(random, 0, MOMENTS_SEED, 0);
    const kills = [0, 1, 2].map((n) => `{at: ${n * 1500 + nextBelow(random, 0, 1400)}ms, kill: switch}`);
    const { stdout, stderr } = await faulty(
      'switch.durability=fsync',
      'phases.measure=5s',
      'groups={count: 20, size: 8, sigma: 0.6, sizeMax: 20, members: all, share: 40%, joins: 20/s, leaves: 20/s, lists: {count: 20, share: 40%}}',
      `faults=[${kills.join(', ')}]`,
    );
    const { integrity, groups, faults } = resultOf(stdout, stderr);
    const { lost, duplicated, reordered, isSound } = integrity;
    const sound = { lost: 0, duplicated: 0, reordered: 0, isSound: true };
    assert.deepEqual({ lost, duplicated, reordered, isSound }, sound, stdout);
    const balance = integrity.groups;
    assert.ok(balance !== null && groups !== null && groups.messages > 100 && groups.joins > 0, stdout);
    const { recipients, delivered, queued, rejected, untold, strangers, wrongRecipients } = balance;
    assert.deepEqual({ strangers, wrongRecipients, lost: balance.lost }, { strangers: 0, wrongRecipients: 0, lost: 0 });
    assert.ok((queued ?? 0) > 0, 'members who never connect have theirs in the store');
    t.diagnostic(`${faults.length} kills, ${recipients} recipients, ${untold} messages whose recipients are not known`);
    // A ✓ that was lost with a process may be repeated without the number of recipients: then they cannot be counted.
    if (untold === 0) assert.equal(recipients, delivered + (queued ?? 0) + (rejected ?? 0), stdout);
    // On a busy machine a kill may be due while the switch still starts, and the last one only when the load has ended.
    assert.ok(faults.length > 0 && faults.every(({ isKill }) => isKill) && (faults.at(-1)?.restoredEntries ?? 0) > 0);
  });

  it('calls no member lost whose full mailbox the killed switch had refused, and says that it is not known', async () => {
    const { stdout, stderr } = await faulty(
      'switch.durability=fsync',
      'phases.measure=3s',
      'phases.drain=10s',
      'switch.mailbox.messagesPerAccount=4', // half of the members never connect, and theirs are soon full
      'groups={count: 20, size: 20, sizeMax: 40, members: all, share: 40%}',
      'faults=[{at: 2s, kill: switch}]',
    );
    const { integrity, faults } = resultOf(stdout, stderr);
    const { groups, lost, duplicated, isSound } = integrity;
    assert.ok(groups !== null && groups.untold + (groups.rejected ?? 0) > 0 && faults.length === 1, stdout);
    assert.deepEqual({ lost, duplicated, isSound }, { lost: 0, duplicated: 0, isSound: true }, stdout);
    assert.equal(groups.lost, null, 'which is not 0');
    if (groups.untold > 0) return; // a ✓ was lost with the process: the recipients cannot be counted at all
    assert.ok(groups.maybeRejected > 0, stdout);
    assert.match(stdout, /not balanced: [\d,]+ recipients were rejected or lost; which ones a switch had rejected/);
    assert.match(stdout, /acknowledged and lost 0, in groups not known/);
  });

  it('says what is lost without a store, and is not valid', async () => {
    const { code, stdout, stderr } = await faulty(
      'faults=[{at: 1s, kill: switch}]',
      'phases.measure=2s',
      'phases.drain=1s',
    );
    const { integrity, validity } = resultOf(stdout, stderr);
    assert.equal(code, 3, stdout);
    assert.equal(validity.isValid, false);
    assert.ok(integrity.isSound === null || integrity.lost > 0, stdout);
    assert.match(stdout, /a kill loses messages without switch\.durability=fsync/);
    assert.match(stderr, /switch\.durability=none: a kill of the switch .*loses/);
  });

  it('is refused where it would mean nothing', async () => {
    const kill = 'faults=[{at: 1s, kill: switch}]';
    const refused = (...args: string[]): Promise<string> => failing([...args, '--set', kill]);
    assert.match(await refused('run', 'smoke'), /faults: expected transport tcp, .* found memory/);
    const target = ['--target', '127.0.0.1:9', '--transport', 'tcp', '--set', 'transport=tcp'];
    assert.match(await refused('drive', 'smoke', ...target), /faults: expected none: drive cannot kill a switch/);
  });
});
