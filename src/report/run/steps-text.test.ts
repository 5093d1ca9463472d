import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STEPS_SCHEMA, type StepEntry, type StepFigures, type Steps } from '../../result/steps-schema.ts';
import { type Palette, PLAIN } from '../text/palette.ts';
import { stepLine, stepsMarkdown, stepsText } from './steps-text.ts';

const slope = (bytesPerConnection: number, isLinear = true) => ({ bytesPerConnection, isLinear, reason: null });

const FIGURES: StepFigures = {
  connectionsHeld: 200_000,
  loginsPerSecond: 8123,
  offeredMessagesPerSecond: null,
  goodputPerSecond: null,
  completeMessagesPerSecond: 499.6,
  deliveryP50Micros: 388,
  deliveryP99Micros: 3270,
  storedDeliveryP99Micros: 268_435_456,
  sendDelayP50Micros: 12,
  sendDelayP99Micros: null,
  stormRestored99Micros: null,
  stormPeakLoginsPerSecond: null,
  latencyRangeMicros: 268_435_456,
  switchLedger: slope(42),
  switchRss: slope(310.4),
  driverLedger: slope(22),
  driverRss: slope(295.2),
  kernelEnd: slope(3984),
  machine: slope(8404, false),
  switchMicrosPerMessage: 278.24,
  driverMicrosPerMessage: null,
};

function step(overrides: Partial<StepEntry>): StepEntry {
  return {
    name: '200k',
    number: 1,
    scenario: 'idle-ladder',
    transport: 'tcp',
    isSimulated: false,
    outcome: 'passed',
    reason: null,
    published: null,
    resultFile: 'a/result.json',
    figures: FIGURES,
    ...overrides,
  };
}

const REFUSED = {
  outcome: 'not run',
  reason: 'it does not fit:\n  memory: needs 9 GiB',
  resultFile: null,
  figures: null,
} as const;
const QUOTED = { figure: '425k', source: 'a book', metric: 'connections.held', value: 425_000 };
const STEPS: readonly StepEntry[] = [
  step({ published: { figure: 'about 200k | a server', source: 'a talk', own: null } }),
  step({
    name: '425k',
    number: 2,
    outcome: 'invalid',
    reason: 'send delay: late',
    figures: { ...FIGURES, machine: null },
    published: { ...QUOTED, own: 106_250 },
  }),
  step({ name: 'rows', number: 3, transport: 'memory', isSimulated: true }),
  step({ name: '1M', number: 4, ...REFUSED, published: { ...QUOTED, own: null } }),
];

function series(steps: readonly StepEntry[]): Steps {
  return {
    schema: STEPS_SCHEMA,
    id: 'x',
    startedAt: '2026-01-02T03:04:05.000Z',
    name: 'idle-ladder',
    steps: [...steps],
  };
}

describe('storms of steps', () => {
  const stormy = step({ figures: { ...FIGURES, stormRestored99Micros: 2_871_295, stormPeakLoginsPerSecond: 634_740 } });

  it('have their figures before all others, and a step without one has none', () => {
    const text = stepsText(series([stormy, step({ name: '425k' })]), 'x', PLAIN);
    assert.match(text, /^transport .*\nstorm: 99 % of connections back +2\.87 s +–\nstorm: most logins +635k\/s +–$/m);
    assert.match(stepsMarkdown(series([stormy])), /\| storm: 99 % of connections back \| storm: most logins \|/);
  });

  it('have no rows if no step has one', () => {
    assert.doesNotMatch(stepsText(series(STEPS), 'x', PLAIN), /storm/);
  });
});

describe('goodput over steps', () => {
  const measured = (name: string, offeredMessagesPerSecond: number, goodputPerSecond: number | null): StepEntry =>
    step({ name, figures: { ...FIGURES, offeredMessagesPerSecond, goodputPerSecond } });
  const collapsing = [measured('3x', 6000, 500), measured('0.5x', 1000, 1000), measured('1x', 2000, 2000)];

  it('is a bar for each load, and the share of the best that is left at the largest', () => {
    const lines = stepsText(series(collapsing), 'p', PLAIN).split('\n');
    const at = lines.findIndex((line) => line.startsWith('goodput'));
    assert.match(lines[at] ?? '', /at 6\.00k\/s offered \(3x\), goodput is 25\.0 % of the best, which is 2\.00k\/s/);
    assert.match(lines[at + 1] ?? '', /0\.5x {2}█{7} +1\.00k\/s of 1\.00k\/s/);
    assert.match(lines[at + 3] ?? '', /3x {4}█{3}░{37} {2}500\/s of 6\.00k\/s/);
    assert.match(stepsMarkdown(series(collapsing)), /- goodput: at 6\.00k\/s offered/);
  });

  it('is not spoken of where it was not measured at two loads', () => {
    for (const steps of [STEPS, [measured('a', 10, 9), measured('b', 20, null)]])
      assert.doesNotMatch(stepsText(series(steps), 'p', PLAIN), /^goodput/m);
  });
});

