/** Open files, by hand: of a table, of the machine, and of epoll, and the commands that raise each limit. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import type { SocketTransportName } from '../../scenario/terms/transports.ts';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { descriptorChecks } from './descriptor-checks.ts';
import type { PlanCheck } from './plan-check.ts';
import { ownDescriptors, type SocketShape, shapeSockets } from './socket-shape.ts';

const MANY = { openFilesHard: 10_000_000, fileMax: 100_000_000, epollWatches: 100_000_000 };

interface Given {
  readonly transport?: SocketTransportName;
  readonly settings?: readonly string[];
  readonly shape?: Partial<SocketShape>;
  readonly machine?: Partial<MachineLimits>;
}

function checksOf({ transport = 'tcp', settings = [], shape, machine }: Given): Map<string, PlanCheck> {
  const limits = { ...MACHINE, ...MANY, ...machine };
  const demand = { ...demandOf(transport, 'phones.count=100k', ...settings), lingeringShare: 0 };
  const shaped = { ...shapeSockets(demand, limits, 'both'), ...shape };
  return new Map(descriptorChecks(demand, shaped, limits).map((check) => [check.what, check]));
}

function checkOf(given: Given, what: string): PlanCheck {
  const checks = checksOf(given);
  return checks.get(what) ?? assert.fail(`no check of ${what} among ${[...checks.keys()].join(', ')}`);
}

describe('a table of open files', () => {
  const tight = { shardTable: { needed: 5001, allowed: 5000 } };

  it('is refused from one file too many on, and the limit is named', () => {
    const check = checkOf({ shape: tight }, 'open files of a shard');
    assert.deepEqual([check.verdict, check.setBy, check.needed, check.allowed], ['refuse', 'ulimit -n', 5001, 5000]);
    const fits = { shardTable: { needed: 5000, allowed: 5000 } };
    assert.equal(checkOf({ shape: fits }, 'open files of a shard').verdict, 'ok');
    assert.equal(checkOf({ shape: tight }, 'open files of a lane').verdict, 'ok', 'each side has its own');
  });

  it('has room for what its threads do not need themselves, never for less than nothing', () => {
    const room = (allowed: number): string =>
      checkOf({ shape: { shards: 3, shardTable: { needed: 1e6, allowed } } }, 'open files of a shard').consequence;
    const own = ownDescriptors(3, true);
    assert.match(room(own + 1234), /^each of 3 threads has its own table with room for 1,234 connections/);
    assert.match(room(own - 1), /with room for 0 connections/);
  });

  it('is one for all threads of a side where they have none of their own', () => {
    const node = { transport: 'node-tcp' as const, shape: tight };
    const check = checkOf(node, 'open files of the switch');
    assert.match(check.consequence, /^all threads of the switch share one table/);
    assert.match(check.commands.join('\n'), /nofile 5001/, 'all of it is needed at once');
    assert.equal(check.commands.at(-1), '--set transport=tcp   # each thread has its own table');
    const noKoffi = checkOf({ ...node, machine: { hasSystemCalls: false } }, 'open files of the switch');
    assert.match(noKoffi.commands.at(-1) ?? '', /^npm install koffi/);
    const mac = checkOf({ ...node, machine: { platform: 'darwin' } }, 'open files of the switch');
    assert.doesNotMatch(mac.commands.join('\n'), /transport=|koffi/, 'tcp is for Linux');
  });
});

describe('threads that are added', () => {
  it('are advice for their side alone, with the limit that would make them unnecessary', () => {
    const machine = { openFilesHard: 20_000 };
    const checks = checksOf({ machine, settings: ['driver.lanes=40', 'switch.shards=1'] });
    const advice = checks.get('open files for 1 shard, as requested');
    assert.equal(advice?.verdict, 'advise');
    assert.match(advice?.consequence ?? '', /^the switch gets \d+ shards instead of 1$/);
    assert.ok((advice?.needed ?? 0) > 100_000 && (advice?.needed ?? 0) < 100_500, `${advice?.needed} for one shard`);
    assert.match(advice?.commands.join('\n') ?? '', new RegExp(`nofile ${advice?.needed}`));
    assert.equal(
      [...checks.keys()].some((what) => what.endsWith('lanes, as requested')),
      false,
      'as many as asked for',
    );
  });
});

describe('the commands that raise the limit of open files', () => {
  const commands = (machine: Partial<MachineLimits>): readonly string[] =>
    checkOf({ shape: { shardTable: { needed: 1e9, allowed: 10 } }, machine }, 'open files of a shard').commands;

  it('are one line for whoever may raise it, and files of the system for others', () => {
    assert.match(commands({ mayRaiseHardLimit: true })[0] ?? '', /^ulimit -Hn (\d+) && ulimit -Sn \1$/);
    const others = commands({ mayRaiseHardLimit: false }).join('\n');
    assert.match(others, /limits\.conf/);
    assert.match(others, /docker run --ulimit nofile=(\d+):\1 /);
    assert.doesNotMatch(others, /ulimit -Hn/);
  });

  it('begin with the highest limit that anyone can set, only where that is lower', () => {
    const [first = ''] = commands({ nrOpen: 1000 });
    const files = Number(/^sysctl -w fs\.nr_open=(\d+)$/.exec(first)?.[1]);
    assert.ok(files > 1000, first);
    assert.doesNotMatch(commands({ nrOpen: files })[0] ?? '', /nr_open/);
    assert.match(commands({ nrOpen: files - 1 })[0] ?? '', /nr_open/);
    assert.doesNotMatch(commands({ nrOpen: null }).join('\n'), /nr_open/);
  });
});

describe('the limits of the machine', () => {
  const FILES = 'open files of the machine';
  const WATCHES = 'sockets that epoll watches';
  const shape = { shards: 4, lanes: 3, connections: 100_000 };

  it('count both ends of each connection, and what threads and other programs have open', () => {
    const own = ownDescriptors(4, true) + ownDescriptors(3, true);
    assert.equal(checkOf({ shape }, FILES).needed, 200_000 + own + 8192);
    assert.equal(checkOf({ shape }, WATCHES).needed, 200_000 + 2 * (4 + 3));
  });

  it('count one end where one side is here', () => {
    const one = { ...shape, sides: 'switch' as const };
    assert.equal(checkOf({ shape: one }, FILES).needed, 100_000 + ownDescriptors(4, true) + 8192);
    assert.equal(checkOf({ shape: one }, WATCHES).needed, 100_000 + 2 * 4);
    const names = [...checksOf({ shape: one, settings: ['switch.shards=4'] }).keys()];
    assert.deepEqual(names, ['open files of a shard', FILES, WATCHES]);
    const driver = checksOf({ shape: { ...shape, sides: 'driver' }, settings: ['driver.lanes=3'] });
    assert.deepEqual([...driver.keys()], ['open files of a lane', FILES, WATCHES]);
  });

  it('refuse a run beyond them, with the command; root may open more files, but watch no more sockets', () => {
    const limit = (mayPassFileMax: boolean): Given => ({
      shape,
      machine: { mayPassFileMax, fileMax: 1000, epollWatches: 1000 },
    });
    const files = checkOf(limit(false), FILES);
    assert.deepEqual([files.verdict, files.commands], ['refuse', [`sysctl -w fs.file-max=${files.needed}`]]);
    assert.equal(checkOf(limit(true), FILES).verdict, 'ok');
    const watches = checkOf(limit(true), WATCHES);
    assert.equal(watches.verdict, 'refuse');
    assert.deepEqual(watches.commands, [`sysctl -w fs.epoll.max_user_watches=${watches.needed}`]);
  });
});
