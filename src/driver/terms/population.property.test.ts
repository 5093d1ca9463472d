/** Which phone is where, against a count of all of them one by one. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { CELLS, Population } from './population.ts';

const lanes = fc.oneof(fc.constantFrom(1, 2, 3, CELLS - 1, CELLS), fc.integer({ min: 1, max: CELLS }));
const phones = fc.oneof(fc.constantFrom(1, CELLS - 1, CELLS, CELLS + 1), fc.integer({ min: 1, max: 2000 }));

it('has each phone in one row of one lane, and no other phone there', () => {
  fc.assert(
    fc.property(phones, lanes, (count, laneCount) => {
      const population = new Population(count, count, laneCount);
      const seen = new Set<number>();
      for (let lane = 0; lane < laneCount; lane++) {
        const rows = new Set<number>();
        for (let cell = 0; cell < population.cellsOf(lane); cell++) {
          const inCell = population.offsetsBelow(count, population.cell(lane, cell));
          for (let offset = 0; offset < inCell; offset++) {
            const row = population.row(cell, offset);
            assert.ok(row >= 0 && row < population.rowsPerLane, `row ${row} of ${population.rowsPerLane}`);
            const phone = population.phoneAt(lane, row);
            assert.ok(phone < count);
            rows.add(row);
            seen.add(phone);
          }
        }
        const inLane = [...Array(population.cellsOf(lane)).keys()].reduce(
          (sum, cell) => sum + population.offsetsBelow(count, population.cell(lane, cell)),
          0,
        );
        assert.equal(rows.size, inLane, 'two phones do not share a row');
      }
      assert.equal(seen.size, count);
    }),
    { numRuns: 40 },
  );
});

it('has rows for the phones that connect, however many others there are', () => {
  fc.assert(
    fc.property(phones, fc.nat(5000), lanes, (online, others, laneCount) => {
      const population = new Population(online + others, online, laneCount);
      assert.equal(population.rowsPerLane, new Population(online, online, laneCount).rowsPerLane);
      for (let phone = 0; phone < online; phone++) assert.ok(population.rowOf(phone) < population.rowsPerLane);
    }),
    { numRuns: 40 },
  );
});

it('has the cells of all lanes, each once, and as many phones in a cell as a count says', () => {
  fc.assert(
    fc.property(lanes, phones, fc.nat(2000), (laneCount, count, limit) => {
      const population = new Population(count, count, laneCount);
      const cells: number[] = [];
      for (let lane = 0; lane < laneCount; lane++) {
        for (let cell = 0; cell < population.cellsOf(lane); cell++) cells.push(population.cell(lane, cell));
      }
      assert.deepEqual(
        cells.sort((a, b) => a - b),
        [...Array(CELLS).keys()],
      );
      const counts = new Array<number>(CELLS).fill(0);
      for (let phone = 0; phone < limit; phone++) counts[phone % CELLS] = (counts[phone % CELLS] ?? 0) + 1;
      assert.deepEqual(
        counts.map((_, cell) => population.offsetsBelow(limit, cell)),
        counts,
      );
    }),
    { numRuns: 60 },
  );
});

it('needs memory that grows with phones: earlier phones of a lane are in earlier rows', () => {
  fc.assert(
    fc.property(phones, lanes, (count, laneCount) => {
      const population = new Population(count, count, laneCount);
      const last = new Map<number, number>();
      for (let phone = 0; phone < count; phone++) {
        const cell = phone % CELLS;
        const lane = cell % laneCount;
        const row = population.row(Math.floor(cell / laneCount), Math.floor(phone / CELLS));
        assert.equal(population.phoneAt(lane, row), phone);
        assert.ok(row > (last.get(lane) ?? -1));
        last.set(lane, row);
      }
    }),
    { numRuns: 40 },
  );
});