describe('steps side by side', () => {
  const text = stepsText(series(STEPS), 'results/x/steps.md', PLAIN);
  const row = (label: string): string[] =>
    (text.split('\n').find((line) => line.startsWith(label)) ?? '')
      .slice(label.length)
      .trim()
      .split(/\s{2,}/);

  it('have a column each, a figure with its unit in every cell', () => {
    assert.deepEqual(row('step'), ['200k', '425k', 'rows', '1M']);
    assert.deepEqual(row('outcome'), ['passed', 'invalid', 'passed', 'not run']);
    assert.deepEqual(row('transport'), ['tcp', 'tcp', 'memory, simulated', 'tcp']);
    assert.deepEqual(row('connections held'), ['200,000', '200,000', '200,000', '–']);
    assert.deepEqual(row('connects in the ramp'), ['8.12k/s', '8.12k/s', '8.12k/s', '–']);
    assert.deepEqual(row('delivery p99'), ['3.27 ms', '3.27 ms', '3.27 ms', '–']);
    assert.deepEqual(row('per connection: kernel, per end'), ['3,984 B', '3,984 B', '3,984 B', '–']);
    assert.deepEqual(row('per connection: whole machine'), ['8,404 B*', '–', '8,404 B*', '–']);
    assert.deepEqual(row('CPU per message: switch'), ['278.2 µs', '278.2 µs', '278.2 µs', '–']);
    assert.deepEqual(row('CPU per message: driver'), ['–', '–', '–', '–']);
  });

  it('say how many ran, what was published beside what they measured, and why a step did not pass', () => {
    assert.match(text, /^trunkline idle-ladder · 3 of 4 steps run, 2 passed\n/);
    assert.deepEqual(/\npublished +(.*)\n +(.*)\n +(.*)\n/.exec(text)?.slice(1), [
      '200k: about 200k | a server: no figure of a run to compare with (a talk)',
      '425k: 425k: here 106,250, 0.250 of it, not met (a book)',
      '1M: 425k: here not measured (a book)',
    ]);
    assert.match(
      text,
      /\nnot passed +425k: invalid: send delay: late\n +1M: not run: it does not fit: memory: needs 9 GiB\n/,
    );
    assert.match(text, /\n\* +not linear over the levels: do not extrapolate\n/);
    assert.match(text, /\nsimulated +phones are rows in memory, no kernel sockets\n/);
    assert.match(text, /\nresults +results\/x\/steps.md$/);
  });

  it('leave out what does not apply', () => {
    const plain = stepsText(series([step({ figures: { ...FIGURES, machine: null } })]), 'x', PLAIN);
    for (const word of ['published', 'not passed', 'simulated', '\n*']) assert.ok(!plain.includes(word), word);
  });

  it('are broken into several tables where they are many', () => {
    const many = Array.from({ length: 9 }, (_, i) => step({ name: `s${i}`, number: i + 1 }));
    const heads = stepsText(series(many), 'x', PLAIN)
      .split('\n')
      .filter((line) => line.startsWith('step '));
    assert.deepEqual(
      heads.map((head) => head.trim().split(/\s+/).length - 1),
      [7, 2],
    );
  });

  it('have a row each in Markdown, the published figure and their own beside', () => {
    const lines = stepsMarkdown(series(STEPS)).split('\n');
    const rows = lines.filter((line) => line.startsWith('|'));
    assert.equal(rows.length, 2 + STEPS.length);
    const cells = rows.map((line) => line.split(/(?<!\\)\|/).length);
    assert.equal(new Set(cells).size, 1, 'as many cells in every row');
    assert.match(
      rows[2] ?? '',
      /^\| 200k \| passed \| tcp \| 200,000 \|.*\| about 200k \\\| a server: no .* \(a talk\) \|$/,
    );
    assert.match(rows[3] ?? '', /\| 425k: here 106,250, 0\.250 of it, not met \(a book\) \|$/);
    assert.ok(lines.includes('- 200k: [a/result.json](a/result.json)'));
  });

  it('are one line each while the others go on', () => {
    const line = (one: StepEntry): string => stepLine(one, 4, PLAIN);
    assert.equal(
      line(step({})),
      '1/4 200k  VALID, passed · 200,000 connections held · 500/s complete messages · delivery p50 388 µs, p99 3.27 ms · 8,404 B* per connection (whole machine)',
    );
    assert.match(
      line(step({ isSimulated: true, figures: { ...FIGURES, machine: null } })),
      /simulated phones held .* 42 B per connection \(the switch's tables\)$/,
    );
    assert.match(
      line(step({ outcome: 'thresholds failed', reason: 'held value>=5' })),
      /VALID, thresholds FAILED .* · held value>=5$/,
    );
    assert.match(line(step(REFUSED)), /^1\/4 200k {2}NOT RUN: it does not fit/);
  });
});

describe('hostile names in steps', () => {
  const name = '<b>a|b</b> **c** `d` @team\n# e\u001b[31m';
  const hostile = series([
    step({ name, reason: name, outcome: 'failed', transport: name, resultFile: 'a b/(1)/result.json' }),
    step({ ...REFUSED, name: 'other', published: { figure: name, source: name, own: null } }),
  ]);
  const named = { ...hostile, name };

  it('are neither HTML nor Markdown in the table, the notes and the heading', () => {
    const lines = stepsMarkdown(named).split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('#')),
      ['# &lt;b&gt;a\\|b&lt;/b&gt; \\*\\*c\\*\\* \\`d\\` @&#8203;team # e?\\[31m'],
    );
    const cells = lines.filter((line) => line.startsWith('|')).map((line) => line.split(/(?<!\\)\|/).length);
    assert.deepEqual([cells.length, new Set(cells).size], [4, 1]);
    assert.doesNotMatch(lines.join('\n'), /<b>|@team|(?!\n)\p{Cc}/u);
    assert.match(lines.find((line) => line.startsWith('- not passed: ')) ?? '', /&lt;b&gt;a.*failed/);
    assert.ok(lines.some((line) => line.endsWith(': [a b/(1)/result.json](a%20b/%281%29/result.json)')));
  });

  it('move no cursor of a terminal', () => {
    for (const text of [stepsText(named, 'x', PLAIN), ...hostile.steps.map((one) => stepLine(one, 2, PLAIN))]) {
      assert.doesNotMatch(text, /(?!\n)\p{Cc}/u);
      assert.match(text, /<b>a\|b<\/b>|other/);
    }
  });
});

