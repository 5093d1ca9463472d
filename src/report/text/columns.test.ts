import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { columns } from './columns.ts';
import { outcomeJson } from './outcome-json.ts';
import { PLAIN } from './palette.ts';
import { progressLine } from './progress-line.ts';

describe('columns', () => {
  it('stand side by side: the first to the left, figures to the right', () => {
    assert.deepEqual(
      columns([
        ['latency', 'p50', 'p99'],
        ['delivered', '597 µs', '1.20 ms'],
        ['✓', '–', '10 s'],
      ]),
      ['latency       p50      p99', 'delivered  597 µs  1.20 ms', '✓               –     10 s'],
    );
  });

  it('are as wide as their widest cell, end in no space, and lose no text', () => {
    const cell = fc.stringMatching(/^[a-z0-9µ–✓.]{1,12}$/);
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 }), (rows) => {
        const lines = columns(rows);
        assert.equal(lines.length, rows.length);
        const widths = [0, 1, 2].map((n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
        for (const [n, line] of lines.entries()) {
          assert.deepEqual(line.split(/ +/), rows[n]);
          assert.equal(
            line.length,
            widths.reduce((sum, width) => sum + width + 2, -2),
            line,
          );
        }
      }),
    );
  });
});

describe('a line of progress', () => {
  const figures = {
    atSeconds: 12.34,
    phase: 'measure',
    held: 1_000_000,
    loginsPerSecond: 0,
    messagesPerSecond: 412_345,
    deliveryP99Micros: 1234,
    backlogMessages: 0,
    rssBytes: 3.5 * 2 ** 30,
  };

  it('holds phase, phones, rates, latency and memory in places that do not move', () => {
    assert.equal(
      progressLine(figures, true),
      '  12.3 s  measure     1,000,000 simulated phones      0 logins/s   412k messages/s  delivery p99 1.23 ms  RSS 3.50 GiB',
    );
    const early = progressLine(
      { ...figures, atSeconds: 1, held: 5, messagesPerSecond: 0, deliveryP99Micros: null },
      true,
    );
    assert.equal(early.indexOf('simulated'), progressLine(figures, true).indexOf('simulated'));
    assert.match(early, /delivery p99 –/);
  });

  it('says that the driver is late only where it is, and that phones are simulated only where they are', () => {
    assert.doesNotMatch(progressLine({ ...figures, backlogMessages: 999 }, false), /late|simulated/);
    assert.match(progressLine({ ...figures, backlogMessages: 1500 }, false), / {2}1\.50k late {2}/);
  });
});

describe('text without colours', () => {
  it('is the text', () => {
    for (const paint of [PLAIN.strong, PLAIN.good, PLAIN.bad, PLAIN.warning, PLAIN.faint])
      assert.equal(paint('FAILED'), 'FAILED');
  });
});

describe('JSON of an outcome', () => {
  it('stops at a number that JSON would turn into "not measured"', () => {
    const outcome = { rows: [{ estimate: Number.NaN }] } as unknown as Parameters<typeof outcomeJson>[0];
    assert.throws(() => outcomeJson(outcome), /estimate of an outcome is a finite number/);
  });
});
