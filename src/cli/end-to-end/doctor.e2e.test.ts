import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const LIMIT_MILLIS = 240_000;
const SCREEN_LINES = 40;

/** Runs the built command; `files` is the limit of open files under which it starts. */
function doctor(args: readonly string[], files?: number) {
  const command = [process.execPath, MAIN, 'doctor', ...args];
  const [program = '', ...rest] =
    files === undefined ? command : ['sh', '-c', `ulimit -n ${files} && exec "$@"`, 'sh', ...command];
  return spawnSync(program, rest, { encoding: 'utf8', timeout: LIMIT_MILLIS });
}

/** Rates that any machine does over any transport. */
const EASY = ['--set', 'traffic.rate=500', '--set', 'login.rate=100'];

interface Diagnosed {
  readonly isMet: boolean;
  readonly checks: readonly { readonly what: string; readonly verdict: string; readonly commands: readonly string[] }[];
}

const isLinux = process.platform === 'linux';

describe('trunkline doctor', () => {
  it('says what the machine allows on one screen', () => {
    const { status, stdout, stderr } = doctor([]);
    assert.equal(status, 0, stderr);
    for (const word of [
      'open files',
      'tcp',
      'node-tcp',
      'ws',
      'simulated',
      'ip_local_port_range',
      'vm.max_map_count',
      'transparent_hugepage',
    ])
      assert.ok(stdout.includes(word), word);
    assert.ok(stdout.split('\n').length <= SCREEN_LINES, stdout);
    assert.ok(!stdout.includes('\u001b'), 'no colours in a pipe');
  });

  it('names keys of a scenario that have no effect, beside its answer', () => {
    const { status, stdout, stderr } = doctor(['smoke', '--set', 'presence.watchers=10%', '--json']);
    assert.equal(status, 0, stderr);
    assert.equal(
      stderr,
      'note: --set presence.watchers=10%: key presence.watchers has no effect, because presence.watch is 0; remove it or set presence.watch\n',
    );
    JSON.parse(stdout);
  });

  it('exits 0 where a scenario over memory fits, and 2 where it does not', () => {
    const smoke = doctor(['smoke']);
    assert.equal(smoke.status, 0, smoke.stdout);
    assert.match(smoke.stdout, /^trunkline doctor smoke · transport memory · 9,500 simulated phones/);
    const huge = doctor(['smoke', '--set', 'switch.mailbox.blocks=500M', '--set', 'phones.count=500M']);
    assert.equal(huge.status, 2);
    assert.match(huge.stdout, /✗ memory: .*would fit/);
  });

  it('exits 2 where descriptors do not suffice, with the command that helps', { skip: !isLinux }, () => {
    const settings = ['smoke', '--set', 'transport=ws', '--set', 'phones.count=5k'];
    const short = doctor(settings, 1000);
    assert.equal(short.status, 2, short.stderr);
    assert.match(short.stdout, /NOT OK/);
    assert.match(short.stdout, /✗ open files of the switch \(ulimit -n\) +[\d,]+ +1,000/);
    assert.match(short.stdout, /ulimit -Hn \d+|nofile \d+/);
    assert.ok(short.stdout.split('\n').length <= SCREEN_LINES, short.stdout);
  });

  it('does what its command says: with that limit the scenario fits', { skip: !isLinux }, () => {
    const settings = ['smoke', '--set', 'transport=ws', '--set', 'phones.count=800', ...EASY, '--json'];
    const short = JSON.parse(doctor(settings, 500).stdout) as Diagnosed;
    assert.equal(short.isMet, false);
    const wanted = /(?:-Hn |nofile )(\d+)/.exec(short.checks.flatMap((one) => one.commands).join('\n'))?.[1];
    const enough = doctor(settings, Number(wanted));
    assert.equal(enough.status, 0, enough.stdout);
    assert.equal((JSON.parse(enough.stdout) as Diagnosed).isMet, true);
  });

  it('says which rates no machine of so many cores does, and what it assumes', { skip: !isLinux }, () => {
    const rates = ['--set', 'traffic.rate=1M', '--set', 'login.rate=1M', '--set', 'phones.count=1k'];
    const { status, stdout } = doctor(['smoke', '--set', 'transport=tcp', ...rates]);
    assert.equal(status, 2, stdout);
    assert.match(stdout, /✗ messages per second \(assumed: \d+ cores, \d+\.\d µs per message\) +1,000,000 +[\d,]+/);
    assert.match(stdout, /! logins per second \(assumed: [\s\S]*--set traffic\.rate=\d+[\s\S]*--set login\.rate=\d+/);
    const easy = doctor(['smoke', '--set', 'transport=tcp', '--set', 'phones.count=1k', ...EASY]);
    assert.match(easy.stdout, /✓ messages per second[\s\S]*✓ logins per second/);
  });

  it('plans for one side alone', { skip: !isLinux }, () => {
    const args = ['smoke', '--set', 'transport=tcp', '--set', 'phones.count=100', ...EASY, '--sides', 'switch'];
    const { status, stdout } = doctor(args);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /the switch's ends/);
    assert.doesNotMatch(stdout, /lane/);
  });

  it('has help with examples, and refuses what it does not know', () => {
    assert.match(doctor(['--help']).stdout, /Examples:[\s\S]*--sides switch/);
    const wrong = doctor(['smok']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /SCENARIO_UNKNOWN/);
    assert.equal(doctor(['smoke', '--sides', 'none']).status, 2);
  });
});
