/** What `doctor` says about the limits of a machine. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { MACHINE } from '../../plan/measured-machine.test-suite.ts';
import { limitFigures } from './limit-figures.ts';

it('says whether tables can lie on huge pages, and why not', () => {
  const said = (changes: Partial<MachineLimits>): string | undefined =>
    limitFigures({ ...MACHINE, ...changes }).find(({ name }) => name.startsWith('tables on huge pages'))?.value;
  assert.equal(said({ hugePages: 'madvise' }), 'yes: madvise');
  assert.equal(said({ hugePages: 'always' }), 'yes: always');
  assert.match(said({ hugePages: 'never' }) ?? '', /must not use huge pages: as root, echo madvise > /);
  assert.match(said({ hugePages: null }) ?? '', /kernel does not support/);
  assert.match(said({ hasSystemCalls: false }) ?? '', /needs Linux and the optional package koffi/);
});
