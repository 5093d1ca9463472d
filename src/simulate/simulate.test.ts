import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { FAULT_KINDS, FAULT_NAMES, type FaultKind } from './faults/fault-kinds.ts';
import { shrinkFaults } from './shrink-faults.ts';
import { faultsOf, type SimulationOutcome, simulate } from './simulate.ts';
import { simulateSeed } from './simulate-seed.ts';
import { ALL_FAULTS, NO_FAULTS, smallSimulation } from './small-simulation.test-suite.ts';

/** One failure with all that a reader needs to see it again. */
function assertSound(outcome: SimulationOutcome): void {
  assert.deepEqual(outcome.violations, [], `seed ${outcome.seed}`);
}

describe('a simulation', () => {
  it('delivers every message where nothing fails', () => {
    const outcome = simulateSeed(smallSimulation({ rates: NO_FAULTS }), 3, 1);
    assertSound(outcome);
    assert.deepEqual(outcome.faults, []);
    assert.ok(outcome.messages > 4000, `${outcome.messages} messages`);
    // A tenth of the phones never connects; what is sent to them waits.
    assert.ok(outcome.shown > 0.85 * outcome.messages && outcome.shown < outcome.messages);
    assert.equal(outcome.refused, 0);
    assert.deepEqual([outcome.open, outcome.toGroups], [0, 0]);
    assert.equal(outcome.waiting, outcome.messages - outcome.shown);
  });

  it('does the same again with the same seed, and something else with another', () => {
    const settings = smallSimulation();
    const [once, again, other] = [5, 5, 6].map((seed) => simulate(settings, seed, faultsOf(settings, seed)));
    assert.equal(again?.digest, once?.digest);
    assert.notEqual(other?.digest, once?.digest);
    assert.deepEqual(again, once);
  });

  it('does the same where lanes and shards with nothing to do are left out of turns', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const lane = { ...smallSimulation().world.lane, messages: Arrivals.constant(500 * seed) };
      const settings = smallSimulation({ world: { ...smallSimulation().world, lane } });
      const faults = faultsOf(settings, seed);
      const withAll = simulate(settings, seed, faults, {}, ({ isLogIdle: _, ...world }) => world);
      assert.deepEqual(simulate(settings, seed, faults), withAll);
    }
  });

  for (const kind of FAULT_NAMES) {
    it(`keeps every promise under ${kind}`, () => {
      const rates = { ...NO_FAULTS, [kind]: kind === 'smallTables' ? 0.5 : Math.max(10 * ALL_FAULTS[kind], 40) };
      const settings = smallSimulation({ rates, isSwarm: false, trafficMicros: 200_000 });
      const outcome = simulate(settings, 11, faultsOf(settings, 11));
      assertSound(outcome);
      const { shown, refused, waiting, forgotten } = outcome;
      assert.equal(outcome.messages, shown + refused + waiting + forgotten, 'each has one end');
      const at = FAULT_NAMES.indexOf(kind);
      assert.ok((outcome.injected[at] ?? 0) > 0, `${kind} had an effect`);
      assert.ok(
        outcome.faults.every((fault) => fault.kind === kind),
        'the others were left out',
      );
      const struck = (outcome.coverage[at] ?? []).reduce((sum, phones) => sum + phones, 0);
      const isForOne = FAULT_KINDS[kind] === 'phone';
      assert.equal(struck, outcome.faults.length * (isForOne ? 1 : settings.world.online));
    });
  }

  it('finds a run that is not at rest in time', () => {
    const settings = smallSimulation({
      rates: { ...NO_FAULTS, duplicateConnects: 400 },
      isSwarm: false,
      healMicros: 1000,
    });
    const [violation] = simulateSeed(settings, 1, 1).violations;
    assert.equal(violation?.check, 'liveness');
    assert.match(violation?.text ?? '', /of 200 phones are online/);
  });
});

describe('a failure', () => {
  it('shrinks to the faults that suffice', async () => {
    // Phones that come back after longer than the time to heal: each such fault alone fails.
    const rates = { ...NO_FAULTS, connectionsLost: 100, duplicateConnects: 400, stalls: 100 };
    const settings = smallSimulation({ rates, isSwarm: false, trafficMicros: 100_000, healMicros: 1000 });
    const fails = (faults: Parameters<typeof simulate>[2]): boolean =>
      simulate(settings, 2, faults).violations[0]?.check === 'liveness';
    const all = faultsOf(settings, 2);
    assert.ok(all.length > 5 && fails(all));
    const { faults, isShortest } = await shrinkFaults(all, fails, 200);
    assert.equal(isShortest, true);
    assert.equal(faults.length, 1);
    assert.ok(fails(faults));
    const kinds: readonly FaultKind[] = faults.map(({ kind }) => kind);
    assert.ok(all.some(({ kind }) => kinds.includes(kind)));
  });
});
