/**
 * Names that come from users, in every kind of report and every format. Each text that the schema of a report leaves
 * open is replaced by a hostile one, and by a tame one of the same length: both reports must have the same lines,
 * cells, blocks and elements.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { ZodType } from 'zod';
import { concludeCapacity } from '../../analysis/capacity/conclude-capacity.ts';
import { judgeTrial } from '../../analysis/capacity/judge-trial.ts';
import { CAPACITY_GOAL } from '../../analysis/capacity/mlr-search-step.ts';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import { madePairs, madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { measureNoiseFloors } from '../../analysis/comparison/measure-noise-floors.ts';
import { evaluateGate } from '../../analysis/gate/evaluate-gate.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import { GATE_SCHEMA } from '../../analysis/gate/gate-schema.ts';
import { changeHistory } from '../../analysis/history/change-history.ts';
import { MADE_ALLOCATIONS, madeProcessorProfile } from '../../analysis/profile/made-profiles.test-suite.ts';
import { reportThread } from '../../analysis/profile/thread-report.ts';
import { SIMULATION_SCHEMA } from '../../analysis/simulation/simulation-schema.ts';
import { OUTCOME_SCHEMAS, parseStoredOutcome, type StoredOutcome } from '../../analysis/stored-outcome.ts';
import { gateAnnotations } from '../../report/gate/gate-annotations.ts';
import { gateComment } from '../../report/gate/gate-comment.ts';
import { gateJUnit } from '../../report/gate/gate-junit.ts';
import { pageHtml } from '../../report/html/page.ts';
import { profileSection } from '../../report/html/profile/profile-section.ts';
import { assertSound, elementsOf, readPage, textOf } from '../../report/html/read-page.test-suite.ts';
import { repeatPage } from '../../report/html/run/repeat-page.ts';
import { stepsPage } from '../../report/html/run/steps-page.ts';
import { profileText } from '../../report/profile/profile-text.ts';
import { everySection } from '../../report/run/every-section.test-suite.ts';
import { repeatSummary } from '../../report/run/repeat-summary.ts';
import { stepsMarkdown, stepsText } from '../../report/run/steps-text.ts';
import { summarize } from '../../report/run/summarize.ts';
import { summaryMarkdown } from '../../report/run/summary-markdown.ts';
import { PLAIN } from '../../report/text/palette.ts';
import { printable } from '../../report/text/printable.ts';
import { type Result, resultSchema } from '../../result/result-schema.ts';
import { STEPS_SCHEMA, type Steps, stepFigures, stepsSchema } from '../../result/steps-schema.ts';
import { outcomeFormats } from './outcome-formats.ts';
import { profileSections } from './profile-sections.ts';
import { runPageHtml } from './run-page-html.ts';

/** Ends lines in every way, forges a row, a heading and a block, colours a terminal, and turns text around. */
const HOSTILE = `<script>a</script>&'"|\u001b[31m\u0007\r\n| forged | row |\t\n\n# forged\n\n\`\`\`\`\`\n- forged **x**\u2028%0A::error::y\u202e`;
/** As long as the hostile one, with its words at the same places. */
const TAME = printable(HOSTILE).replace(/[^ ]/g, 'x');
const METRIC = 'memory.switch.bytesPerConnection';

/** The report with a text in the place of each that its schema leaves open. */
type Named<Report> = (name: string) => Report;

function named<Report>(report: Report, schema: ZodType): Named<Report> {
  const closed = new Set<string>();
  const isOpen = (path: string): boolean => ![...closed].some((one) => path.startsWith(one));
  const withName = (name: string): Report => replaced(report, '', (path) => (isOpen(path) ? name : null));
  for (
    let issues = issuesOf(withName(HOSTILE), schema);
    issues.length > 0;
    issues = issuesOf(withName(HOSTILE), schema)
  ) {
    const before = closed.size;
    for (const path of issues) closed.add(path);
    assert.ok(closed.size > before, `the report itself has the form that its schema asks for: ${issues.join()}`);
  }
  assert.ok(JSON.stringify(withName('open')).includes('"open"'), 'there are names');
  return withName;
}

/** Where a report is not as its schema asks for. */
function issuesOf(report: unknown, schema: ZodType): string[] {
  const { error } = schema.safeParse(report);
  const step = (key: PropertyKey): string => (typeof key === 'number' ? '[]' : `.${String(key)}`);
  return error?.issues.map(({ path }) => path.map(step).join('')) ?? [];
}

/** @param by the new text at a path, in which all places of a list are one; nothing to keep the old. */
function replaced<Value>(value: Value, path: string, by: (path: string) => string | null): Value {
  if (typeof value === 'string') return (by(path) ?? value) as Value; // a text for a text
  if (Array.isArray(value)) return value.map((one) => replaced(one, `${path}[]`, by)) as Value; // as long as before
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, replaced(one, `${path}.${key}`, by)]);
  return Object.fromEntries(entries) as Value; // with the same keys
}

