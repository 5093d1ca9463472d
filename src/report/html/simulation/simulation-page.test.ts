/** The report of simulations as text, Markdown and page: failures with their files, faults, coverage and pace. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIMULATION_SCHEMA, type SimulationReport } from '../../../analysis/simulation/simulation-schema.ts';
import { parseStoredOutcome } from '../../../analysis/stored-outcome.ts';
import { schemaComplaints } from '../../../result/published-schema.test-suite.ts';
import { simulationMarkdown } from '../../simulation/simulation-markdown.ts';
import { simulationText } from '../../simulation/simulation-text.ts';
import { PLAIN } from '../../text/palette.ts';
import { pageHtml } from '../page.ts';
import { assertSound, readPage, tableOf, textOf } from '../read-page.test-suite.ts';
import { hostileResult } from '../run/made-run.test-suite.ts';
import { simulationPage } from './simulation-page.ts';

const HOSTILE = `<script>alert("1")</script>|&'`;
const ASSETS = { script: { text: 'run()', digest: 'YQ==' }, style: { text: 'p{}', digest: 'YQ==' } };

const SOUND: SimulationReport = {
  schema: SIMULATION_SCHEMA,
  scenario: HOSTILE,
  environment: hostileResult().environment,
  firstSeed: 5,
  seeds: 200,
  repeated: 10,
  differed: 0,
  failedSeeds: 0,
  failures: [],
  events: 4_000_000,
  messages: 100_000,
  shown: 90_000,
  refused: 2000,
  waiting: 8000,
  open: 0,
  forgotten: 0,
  toGroups: 0,
  repairs: 7,
  virtualSeconds: 100,
  processorSeconds: 8,
  elapsedSeconds: 5,
  processes: 2,
  phases: ['away', 'idle'],
  faults: [
    { kind: 'stalls', injected: 12, phones: [0, 1500] },
    { kind: 'bitFlips', injected: 0, phones: [0, 0] },
  ],
  command: 'trunkline simulate faults --seeds 200',
};
const FAILED: SimulationReport = {
  ...SOUND,
  failedSeeds: 2,
  failures: [
    {
      seed: 9,
      check: 'lost',
      text: `one ${HOSTILE} is missing.`,
      atMicros: 1500,
      drawnFaults: 40,
      shortestFaults: 2,
      replay: 'r/seed-9.json',
    },
  ],
};

describe('a report of simulations', () => {
  it('says as text what passed, and how fast', () => {
    const text = simulationText(SOUND, PLAIN);
    assert.match(text, /^200 seeds from 5: all checks passed\./);
    assert.match(text, /100,000 sent, 90,000 shown, 2,000 refused, 8,000 still in mailboxes\n/);
    assert.match(text, /checked +10 seeds run twice, with equal digests; 7 damaged stores noticed/);
    assert.match(text, /500k\/s per process/);
    assert.match(text, /20 × real time/);
    assert.match(text, /stalls +12/);
    assert.match(
      simulationText({ ...SOUND, repeated: 1, repairs: 1 }, PLAIN),
      /1 seed run twice, .*; 1 damaged store noticed/,
    );
    assert.doesNotMatch(text, /bitFlips/, 'a fault that did not happen is left out');
  });

  it('says of a failure what suffices, and how to see it again', () => {
    const text = simulationText(FAILED, PLAIN);
    assert.match(text, /^200 seeds from 5: 2 failed\./);
    assert.match(
      text,
      /seed 9, lost, after [\d.]+ ms; 2 of 40 faults suffice: one .* is missing: trunkline simulate --replay r\/seed-9\.json/,
    );
    const unshrunk = {
      ...FAILED.failures[0],
      shortestFaults: null,
      replay: null,
    } as SimulationReport['failures'][number]; // nothing else changes
    assert.doesNotMatch(simulationText({ ...FAILED, failures: [unshrunk] }, PLAIN), /suffice|--replay/);
  });

  it('does not say that repeated seeds did the same where they did not, and what became of open messages', () => {
    const differed = { ...FAILED, repeated: 3, differed: 1, repairs: 1, open: 4, forgotten: 6, toGroups: 30 };
    const texts = [
      simulationText(differed, PLAIN),
      textOf(readPage(pageHtml(simulationPage(differed, { file: 'x', sha256: 'ab'.repeat(32) }), ASSETS))),
    ];
    for (const text of texts) {
      assert.match(text, /3 seeds run twice, 1 with different digests; 1 damaged store noticed/);
      assert.doesNotMatch(text, /equal digests/);
      assert.match(
        text,
        /mailboxes, 4 without an answer when a check failed, 6 forgotten by their phones, 30 of those sent were to groups/,
      );
    }
    assert.match(simulationText({ ...SOUND, repeated: 1 }, PLAIN), /1 seed run twice, with equal digests/);
  });

  it('has a sound page with any name, and the coverage in its table', () => {
    for (const report of [SOUND, FAILED]) {
      const page = readPage(pageHtml(simulationPage(report, { file: HOSTILE, sha256: 'ab'.repeat(32) }), ASSETS));
      assertSound(page);
      const { rows } = tableOf(page, 'Faults, and the phase of the phones at that moment');
      assert.deepEqual(rows[0], ['stalls', '12', '–', '1,500']);
      assert.equal(textOf(page).includes('Failed seeds'), report === FAILED);
    }
    const page = readPage(pageHtml(simulationPage(FAILED, { file: 'x', sha256: 'ab'.repeat(32) }), ASSETS));
    assert.match(textOf(page), /1 of 4 combinations of fault and phase occurred/);
    assert.match(textOf(page), /Nodev[\d.]+, V8 [\d.]+/);
    assert.match(textOf(page), /One further seed failed/);
  });

  it('is Markdown in which names are escaped', () => {
    const markdown = simulationMarkdown(FAILED);
    assert.doesNotMatch(markdown, /<script>/);
    assert.match(markdown, /\| stalls \| 12 \| 0 \| 1,500 \|/);
  });

  it('is stored by the published schema, and read again', () => {
    for (const report of [SOUND, FAILED]) {
      const text = JSON.stringify(report);
      assert.deepEqual(parseStoredOutcome(text, 'simulation.json'), report);
      assert.deepEqual(schemaComplaints('simulation', JSON.parse(text)), []);
    }
  });
});
