import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineLimits } from '../measure/machine-limits.ts';
import { parseScenario } from '../scenario/scenario.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { checkHugePages, whyNoHugePages } from './check-huge-pages.ts';
import { MACHINE } from './measured-machine.test-suite.ts';

const settings = (pages: string): ScenarioSettings =>
  parseScenario(
    `{ name: some, description: Some phones, phones: { count: 1k, offline: 0, heartbeat: none, session: none }, login: { rate: 1k }, traffic: { rate: 0, payload: 64B }, memory: { pages: ${pages} } }`,
    'some.yaml',
    [],
  ).settings;

const CASES: readonly [string, Partial<MachineLimits>, RegExp | null][] = [
  ['on request', { hugePages: 'madvise' }, null],
  ['always', { hugePages: 'always' }, null],
  ['forbidden', { hugePages: 'never' }, /echo madvise > \/sys\/kernel\/mm\/transparent_hugepage\/enabled/],
  ['unknown', { hugePages: null }, /does not support/],
  ['without system calls', { hugePages: 'always', hasSystemCalls: false }, /koffi/],
];

describe('huge pages', () => {
  for (const [name, changes, why] of CASES) {
    it(`are ${why === null ? 'allowed' : 'refused'} where the kernel uses them ${name}`, () => {
      const limits = { ...MACHINE, ...changes };
      if (why === null) assert.equal(whyNoHugePages(limits), null);
      else assert.match(whyNoHugePages(limits) ?? '', why);
      const check = (pages: string) => (): void => checkHugePages(settings(pages), limits);
      check('auto')(); // does without
      check('base')();
      if (why === null) check('huge')();
      else assert.throws(check('huge'), { code: 'PLAN_EXCEEDS_LIMIT', message: /memory\.pages=auto/ });
    });
  }
});