describe('figures of steps', () => {
  const textWith = (figures: Partial<StepFigures>): string =>
    stepsText(series([step({ figures: { ...FIGURES, ...figures } })]), 'x', PLAIN);
  const cell = (label: string, figures: Partial<StepFigures>): string =>
    (
      textWith(figures)
        .split('\n')
        .find((line) => line.startsWith(label)) ?? ''
    )
      .slice(label.length)
      .trim();

  it('above the range of their histogram are more than that, and as they are in tables that have no range', () => {
    assert.equal(cell('delivery p99', { deliveryP99Micros: 268_435_456 }), '>268 s');
    assert.equal(cell('delivery p99', { deliveryP99Micros: 268_435_456, latencyRangeMicros: null }), '268 s');
    assert.equal(cell('delivery p50', { deliveryP50Micros: 0 }), '0 µs');
    assert.equal(cell('delivery p50', { deliveryP50Micros: null }), '–');
  });

  it('that are slopes say why there is none, once for each step', () => {
    const none = { bytesPerConnection: null, isLinear: false, reason: 'too few levels' };
    const text = textWith({ switchRss: none, machine: null });
    assert.equal(cell('per connection: switch, RSS', { switchRss: none }), 'not measurable');
    assert.match(text, /\nno figure +200k: switch RSS: too few levels\n/);
    assert.equal(text.match(/too few levels/g)?.length, 1);
    assert.doesNotMatch(text, /not linear/, 'what is no line is not called a bent one');
  });

  it('of a step are counted as run unless it was not', () => {
    const outcomes = ['passed', 'thresholds failed', 'invalid', 'failed', 'reserve', 'interrupted', 'not run'] as const;
    const steps = outcomes.map((outcome, i) => step({ name: outcome, number: i + 1, outcome }));
    assert.match(stepsText(series(steps), 'x', PLAIN), /· 6 of 7 steps run, 1 passed\n/);
    const marked: Palette = {
      ...PLAIN,
      good: (text) => `good ${text}`,
      bad: (text) => `bad ${text}`,
      warning: (text) => `warning ${text}`,
    };
    assert.deepEqual(
      steps.map((one) => /(good|bad|warning) [A-Za-z ,]+/.exec(stepLine(one, 7, marked))?.[0].trim()),
      [
        'good VALID, passed',
        'bad VALID, thresholds FAILED',
        'bad INVALID',
        'bad FAILED',
        'warning RESERVE',
        'warning INTERRUPTED',
        'warning NOT RUN',
      ],
    );
  });
});