function reference(file: string): StoredOutcome {
  const text = readFileSync(new URL(`../../../results/reference/${file}`, import.meta.url), 'utf8');
  return parseStoredOutcome(text, file) ?? assert.fail(`${file} is an outcome`);
}

function capacity(): StoredOutcome {
  const trial = (load: number) => ({ ...judgeTrial(madeResult({}), 'messages', load, []), load });
  const invalid = { ...trial(4000), isValid: false, invalidReason: 'disturbed' };
  return concludeCapacity(
    {
      ...({ over: 'messages', ownLoad: 100_000, scenario: 'a', transport: 'memory', isSimulated: true } as const),
      ...{
        machineClass: 'm',
        limits: ['latency.delivery p(99)<20ms'],
        rangeEnd: 'the end',
        command: 'trunkline capacity a',
      },
      range: { lowestLoad: 100, highestLoad: 1e6, firstLoad: 2000 },
      goal: CAPACITY_GOAL,
      published: [{ figure: 'f', source: 's' }],
    },
    [trial(2000), invalid],
    [{ resultId: 'r', seconds: 60, trial: trial(1900) }],
  );
}

const { environment } = madeResult();
const pairs = madePairs({ bytesRatio: 1.1, spreadShare: 0.02 });
const rules = parseGateRules(`looks: [10]\nabsolute: [${METRIC} < 30B]\nrelative: []`, 'gate.yaml');
const results = Array.from({ length: 60 }, (_, i) =>
  madeResult({
    id: `run-${i}`,
    startedAt: new Date(1e12 + i * 864e5).toISOString(),
    bytesPerConnection: i < 30 ? 40 : 44,
  }),
);
const OUTCOMES: Readonly<Record<string, StoredOutcome>> = {
  comparison: comparePairs(pairs, { baseName: 'a', candidateName: 'b', command: 'trunkline compare a' }),
  'noise floors': measureNoiseFloors(pairs, { confidence: 0.99, plannedPairs: 10 }),
  gate: evaluateGate(rules, { pairs }),
  capacity: capacity(),
  ladder: reference('ladder-ws-to-tcp.json'),
  history: changeHistory(results, { seed: 1, metrics: [METRIC] }),
  simulation: {
    ...{ schema: SIMULATION_SCHEMA, scenario: 'a', environment, firstSeed: 1, seeds: 2, repeated: 1, differed: 0 },
    ...{ failedSeeds: 1, events: 1, messages: 1, shown: 1, refused: 0, waiting: 0, open: 0, forgotten: 0, toGroups: 0 },
    ...{ repairs: 0, virtualSeconds: 1, processorSeconds: 1, elapsedSeconds: 1, processes: 1, phases: [], faults: [] },
    command: 'trunkline simulate a',
    failures: [
      { seed: 1, check: 'lost', text: 'one', atMicros: 1, drawnFaults: 2, shortestFaults: 1, replay: 'seed-1.json' },
    ],
  },
};

const SOURCE = { file: 'result.json', sha256: 'ab' };
const result = everySection({ figure: () => 3, name: 'a' });
const profiled: Result = {
  ...madeResult({ tripped: 'steady' }),
  profile: {
    ...({ phase: 'measure', intervalMicros: 1000, allocationBytes: 65_536 } as const),
    ...{ threads: ['shard-0'], otherThreads: ['lane-0'] },
  },
};
const step = {
  ...{ name: 'one', number: 1, scenario: 'a', transport: 'tcp', isSimulated: false, reason: 'a\nb' },
  ...({ outcome: 'failed', published: { figure: 'f', source: 's', own: null }, resultFile: 'a/result.json' } as const),
  figures: stepFigures(result),
};
const steps: Steps = {
  ...{ schema: STEPS_SCHEMA, id: 'id', startedAt: '2026-01-02T03:04:05.678Z', name: 'ladder', steps: [step, step] },
};

type Formats = Readonly<Record<'text' | 'markdown' | 'html', string>>;

function ofOutcome(outcome: StoredOutcome, path: string): Formats {
  const formats = outcomeFormats(outcome, { json: '{}', path }, PLAIN);
  return { text: formats.text(), markdown: formats.markdown(), html: formats.html() };
}

function ofGateOutputs(gate: StoredOutcome): Formats {
  assert.equal(gate.schema, GATE_SCHEMA);
  return {
    text: [...gateAnnotations(gate), gateJUnit(gate)].join('\n'),
    markdown: gateComment(gate),
    html: '',
  };
}

