/**
 * Names that come from users in every kind of outcome and every format: they move no cursor, and in Markdown and on a
 * page they forge no row, heading or element.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { concludeCapacity } from '../../analysis/capacity/conclude-capacity.ts';
import { judgeTrial } from '../../analysis/capacity/judge-trial.ts';
import { CAPACITY_GOAL } from '../../analysis/capacity/mlr-search-step.ts';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import { madePairs, madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { measureNoiseFloors } from '../../analysis/comparison/measure-noise-floors.ts';
import { evaluateGate } from '../../analysis/gate/evaluate-gate.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import { changeHistory } from '../../analysis/history/change-history.ts';
import { SIMULATION_SCHEMA } from '../../analysis/simulation/simulation-schema.ts';
import { parseStoredOutcome, type StoredOutcome } from '../../analysis/stored-outcome.ts';
import { assertSound, readPage } from '../../report/html/read-page.test-suite.ts';
import { PLAIN } from '../../report/text/palette.ts';
import { outcomeFormats } from './outcome-formats.ts';

const HOSTILE = `<script>alert("1")</script>&'|\u001b[31m\u0007\r\n| forged | row |\n\n# forged **x** \`y\` ${'long'.repeat(60)}`;
const METRIC = 'memory.switch.bytesPerConnection';
/** Keys of texts that come from users, their machines and their repositories. */
const NAMES: ReadonlySet<string> = new Set([
  ...['scenario', 'name', 'baseName', 'candidateName', 'command', 'machineClass', 'cpuModel', 'commit', 'kernel'],
  ...['invalidReason', 'rangeEnd', 'figure', 'source', 'failure', 'settings', 'resultId', 'replay', 'governor'],
]);

/** The same outcome with a hostile text in the place of each name. */
function withHostileNames<Value>(value: Value, key = ''): Value {
  if (typeof value === 'string') return (NAMES.has(key) ? HOSTILE : value) as Value;
  if (Array.isArray(value)) return value.map((one) => withHostileNames(one, key)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withHostileNames(one, name)])) as Value;
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
const KINDS: Readonly<Record<string, StoredOutcome>> = {
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

describe('hostile names', () => {
  for (const [kind, outcome] of Object.entries(KINDS)) {
    const formats = outcomeFormats(withHostileNames(outcome), { json: '{}', path: 'outcome.json' }, PLAIN);

    it(`are only names in the text of a ${kind}`, () => {
      assert.doesNotMatch(formats.text(), /(?!\n)\p{Cc}/u);
    });

    it(`are only names in the Markdown of a ${kind}`, () => {
      const text = formats.markdown();
      assert.doesNotMatch(text, /(?!\n)\p{Cc}/u);
      const outsideBlocks = text.replace(/^```[\s\S]*?^```$/gm, '');
      assert.doesNotMatch(outsideBlocks, /^(\||#) ?forged|<script|[^\\]\*\*x\*\*/m);
    });

    it(`are only names on the page of a ${kind}`, () => {
      const html = formats.html();
      assertSound(readPage(html));
      assert.equal(html.match(/<script/g)?.length, 2, 'the data and the script of the build');
    });
  }
});
