import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllocationProfile, parseProcessorProfile } from '../../analysis/profile/parse-profiles.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { ALLOCATION_SAMPLES_MAX } from '../../run/worker/thread/profiled-thread.ts';
import { whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const { path, start, trunkline } = commandFolder();
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The only result in a folder, and its files. */
function kept(out: string): { folder: string; files: string[]; result: Result } {
  const [run, ...others] = readdirSync(path(out));
  assert.ok(run !== undefined && others.length === 0, 'one result folder');
  const folder = path(join(out, run));
  const file = join(folder, 'result.json');
  return { folder, files: readdirSync(folder).sort(), result: parseResult(readFileSync(file, 'utf8'), file) };
}

/** Names of functions in the processor profile of a thread, each with its file and line. */
function functionsOf(folder: string, thread: string): Map<string, number> {
  const name = join(folder, `${thread}.cpuprofile`);
  const text = readFileSync(name, 'utf8');
  assert.ok(!text.includes(ROOT), 'no path of this machine');
  const profile = parseProcessorProfile(text, name);
  assert.ok(profile.samples.length > 10, `${thread}: ${profile.samples.length} samples`);
  const allocations = join(folder, `${thread}.heapprofile`);
  parseAllocationProfile(readFileSync(allocations, 'utf8'), allocations);
  assertDevToolsRead(JSON.parse(text), JSON.parse(readFileSync(allocations, 'utf8')));
  return new Map(
    profile.nodes.map(({ callFrame }) => [`${callFrame.functionName} ${callFrame.url}`, callFrame.lineNumber + 1]),
  );
}

interface DevToolsFrame {
  callFrame: { scriptId?: unknown };
}
interface DevToolsProfile {
  nodes: (DevToolsFrame & { hitCount?: unknown })[];
  startTime: number;
  endTime: number;
  timeDeltas: number[];
}
interface DevToolsAllocations extends DevToolsFrame {
  id: number;
  selfSize: number;
  children: DevToolsAllocations[];
}
interface DevToolsHeap {
  head: DevToolsAllocations;
  samples: { size: number; nodeId: number; ordinal: number }[];
}

/** What DevTools reads besides what our own reports need (DevTools protocol, Profiler.Profile, SamplingHeapProfile). */
function assertDevToolsRead(processor: DevToolsProfile, { head, samples }: DevToolsHeap): void {
  const isFrame = ({ callFrame }: DevToolsFrame): boolean => typeof callFrame.scriptId === 'string';
  assert.ok(processor.nodes.every((node) => isFrame(node) && Number.isInteger(node.hitCount)));
  const micros = processor.timeDeltas.reduce((sum, delta) => sum + delta, 0);
  assert.ok(micros <= processor.endTime - processor.startTime, 'samples lie within the profile');
  const all = (node: DevToolsAllocations): DevToolsAllocations[] => [node, ...node.children.flatMap(all)];
  const ids = new Set(all(head).map(({ id }) => id));
  assert.ok(all(head).every((node) => isFrame(node) && node.selfSize >= 0));
  assert.ok(samples.every(({ nodeId, size, ordinal }) => ids.has(nodeId) && size > 0 && ordinal > 0));
  assert.ok(samples.length <= ALLOCATION_SAMPLES_MAX);
}

function endingsOf(threads: readonly string[]): string[] {
  return threads.flatMap((thread) => [`${thread}.cpuprofile`, `${thread}.heapprofile`]).sort();
}

/** Asserts that a function is where the source has it. */
function assertInSource(functions: Map<string, number>, name: string, file: string): void {
  const line = functions.get(`${name} ${file}`);
  assert.ok(line !== undefined, `${name} of ${file} in ${[...functions.keys()].join('\n')}`);
  const source = readFileSync(join(ROOT, file), 'utf8').split('\n')[line - 1] ?? '';
  assert.match(source, new RegExp(`\\b${name}\\(`), `${file}:${line}`);
}

describe('trunkline profile', () => {
  it('writes two files per thread, with the names, files and lines of the source', async () => {
    const { code, stdout, stderr } = await trunkline(['profile', 'tiny.yaml', '--out', 'memory']);
    assert.equal(code, 0, stderr);
    const { folder, files, result } = kept('memory');
    const threads = ['shard-0', 'lane-0', 'main'];
    assert.deepEqual(
      files.filter((file) => file.endsWith('profile')),
      endingsOf(threads),
    );
    const shard = functionsOf(folder, 'shard-0');
    assertInSource(shard, 'doWorkAt', 'src/switch/shard.ts');
    assertInSource(shard, 'runReactor', 'src/run/worker/reactors/run-reactor.ts');
    assertInSource(functionsOf(folder, 'lane-0'), 'doWork', 'src/driver/lane.ts');
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    for (const thread of threads) {
      assert.match(stdout, new RegExp(`^${thread}  .*samples, one every`, 'm'));
      assert.match(page, new RegExp(`<h3>${thread}</h3>[^]*?<svg`));
    }
    const [, hottest = ''] = /hottest functions.*\n +(\S+ +src\/\S+)/.exec(stdout) ?? [];
    assert.ok(page.includes(hottest.replace(/^(\S+) +(\S+)$/, '$1 <code>$2</code>')), hottest);
    assert.match(page, /trunkline profile \S*tiny\.yaml/, 'the command that repeats it');
    assert.match(stdout, /src\/switch\/\S+\.ts:\d+ +[\d.]+ .?s/, 'hot functions of the switch');
    const [, asleep] = /^shard-0 .*asleep ([\d.]+) %/m.exec(stdout) ?? [];
    assert.ok(Number(asleep) > 50, 'an idle shard sleeps, and that is not its hottest function');
    assert.doesNotMatch(stdout, /^ {2}(nap|park) |\p{Cc}\[/mu);
    assert.equal(result.profile?.phase, 'measure');
    assert.deepEqual(result.profile?.threads, threads);
  });

  it('marks the result, so that nothing takes it for a plain one', async () => {
    const { folder, result } = kept('memory');
    assert.equal(result.validity.isValid, false);
    const guard = result.validity.guards.find(({ name }) => name === 'profiled');
    assert.equal(guard?.verdict, 'invalid');
    const report = await trunkline(['report', folder]);
    assert.match(report.stdout, /profiled/);
    const history = await trunkline(['history', path('memory')]);
    assert.match(history.stdout, /left out for not being valid: 1/);
  });

  it('profiles both processes over tcp, and what a call of the system is for', {
    skip: whyNoSystemCalls() ?? false,
  }, async () => {
    // Long and busy enough that samples hit system calls, however few of them a busy machine takes.
    const busy = ['transport=tcp', 'traffic.rate=3k', 'phases.measure=4s'].flatMap((one) => ['--set', one]);
    const args = ['profile', 'tiny.yaml', ...busy, '--out', 'tcp', '--quiet'];
    const { code, stdout, stderr } = await trunkline(args);
    assert.equal(code, 0, stderr);
    const { folder, files } = kept('tcp');
    const threads = ['shard-0', 'lane-0', 'switch-main', 'driver-main'];
    assert.deepEqual(
      files.filter((file) => file.endsWith('profile')),
      endingsOf(threads),
    );
    const shard = functionsOf(folder, 'shard-0');
    assertInSource(shard, 'doWorkAt', 'src/switch/shard.ts');
    assert.ok(
      [...shard.keys()].some((name) => name.startsWith('system call of ')),
      [...shard.keys()].join('\n'),
    );
    assert.ok(![...shard.keys()].some((name) => name.startsWith('munmap')), 'koffi functions share a name in V8');
    for (const thread of threads) assert.match(stdout, new RegExp(`^${thread}  `, 'm'));
  });

  it('names functions of many threads, which run a bundle, and says which were left out', async () => {
    const many = ['switch.shards=15', 'driver.lanes=2', 'phases.measure=500ms'].flatMap((one) => ['--set', one]);
    const { code, stderr } = await trunkline(['profile', 'tiny.yaml', ...many, '--thread', 's*', '--out', 'many']);
    assert.equal(code, 0, stderr);
    const { folder, result } = kept('many');
    const { threads = [], otherThreads = [] } = result.profile ?? {};
    assert.equal(threads.length, 12);
    assert.equal(threads.length + otherThreads.length, 18);
    assert.ok(otherThreads.includes('lane-0') && otherThreads.includes('main'));
    assertInSource(functionsOf(folder, threads[0] ?? ''), 'doWorkAt', 'src/switch/shard.ts');
  });

  it('keeps what it has when it is interrupted, and nothing before there is something', async () => {
    const long = ['profile', 'tiny.yaml', '--set', 'phases.measure=60s'];
    const measuring = start([...long, '--out', 'interrupted']);
    await measuring.says(/\nmeasure/);
    measuring.child.kill('SIGINT');
    const { code, stdout } = await measuring.outcome;
    assert.equal(code, 130);
    assert.match(stdout, /interrupted/);
    const { folder, result } = kept('interrupted');
    assert.equal(result.validity.ended, 'interrupted');
    functionsOf(folder, 'shard-0');
    const early = start([...long, '--set', 'login.rate=50/s', '--out', 'early']);
    await early.says(/(^|\n)ramp/);
    early.child.kill('SIGINT');
    const ended = await early.outcome;
    assert.equal(ended.code, 130);
    assert.match(ended.stdout, /Nothing was profiled/);
    assert.ok(!kept('early').files.some((file) => file.endsWith('profile')));
  });

  it('refuses what it cannot do, with exit code 2 and no folder', async () => {
    writeFileSync(
      path('steps.yaml'),
      `${readFileSync(path('tiny.yaml'), 'utf8').replace('name: tiny', 'name: steps')}steps:\n  - { name: a, set: { phones.count: 200 } }\n  - { name: b, set: { phones.count: 300 } }\n`,
    );
    const refused: readonly (readonly [readonly string[], RegExp])[] = [
      [['nothing-like-it'], /SCENARIO_UNKNOWN/],
      [['steps.yaml'], /scenario without steps, found 2/],
      [['tiny.yaml', '--thread', 'shard-7'], /--thread shard-7: expected a thread of this run/],
      [['tiny.yaml', '--interval', '5us'], /--interval: expected .* at least 100us/],
      [['tiny.yaml', '--allocations', 'many'], /--allocations: expected a size/],
      [['tiny.yaml', '--phase', 'drain'], /--phase: expected one of measure, ramp, all/],
    ];
    for (const [args, says] of refused) {
      const { code, stdout, stderr } = await trunkline(['profile', ...args, '--out', 'refused']);
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, says);
      assert.equal(stdout, '');
    }
    assert.ok(!readdirSync(path('.')).includes('refused'));
  });
});
