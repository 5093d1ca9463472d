/** One limit of a machine against one need: the verdict, and the text that a user reads. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { problemText } from '../preflight.ts';
import { checkLimit, isProblem, type PlanCheck } from './plan-check.ts';

const figure = fc.oneof(fc.nat(5), fc.nat(5_000_000));
const limit = fc.record({
  needed: figure,
  allowed: fc.oneof(figure, fc.constantFrom(null, Number.POSITIVE_INFINITY)),
  otherwise: fc.constantFrom('refuse' as const, 'advise' as const),
  commands: fc.array(fc.constantFrom('ulimit -n 5', '--set a=b'), { maxLength: 3 }),
});

const TEXT = { what: 'open files', setBy: 'ulimit -n', consequence: 'no socket opens' };

describe('a limit', () => {
  it('is met, not met or unknown, and names commands only where it is not met', () => {
    fc.assert(
      fc.property(limit, ({ needed, allowed, otherwise, commands }) => {
        let asked = 0;
        const check = checkLimit({
          ...TEXT,
          needed,
          allowed,
          otherwise,
          commands: () => {
            asked++;
            return commands;
          },
        });
        const isExceeded = allowed !== null && needed > allowed;
        assert.equal(check.verdict, allowed === null ? 'unknown' : isExceeded ? otherwise : 'ok');
        assert.deepEqual(check.commands, isExceeded ? commands : []);
        assert.equal(asked, isExceeded ? 1 : 0, 'commands may divide by the limit, so nobody asks for them otherwise');
        assert.equal(isProblem(check), isExceeded);
        assert.equal(check.unit, 'count', 'unless something else is said');
        assert.deepEqual(
          [check.what, check.setBy, check.needed, check.allowed],
          ['open files', 'ulimit -n', needed, allowed],
        );
      }),
    );
  });

  it('is a problem only by its verdict', () => {
    const verdicts: PlanCheck['verdict'][] = ['ok', 'unknown', 'advise', 'refuse'];
    const check = checkLimit({ ...TEXT, needed: 1, allowed: 1, otherwise: 'refuse', commands: () => [] });
    assert.deepEqual(
      verdicts.map((verdict) => isProblem({ ...check, verdict })),
      [false, false, true, true],
    );
  });
});

describe('the text of a problem', () => {
  const problem = { ...TEXT, unit: 'count' as const, needed: 50_202, allowed: 20_000, verdict: 'refuse' as const };

  it('has what is needed, what is allowed, the consequence, and each command on a line of its own', () => {
    assert.equal(
      problemText({ ...problem, commands: ['ulimit -n 50202', 'npm install koffi'] }),
      [
        '  open files: needs 50,202, ulimit -n allows 20,000: no socket opens.',
        '    ulimit -n 50202',
        '    npm install koffi',
      ].join('\n'),
    );
  });

  it('has sizes in bytes with their unit, and says where a limit is unknown', () => {
    const bytes = { ...problem, unit: 'bytes' as const, needed: 3 * 2 ** 30, allowed: 2 ** 30, commands: [] };
    assert.match(problemText(bytes), /needs 3\.00 GiB, ulimit -n allows 1\.00 GiB: no socket opens\.$/);
    assert.match(problemText({ ...bytes, allowed: null }), /allows an unknown number:/);
  });
});
