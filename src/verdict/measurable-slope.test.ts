import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measurableSlope } from './measurable-slope.ts';
import { type MemoryLine, memoryLine } from './record/memory-levels.ts';
import type { MemoryReading } from './record/memory-reading.ts';

const LEVELS = [500, 760, 1150, 1740, 2640, 4000];

const line = (bytesPerConnection: number, low: number, high: number): MemoryLine => ({
  bytesPerConnection,
  lowBytesPerConnection: low,
  highBytesPerConnection: high,
  baseBytes: 0,
  isLinear: true,
  bytes: [],
});

function through(rssOf: (connections: number, i: number) => number): MemoryLine | null {
  const readings = LEVELS.map((connections, i) => ({ connections, rssBytes: rssOf(connections, i) }) as MemoryReading);
  return memoryLine(readings, (reading) => reading.rssBytes, 1);
}

describe('a slope of memory', () => {
  it('is a figure where its interval is above zero', () => {
    const slope = measurableSlope(line(310, 250, 390), { connections: 4000 });
    assert.equal(slope?.bytesPerConnection, 310);
    assert.equal(slope.reason, null);
  });

  it('is none where it is negative, however narrow its interval, and says how many connections it takes', () => {
    const slope = measurableSlope(line(-6244, -7000, -5500), { connections: 4000 });
    assert.equal(slope?.bytesPerConnection, null);
    assert.match(slope.reason ?? '', /^not measurable at 4,000 connections; needs about 790k$/);
    assert.deepEqual([slope.lowBytesPerConnection, slope.highBytesPerConnection], [-7000, -5500], 'the interval stays');
  });

  it('is none where its interval spans zero', () => {
    const slope = measurableSlope(line(200, -100, 500), { connections: 4000 });
    assert.equal(slope?.bytesPerConnection, null);
    assert.match(
      slope.reason ?? '',
      /needs about 12\.0k \(here at most 500 B\)$/,
      'three halves of 4,000, and twice that',
    );
  });

  it('needs as many as then suffice: the same noise is a figure there', () => {
    const noise = [9e5, -4e5, 6e5, -8e5, 2e5, -5e5];
    const at = (times: number) => through((connections, i) => 200 * connections * times + (noise[i] ?? 0));
    const few = measurableSlope(at(1), { connections: 4000 });
    const needed = /needs about ([\d.]+)(k|M)/.exec(few?.reason ?? '');
    assert.ok(needed !== null, `the noise hides it: ${few?.reason}`);
    const times = (Number(needed[1]) * (needed[2] === 'k' ? 1e3 : 1e6)) / 4000;
    // A line over `times` as many connections, each level that many times as far out.
    assert.ok((at(times)?.lowBytesPerConnection ?? 0) > 0, 'the interval has left zero');
  });

  it('says the most that it may be, and looks for no more than that', () => {
    const slope = measurableSlope(line(0.04, -1.1, 0.16), { connections: 2_500_000 });
    assert.equal(slope?.reason, 'not measurable at 2,500,000 connections; needs about 36.0M (here at most 0.160 B)');
  });

  it('is looked for in what the kernel takes, where it is the kernel', () => {
    const slope = measurableSlope(line(-8370, -9000, -8000), { connections: 4000, soughtBytes: 8370 });
    assert.match(slope?.reason ?? '', /needs about 8\.00k$/);
  });

  it('is exact where all readings are the same', () => {
    assert.equal(
      measurableSlope(
        through(() => 1e6),
        { connections: 4000 },
      )?.bytesPerConnection,
      0,
    );
  });

  it('is none where readings were disturbed, whatever they say', () => {
    const slope = measurableSlope(line(310, 250, 390), {
      connections: 4000,
      disturbed: 'not measured: others opened sockets',
    });
    assert.deepEqual([slope?.bytesPerConnection, slope?.reason], [null, 'not measured: others opened sockets']);
    assert.equal(measurableSlope(null, { connections: 4000 }), null);
  });
});
