import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ComparisonRow } from './comparison-schema.ts';
import { changeWords, comparisonSentence, percentWords, rowSentence } from './comparison-sentences.ts';
import { VERDICTS } from './difference-verdict.ts';

const ROW: ComparisonRow = {
  metric: 'cpu.switchMicrosPerMessage',
  about: 'Processor time',
  unit: 'micros',
  better: 'less',
  kind: 'ratio',
  role: 'gating',
  base: 3,
  candidate: 3.1,
  changeShare: 0.031,
  lowShare: 0.011,
  highShare: 0.052,
  confidence: 0.951,
  smallestDifferenceShare: 0.02,
  noiseFloorShare: null,
  smallestDetectableShare: 0.024,
  n: 10,
  missing: 0,
  ties: 0,
  zeros: 0,
  method: 'exact',
  pValue: 0.01,
  effect: 0.9,
  ratios: [],
  verdict: 'inconclusive',
  lean: 'worse',
  gateRefusal: null,
  sentence: '',
};
const row = (changes: Partial<ComparisonRow>): ComparisonRow => {
  const made = { ...ROW, ...changes };
  return { ...made, sentence: rowSentence(made) };
};

describe('the sentence of a metric', () => {
  it('has the change, its interval with a sign at each end, and the verdict', () => {
    assert.equal(
      row({ verdict: 'regressed', lean: null }).sentence,
      'cpu.switchMicrosPerMessage: 3.1 % more (95.1 % interval +1.1 % to +5.2 %): regressed',
    );
    assert.equal(
      row({ changeShare: -0.04, lowShare: -0.06, highShare: -0.021, verdict: 'improved', lean: null }).sentence,
      'cpu.switchMicrosPerMessage: 4.0 % less (95.1 % interval −6.0 % to −2.1 %): improved',
    );
    assert.equal(
      row({ changeShare: 0, lowShare: -0.004, highShare: 0.004, verdict: 'equivalent', lean: null }).sentence,
      'cpu.switchMicrosPerMessage: the same (95.1 % interval −0.4 % to +0.4 %): equivalent, within 2.0 %',
    );
  });

  it('names the precision where nothing was detected, and does not where something was', () => {
    const undetected = row({ lowShare: -0.01 }).sentence;
    assert.match(undetected, /: inconclusive \(leans worse\), a difference was not detected at this precision/);
    assert.match(undetected, /smallest detectable about 2\.4 %\)$/);
    assert.match(row({}).sentence, /\): inconclusive \(leans worse\)$/, 'the interval leaves 0 out');
  });

  it('says why a metric cannot be judged', () => {
    const gateRefusal = 'not measured, or not above 0, in 6 of 10 pairs';
    assert.equal(row({ verdict: 'invalid', gateRefusal }).sentence, `cpu.switchMicrosPerMessage: ${gateRefusal}`);
    const few = {
      changeShare: null,
      lowShare: null,
      highShare: null,
      confidence: null,
      gateRefusal: 'need at least 6 pairs',
    };
    assert.equal(row(few).sentence, 'cpu.switchMicrosPerMessage: need at least 6 pairs');
    const noisy = row({ gateRefusal: 'its noise floor, 4.0 %, is above the smallest difference, 2.0 %' }).sentence;
    assert.match(noisy, /\(leans worse\); its noise floor, 4\.0 %/);
  });

  it('counts errors without an interval', () => {
    const exact = { metric: 'integrity.lost', kind: 'exact', lean: null } as const;
    assert.equal(
      row({ ...exact, base: 0, candidate: 0, verdict: 'equivalent' }).sentence,
      'integrity.lost: equal in all 10, 0',
    );
    assert.equal(
      row({ ...exact, base: 0, candidate: 2, verdict: 'regressed' }).sentence,
      'integrity.lost: 0 against 2 (medians): regressed',
    );
  });

  it('never says that nothing changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VERDICTS),
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        (verdict, changeShare, width) => {
          const ends = { changeShare, lowShare: changeShare - width, highShare: changeShare + width };
          const { sentence } = row({ ...ends, verdict, lean: null });
          assert.doesNotMatch(sentence, /no change|unchanged|no difference/);
          assert.ok(sentence.startsWith('cpu.switchMicrosPerMessage: '));
        },
      ),
    );
  });
});

describe('the first sentence of a comparison', () => {
  it('has the verdict, what decided it, and a count of the others', () => {
    const rows = [
      row({ verdict: 'equivalent', lean: null }),
      row({ metric: 'latency.delivery p(99)', verdict: 'regressed', lean: null }),
      row({ metric: 'connections.held', verdict: 'improved', lean: null }),
      row({ metric: 'cpu.driverMicrosPerMessage', role: 'descriptive', verdict: 'regressed', lean: null }),
    ];
    const sentence = comparisonSentence('regressed', rows, null);
    assert.match(sentence, /^Regressed: latency\.delivery p\(99\): 3\.1 % more .*: regressed; /);
    assert.match(sentence, /; other gating metrics: 1 equivalent, 1 improved\.$/);
    assert.doesNotMatch(sentence, /driverMicros/, 'a metric that does not gate decides nothing');
  });

  it('lists equivalent metrics by name alone', () => {
    const rows = ['a', 'b'].map((metric) => row({ metric, verdict: 'equivalent', lean: null }));
    assert.equal(comparisonSentence('equivalent', rows, null), 'Equivalent: no difference that matters in a, b.');
  });

  it('has the reason alone for a comparison that is invalid as a whole', () => {
    const sentence = comparisonSentence('invalid', [row({})], 'the environments differ in kernel');
    assert.equal(sentence, 'Invalid: the environments differ in kernel.');
  });

  it('tells a metric that was refused apart from one that decided', () => {
    const refused = row({
      metric: 'noisy',
      gateRefusal: 'its noise floor is too high',
      verdict: 'regressed',
      lean: null,
    });
    const sentence = comparisonSentence('equivalent', [row({ verdict: 'equivalent', lean: null }), refused], null);
    assert.match(sentence, /^Equivalent: cpu\.switch.*; noisy does not gate: its noise floor is too high\.$/);
    assert.equal(comparisonSentence('inconclusive', [], null), 'Inconclusive: no metric was declared to decide.');
  });
});

describe('shares in words', () => {
  it('have one decimal below 100 %, and none from there', () => {
    assert.deepEqual([0.0004, 0.02, 0.9994, 0.9995, 1.5, -0.5].map(percentWords), [
      '0.0 %',
      '2.0 %',
      '99.9 %',
      '100 %',
      '150 %',
      '-50.0 %',
    ]);
    assert.deepEqual([0.02, -0.003, 0].map(changeWords), ['2.0 % more', '0.3 % less', 'the same']);
  });
});
