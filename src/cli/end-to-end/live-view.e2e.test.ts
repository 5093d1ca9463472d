/** The live view as a user meets it: in a terminal that changes its size, with keys and signals, and in a pipe. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { cellsOf } from '../terminal/styled-line.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';
import { PseudoTerminal, type TerminalSettings, withoutPseudoTerminal } from './support/pseudo-terminal.test-suite.ts';

const missing = withoutPseudoTerminal();
const ESCAPE = '\u001b';
/** Whoever reads a terminal sees this of a colour. */
const COLOUR = `${ESCAPE}[1m`;
const ANY_COLOUR = new RegExp(`${ESCAPE}\\[[\\d;]*m`);
const LONG = ['--set', 'phases.measure=10m'];

const { path, trunkline } = commandFolder();

/** Runs `tiny.yaml` in a terminal, in a folder of that name. */
function run(name: string, args: readonly string[], settings: TerminalSettings = {}): PseudoTerminal {
  mkdirSync(path(name));
  return new PseudoTerminal(
    ['run', '../tiny.yaml', '--out', 'results', '--set', 'phones.session=none', ...args],
    path(name),
    settings,
  );
}

function storedResult(name: string): Result {
  const [folder = ''] = readdirSync(path(`${name}/results`));
  const file = path(`${name}/results/${folder}/result.json`);
  return parseResult(readFileSync(file, 'utf8'), file);
}

/** The line of a terminal in its usual state: it echoes, and makes signals of Ctrl-C and Ctrl-Z. */
function assertRestored(line: string): void {
  for (const flag of ['icanon', 'isig', 'echo', 'icrnl', 'opost'])
    assert.match(line, new RegExp(`(^|\\s)${flag}(\\s|;|$)`), `${flag} in ${line}`);
}