/** @param name of a function that was profiled, too. */
function ofProfile(run: Result, name: string): Formats {
  const { profile } = run;
  assert.ok(profile !== null);
  const stacks = [
    ['runReactor', name],
    [name, 'route'],
  ];
  const thread = reportThread(profile.threads[0] ?? '', madeProcessorProfile(stacks), MADE_ALLOCATIONS);
  return {
    text: profileText(profile, [thread], PLAIN),
    markdown: summaryMarkdown(run),
    html: runPageHtml(run, SOURCE, undefined, [
      ...profileSections(run, '/nowhere'),
      { ...profileSection(profile, [thread], null), id: 'profiles-that-are-there' },
    ]),
  };
}

const ASSETS = { script: { text: '', digest: '' }, style: { text: '', digest: '' } };

const inOutcome = (outcome: StoredOutcome): Named<StoredOutcome> => named(outcome, OUTCOME_SCHEMAS[outcome.schema]);
const gateWith = inOutcome(OUTCOMES['gate'] ?? assert.fail());
const runWith = named(result, resultSchema);
const invalidWith = named(madeResult({ tripped: 'steady' }), resultSchema);
const stepsWith = named(steps, stepsSchema);
const profiledWith = named(profiled, resultSchema);

function ofRun(run: Result, path: string): Formats {
  return { text: summarize(run, path, PLAIN), markdown: summaryMarkdown(run), html: runPageHtml(run, SOURCE) };
}

/** All formats of a report, with this name in the place of each. */
const KINDS: Readonly<Record<string, (name: string) => Formats>> = {
  ...Object.fromEntries(
    Object.entries(OUTCOMES).map(([kind, outcome]) => {
      const outcomeWith = inOutcome(outcome);
      return [kind, (name: string) => ofOutcome(outcomeWith(name), name)];
    }),
  ),
  'gate in CI': (name) => ofGateOutputs(gateWith(name)),
  run: (name) => ofRun(runWith(name), name),
  'run that is not valid': (name) => ofRun(invalidWith(name), name),
  steps: (name) => {
    const series = stepsWith(name);
    const page = stepsPage(series, { commands: [name], differences: [name], sources: [SOURCE] });
    return { text: stepsText(series, name, PLAIN), markdown: stepsMarkdown(series), html: pageHtml(page, ASSETS) };
  },
  repeat: (name) => {
    const runs = [invalidWith(name), runWith(name)];
    const page = repeatPage(runs, { folder: name, commands: [name], differences: [name], sources: [SOURCE] });
    return { text: repeatSummary(runs, name, PLAIN), markdown: page.markdown, html: pageHtml(page, ASSETS) };
  },
  profile: (name) => ofProfile(profiledWith(name), name),
};

/** What "Copy as Markdown" copies. */
function copiedFrom(html: string): string {
  const [, data = '{"markdown":""}'] = /id="page-data">(.*?)<\/script>/s.exec(html) ?? [];
  const { markdown }: { markdown: string } = JSON.parse(data);
  return markdown;
}

/** What begins each line, how many cells it has, and whether it is in a block of code, as GitHub reads it. */
function markdownShape(text: string): string[] {
  let fence: string | null = null;
  return text.split('\n').map((line) => {
    const [, found = ''] = /^ {0,3}(`{3,})/.exec(line) ?? [];
    if (fence !== null) {
      if (found.length < fence.length || line.trim() !== found) return 'in a block';
      fence = null;
      return 'end of a block';
    }
    if (found !== '') {
      fence = found;
      return 'begin of a block';
    }
    assert.doesNotMatch(line, /<script|[^\\]\*\*x/);
    const cells = line.replace(/\\./g, '').split('|').length;
    return `${/^\s*([#>+=-]+ ?|\d+[.)]|<[^>]*>|)/.exec(line)?.[1] ?? ''} ${cells}`;
  });
}

describe('hostile names', () => {
  for (const [kind, formats] of Object.entries(KINDS)) {
    it(`are only names in all formats of a ${kind}`, () => {
      const [hostile, tame] = [formats(HOSTILE), formats(TAME)];
      for (const text of [hostile.text, hostile.markdown]) assert.doesNotMatch(text, /(?!\n)[\p{Cc}\u202e\u2028]/u);
      const indents = (text: string): number[] => text.split('\n').map((line) => line.search(/\S|$/));
      assert.deepEqual(indents(hostile.text), indents(tame.text), 'the same lines of text');
      assert.deepEqual(markdownShape(hostile.markdown), markdownShape(tame.markdown), 'the same Markdown');
      assert.deepEqual(markdownShape(copiedFrom(hostile.html)), markdownShape(copiedFrom(tame.html)), 'the same copy');
      const tags = (html: string): string[] => elementsOf(readPage(html)).map(({ tag }) => tag);
      assertSound(readPage(hostile.html));
      assert.deepEqual(tags(hostile.html), tags(tame.html), 'the same elements');
      assert.deepEqual(textOf(readPage(hostile.html)).match(/.{0,40}[\p{Cc}\u202e]/gu), null);
    });
  }
});
