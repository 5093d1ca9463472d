import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ownCommand } from './own-command.ts';

describe('the own command', () => {
  it('is what was typed, with quotes where a shell needs them', () => {
    assert.equal(ownCommand(['compare', 'smoke', '--pairs', '10']), 'trunkline compare smoke --pairs 10');
    assert.equal(
      ownCommand(['capacity', 'smoke', '--limit', 'latency.delivery: p(99)<20ms']),
      "trunkline capacity smoke --limit 'latency.delivery: p(99)<20ms'",
    );
  });

  it('begins anew where the own one was continued', () => {
    assert.equal(ownCommand(['gate', 'self', '--resume', 'results/x', '-j']), 'trunkline gate self -j');
    assert.equal(ownCommand(['gate', 'self', '--resume=results/x', '-j']), 'trunkline gate self -j');
  });

  it('gives the same words to a shell, whatever they contain', () => {
    const word = fc.array(fc.constantFrom("'", '"', '$', '`', '\\', ' ', 'a', '*', '\n', '<', ';'), { maxLength: 6 });
    const words = fc.array(
      word.map((characters) => characters.join('')),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(words, (typed) => {
        const script = `trunkline() { for word; do printf '%s\\0' "$word"; done; }; ${ownCommand(typed)}`;
        const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
        assert.deepEqual(read, typed);
      }),
      { numRuns: 20 },
    );
  });
});