describe('the live view in a terminal', { skip: missing ?? false, concurrency: 2 }, () => {
  it('is redrawn in its place, follows the size of the terminal, and ends with q and a partial result', async () => {
    const terminal = run('quit', LONG);
    await terminal.sees(/connections .*300 of 300/);
    await terminal.sees(/measure .* of 10 min 00 s · about/);
    const narrow = terminal.output.length;
    terminal.resize(30, 24);
    await terminal.sees(/300 of 300/, narrow);
    const wide = terminal.output.length;
    terminal.resize(120, 30);
    await terminal.sees(/connections {2}/, wide);
    const seen = terminal.screen.lines;
    for (const label of ['trunkline', 'measure', 'connections', 'busy'])
      assert.equal(seen.filter((text) => text.startsWith(`${label}  `)).length, 1, seen.join('\n'));
    assert.equal(seen.filter((text) => text.includes('300 of 300')).length, 1, seen.join('\n'));
    terminal.type('q');
    const { code, line, output } = await terminal.ended;
    assert.equal(code, 130);
    assert.match(output, /Interrupted: draining/);
    assert.match(output, /INTERRUPTED: the figures below are partial/);
    const left = terminal.screen.lines.join('\n');
    assert.doesNotMatch(left, /q quits|300 of 300|about .* left/, 'nothing of the view is left');
    assertRestored(line);
    assert.equal(storedResult('quit').validity.ended, 'interrupted');
    for (const whole of [`${ESCAPE}[2J`, `${ESCAPE}[3J`, `${ESCAPE}[?1049h`, `${ESCAPE}c`])
      assert.ok(!output.includes(whole), 'the screen is never cleared');
    const columns = [100, 30];
    for (const [n, part] of [
      output.slice(0, narrow),
      output.slice(output.indexOf('300 of 300', narrow), wide),
    ].entries()) {
      for (const text of stripVTControlCharacters(part).split(/[\r\n]+/))
        assert.ok(cellsOf(text) <= (columns[n] ?? 0), `${cellsOf(text)} cells: ${text}`);
    }
  });

  it('pauses and resumes the load with p, and the run is then not valid', async () => {
    const terminal = run('pause', ['--set', 'phases.measure=2s', '--set', 'phases.settle=1s']);
    await terminal.sees(/measure .* of 2 s/);
    terminal.type('p');
    await terminal.sees(/PAUSED for/);
    await terminal.sees(/load paused \d+ s: the run is not valid/);
    const resumed = terminal.output.length;
    terminal.type('p');
    await terminal.sees(/resumed: /, resumed);
    const { code, line, output } = await terminal.ended;
    assert.equal(code, 3);
    assert.match(output, /INVALID: load paused: the load was paused for/);
    assertRestored(line);
    const { validity, series, connections } = storedResult('pause');
    const { lostReplaced, lostHeartbeat, lostOther } = connections.failed;
    assert.deepEqual([validity.isValid, validity.isComplete], [false, true]);
    assert.deepEqual([lostReplaced, lostHeartbeat, lostOther], [0, 0, 0], 'connections are kept');
    assert.deepEqual(
      series.events.map(({ name }) => name).filter((name) => name === 'paused' || name === 'resumed'),
      ['paused', 'resumed'],
    );
  });

  it('ends in order with Ctrl-C, and at once with a second one', async () => {
    const first = run('interrupted', LONG);
    await first.sees(/measure .* of 10 min/);
    first.type('\u0003');
    const ended = await first.ended;
    assert.equal(ended.code, 130);
    assertRestored(ended.line);
    assert.equal(storedResult('interrupted').validity.ended, 'interrupted');
    const twice = run('at-once', LONG);
    await twice.sees(/measure .* of 10 min/);
    twice.type('\u0003\u0003');
    const stopped = await twice.ended;
    assert.equal(stopped.code, 130);
    assertRestored(stopped.line);
  });

  it('leaves the terminal as it was after SIGTERM, and after a fault of its own', async () => {
    const terminated = run('terminated', LONG);
    await terminated.sees(/measure .* of 10 min/);
    process.kill(terminated.processId, 'SIGTERM');
    const { code, line } = await terminated.ended;
    assert.equal(code, 143);
    assertRestored(line);
    const fault =
      "import{isMainThread}from'node:worker_threads';if(isMainThread)process.on('SIGUSR2',()=>{throw new Error('a_fault')})";
    const faulty = run('faulty', LONG, {
      environment: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}` },
    });
    await faulty.sees(/measure .* of 10 min/);
    process.kill(faulty.processId, 'SIGUSR2');
    const thrown = await faulty.ended;
    assert.notEqual(thrown.code, 0);
    assert.match(thrown.output, /a_fault/);
    assertRestored(thrown.line);
  });

  it('has colours, but none with NO_COLOR, and only lines on a dumb terminal or in the background', async () => {
    const coloured = run('coloured', LONG);
    await coloured.sees(/measure .* of 10 min/);
    coloured.type('q');
    assert.ok((await coloured.ended).output.includes(COLOUR));
    const plain = run('plain', LONG, { environment: { NO_COLOR: '1' } });
    await plain.sees(/measure .* of 10 min/);
    plain.type('q');
    const { output } = await plain.ended;
    assert.ok(output.includes(`${ESCAPE}[`), 'it is still redrawn in its place');
    assert.doesNotMatch(output, ANY_COLOUR);
    for (const [name, settings] of [
      ['dumb', { environment: { TERM: 'dumb' } }],
      ['background', { isInBackground: true }],
    ] as const) {
      const lines = run(name, ['--set', 'phases.measure=1s'], settings);
      const said = await lines.ended;
      assert.ok(name === 'background' || !said.output.includes(ESCAPE), said.output);
      assert.match(said.output, /\d s {2}measure +\d{3} simulated phones/);
      assert.doesNotMatch(said.output, /p pauses/);
      assertRestored(said.line);
    }
  });
});

describe('progress in a pipe', () => {
  it('is one line per interval, without a control character', async () => {
    const { stderr } = await trunkline(['run', 'tiny.yaml', '--out', 'piped']);
    const lines = stderr.trimEnd().split('\n');
    const intervals = lines.filter((line) =>
      /^ +\d+\.\d s {2}(ramp|settle|measure|drain) +\d+ simulated phones/.test(line),
    );
    assert.ok(intervals.length >= 10, stderr);
    assert.doesNotMatch(stderr.replaceAll('\n', ''), /\p{Cc}/u);
  });
});
