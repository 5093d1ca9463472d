/** Memory per connection in words: intervals, sides, ends of a socket, and what cannot be said. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Slope } from '../../../result/sections/memory-schema.ts';
import { memoryLines, plainBytes } from './memory-lines.ts';

const MADE = madeResult();

const slope = (bytesPerConnection: number, width = 0, change: Partial<Slope> = {}): Slope => ({
  bytesPerConnection,
  lowBytesPerConnection: bytesPerConnection - width,
  highBytesPerConnection: bytesPerConnection + width,
  baseBytes: 3 * 2 ** 20,
  isLinear: true,
  bytes: [],
  reason: null,
  ...change,
});
const hidden = (reason: string): Slope => ({ ...slope(0), bytesPerConnection: null, reason });

const NOTHING = { ledger: null, heap: null, rss: null };
const memoryOf = (change: Partial<Result['memory']>): Result['memory'] => ({
  ...MADE.memory,
  connections: [100, 200, 1000],
  switch: NOTHING,
  driver: NOTHING,
  ...change,
});

/** Lines with single spaces. */
const linesOf = (change: Partial<Result['memory']>, other: Partial<Result> = {}): string[] =>
  memoryLines({ ...MADE, memory: memoryOf(change), ...other }).map((line) => line.replace(/ +/g, ' '));

const overSockets = (endsHere: number): Partial<Result> => ({
  scenario: { ...MADE.scenario, transport: 'tcp', isSimulated: false },
  sockets: { endsHere, kernel: { source: 'slabs of the kernel' } } as Result['sockets'], // no other key is read
});

describe('the table of memory', () => {
  it('has a row per side, with intervals where they are wider than a tenth of a byte', () => {
    const lines = linesOf({
      switch: { ledger: slope(24, 0.02), heap: slope(3.5, 1), rss: slope(140.6, 12.3) },
      driver: { ledger: slope(16, 0.1), heap: slope(-0.01), rss: null },
    });
    assert.deepEqual(lines.slice(0, 4), [
      'simulated, per connection tables (ledger) heap RSS',
      'switch 24.0 B 3.5 B (2.5…4.5) 141 B (128…153)',
      'driver 16.0 B (15.9…16.1) 0 B not measured',
      'slopes over 3 levels up to 1,000 connections, with 95 % intervals',
    ]);
  });

  it('says once why cells have no figure, with all cells that have the same reason', () => {
    const few = hidden('too few connections');
    const lines = linesOf({
      switch: { ledger: slope(24), heap: few, rss: few },
      driver: { ledger: null, heap: few, rss: hidden('readings were disturbed') },
    });
    assert.deepEqual(lines.slice(1, 3), [
      'switch 24.0 B not measurable not measurable',
      'driver not measured not measurable not measurable',
    ]);
    assert.ok(
      lines.includes('switch heap, switch RSS, driver heap: too few connections; driver RSS: readings were disturbed'),
      lines.join('\n'),
    );
  });

  it('says where no level was reached', () => {
    assert.ok(linesOf({ connections: [] }).includes('not read: the ramp did not reach a level'));
  });

  it('of a switch elsewhere has no row of it, and says so', () => {
    const lines = linesOf({}, { integrity: { ...MADE.integrity, queued: null } });
    assert.equal(
      lines.some((line) => line.startsWith('switch ')),
      false,
    );
    assert.ok(lines.includes('the switch is on the other side: its memory and processor time are not in this result'));
  });
});

describe('memory outside the tables', () => {
  it('of a simulated run is that of the process, and its sockets are left out by name', () => {
    const process = { rss: slope(90, 4, { isLinear: false }), pageTables: null };
    const lines = linesOf({ process });
    assert.ok(
      lines.includes('both in one process: 90.0 B (86.0…94.0) RSS, base 3.00 MiB; not linear, do not extrapolate'),
      lines.join('\n'),
    );
    assert.match(lines.at(-1) ?? '', /^left out: kernel sockets \(most of a real connection\)/);
    assert.doesNotMatch(lines.join('\n'), /whole machine/);
  });

  it('says how much of it is on huge pages, if any is', () => {
    const on = (hugeBytes: number | null): string[] => linesOf({ pages: { setting: 'auto', hugeBytes } });
    assert.ok(on(3 * 2 ** 30).includes('on pages of 2 MiB: 3.00 GiB of the RSS'), on(3 * 2 ** 30).join('\n'));
    for (const none of [0, null]) assert.doesNotMatch(on(none).join('\n'), /on pages of/);
    assert.doesNotMatch(linesOf({ pages: null }).join('\n'), /on pages of/);
  });

  it('over sockets is that of the kernel, for both ends and for each, and of the machine', () => {
    const lines = linesOf({ isSimulated: false, kernel: slope(8370), machine: slope(9000, 100) }, overSockets(2));
    assert.equal(lines[0], 'per connection tables (ledger) heap RSS', 'not simulated');
    assert.ok(
      lines.includes('kernel, both ends here: 8,370 B, 4,185 B per end (from slabs of the kernel)'),
      lines.join('\n'),
    );
    assert.ok(lines.includes('whole machine, both ends here: 9,000 B (8,900…9,100) (decrease of free memory)'));
    assert.match(lines.at(-1) ?? '', /^left out: mailboxes, data in socket buffers/);
  });

  it('of one end is not divided', () => {
    const lines = linesOf({ isSimulated: false, kernel: slope(4200), machine: null }, overSockets(1));
    assert.ok(lines.includes('kernel, one end here: 4,200 B (from slabs of the kernel)'), lines.join('\n'));
    assert.ok(lines.includes('whole machine, one end here: not measured (decrease of free memory)'));
  });

  it('that could not be measured gives its reason, and nothing is said of its line', () => {
    const kernel = { ...hidden('other sockets came and went'), isLinear: false };
    const lines = linesOf({ isSimulated: false, kernel }, overSockets(2));
    assert.ok(
      lines.includes('kernel, both ends here: other sockets came and went (from slabs of the kernel)'),
      lines.join('\n'),
    );
  });
});

describe('bytes without their unit', () => {
  it('have one decimal below 100, and no sign where there is nothing', () => {
    assert.deepEqual([0, -0.04, 0.05, 7.25, 99.94, 100.4, -3.21, 8370].map(plainBytes), [
      ...['0', '0', '0.1', '7.3', '99.9', '100', '-3.2', '8,370'],
    ]);
  });
});
