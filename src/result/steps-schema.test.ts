import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { schemaComplaints } from './published-schema.test-suite.ts';
import type { Result } from './result-schema.ts';
import {
  parseSteps,
  STEPS_SCHEMA,
  type Steps,
  stepFigures,
  stepOutcome,
  stepPublished,
  stepsSchema,
} from './steps-schema.ts';

const MADE = madeResult();
const validity = (change: Partial<Result['validity']>): Result => ({
  ...MADE,
  validity: { ...MADE.validity, ...change },
});
const guard = (name: string, verdict: 'ok' | 'warning' | 'invalid') => ({
  name,
  verdict,
  figure: 1,
  limit: 0,
  sentence: `${name} was off`,
});
const threshold = (metric: string, passed: boolean): Result['thresholds'][number] => ({
  metric,
  expression: 'value>=5',
  figure: 1,
  isMore: false,
  passed,
  reason: null,
});

describe('how a step ended', () => {
  const outcomes: [what: string, result: Result, outcome: ReturnType<typeof stepOutcome>][] = [
    ['all is well', MADE, { outcome: 'passed', reason: null }],
    [
      'it was interrupted, whatever else is wrong',
      validity({ ended: 'interrupted', isComplete: false, isValid: false, guards: [guard('ramp', 'invalid')] }),
      { outcome: 'interrupted', reason: null },
    ],
    [
      'a worker failed',
      validity({ ended: 'failed', isComplete: false, isValid: false, failure: 'shard-0 threw' }),
      { outcome: 'failed', reason: 'shard-0 threw' },
    ],
    [
      'one guard tripped; a warning is none',
      validity({ isValid: false, guards: [guard('ramp', 'warning'), guard('swapping', 'invalid')] }),
      { outcome: 'invalid', reason: 'swapping: swapping was off' },
    ],
    [
      'two guards tripped: the first is why',
      validity({ isValid: false, guards: [guard('ramp', 'invalid'), guard('swapping', 'invalid')] }),
      { outcome: 'invalid', reason: 'ramp: ramp was off (and 1 more guard)' },
    ],
    [
      'three guards tripped',
      validity({ isValid: false, guards: ['ramp', 'halves', 'swapping'].map((name) => guard(name, 'invalid')) }),
      { outcome: 'invalid', reason: 'ramp: ramp was off (and 2 more guards)' },
    ],
    [
      'messages do not balance and no guard says so',
      validity({ isValid: false, guards: [] }),
      { outcome: 'invalid', reason: 'no guard tripped, but the messages do not balance' },
    ],
    [
      'thresholds were missed: each of those, and no other',
      {
        ...MADE,
        thresholds: [
          threshold('connections.held', false),
          threshold('integrity.lost', true),
          threshold('connections.peak', false),
        ],
      },
      { outcome: 'thresholds failed', reason: 'connections.held value>=5; connections.peak value>=5' },
    ],
  ];
  for (const [what, result, outcome] of outcomes)
    it(`is told where ${what}`, () => assert.deepEqual(stepOutcome(result), outcome));
});

describe('the figures of a step', () => {
  it('are those of its result, and null where that has none', () => {
    const figures = stepFigures(MADE);
    assert.equal(figures.connectionsHeld, MADE.connections.held);
    assert.equal(figures.deliveryP99Micros, MADE.latency.delivery.p99Micros);
    assert.equal(figures.sendDelayP99Micros, MADE.latency.sendDelay.p99Micros);
    assert.deepEqual([figures.kernelEnd, figures.machine, figures.driverRss], [null, null, null]);
    assert.equal(figures.switchLedger?.bytesPerConnection, MADE.memory.switch.ledger?.bytesPerConnection);
  });

  it('give kernel memory for one end, where both are on this machine', () => {
    const line = MADE.memory.switch.ledger;
    const kernel = line === null ? null : { ...line, bytesPerConnection: 8000 };
    const sockets = (endsHere: number) => ({ endsHere }) as Result['sockets']; // no other key is read
    const of = (endsHere: number) =>
      stepFigures({ ...MADE, sockets: sockets(endsHere), memory: { ...MADE.memory, kernel } }).kernelEnd;
    assert.deepEqual([of(1)?.bytesPerConnection, of(2)?.bytesPerConnection], [8000, 4000]);
    const hidden = kernel === null ? null : { ...kernel, bytesPerConnection: null, reason: 'too few connections' };
    const unmeasured = stepFigures({
      ...MADE,
      sockets: sockets(2),
      memory: { ...MADE.memory, kernel: hidden },
    }).kernelEnd;
    assert.deepEqual([unmeasured?.bytesPerConnection, unmeasured?.reason], [null, 'too few connections']);
  });

  it('have their own figure beside the published one, and null in tables that are older', () => {
    const quoting = (published: NonNullable<Result['scenario']['step']>['published']): Result => {
      const step = { name: 'one', number: 1, of: 1, published };
      return { ...MADE, connections: { ...MADE.connections, held: 500 }, scenario: { ...MADE.scenario, step } };
    };
    const words = { figure: '2 million', source: 'a talk' };
    const quoted = { ...words, metric: 'connections.held', value: 2e6 };
    assert.deepEqual(stepPublished(quoting(quoted)), { ...quoted, own: 500 });
    assert.deepEqual(stepPublished(quoting(words)), { ...words, own: null });
    assert.equal(stepPublished(quoting(null)), null);
    assert.equal(stepPublished(MADE), null, 'not a step');
    const { published } = stepsSchema.shape.steps.element.shape;
    assert.deepEqual(published.parse(words), { ...words, own: null });
  });

  it('stand in a file as it is published, and read back as they were', () => {
    const step = {
      name: '100k',
      number: 1,
      scenario: 'made',
      transport: 'memory',
      isSimulated: true,
      ...stepOutcome(MADE),
      published: { figure: '2 million', source: 'a talk', own: null },
      resultFile: 'a/result.json',
      figures: stepFigures(MADE),
    };
    const notRun = { ...step, outcome: 'not run' as const, reason: 'no memory', resultFile: null, figures: null };
    const steps: Steps = {
      schema: STEPS_SCHEMA,
      id: 'a',
      startedAt: '2026-01-01T00:00:00.000Z',
      name: 'made',
      steps: [step, notRun],
    };
    assert.deepEqual(parseSteps(JSON.stringify(steps), 'steps.json'), steps);
    assert.deepEqual(schemaComplaints('steps', steps), []);
    assert.throws(() => parseSteps(JSON.stringify({ ...steps, more: 1 }), 'steps.json'), {
      code: 'RESULT_UNREADABLE',
      message: 'steps.json: not a whole table of steps: Unrecognized key: "more"',
    });
  });
});
