/**
 * The tables of a run suffice for what the scenario asks, grow with it, and a plan that is refused names what would
 * fit.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TrunklineError } from '../base/errors.ts';
import { RESERVE_BYTES } from '../base/reserve-bytes.ts';
import { CELLS } from '../driver/terms/population.ts';
import { parseScenario, type Scenario } from '../scenario/scenario.ts';
import { TRANSPORT_NAMES, TRANSPORTS, type TransportName } from '../scenario/terms/transports.ts';
import { INPUT_ANSWER_BYTES_MAX } from '../switch/phone-output.ts';
import { FIRST_ROW_BYTES } from '../switch/presence/subscription-table.ts';
import { ACCOUNT_BYTES } from '../switch/tables/account-table.ts';
import { MACHINE } from './measured-machine.test-suite.ts';
import { checkMemory, plannedBytes, planOn, planRun, type RunPlan, withFewerPhones } from './run-plan.ts';
import { simulatedMemoryCheck, simulatedPhonesThatFit } from './simulated-memory.ts';

const SCENARIO = `
name: some
description: Phones that stay connected
phones: { count: 1M, offline: 0, heartbeat: 60s, session: none }
login: { rate: 10k }
traffic: { rate: 0, payload: 64B }
`;
const BASE = parseScenario(SCENARIO, 'some.yaml', []);

const shape = fc.record({
  phones: fc.integer({ min: 1000, max: 20_000_000 }),
  offline: fc.constantFrom(0, 0.3, 0.99),
  shards: fc.integer({ min: 1, max: 16 }),
  lanes: fc.integer({ min: 1, max: 16 }),
  blocks: fc.integer({ min: 1000, max: 1_000_000 }),
  messagesInFlight: fc.integer({ min: 1024, max: 4_000_000 }),
});
type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;

/** Keys are set in the checked scenario: reading a file for each would take most of the time. */
function scenarioOf(asked: Shape, transport: TransportName = 'memory'): Scenario {
  const { settings } = BASE;
  return {
    ...BASE,
    settings: {
      ...settings,
      transport,
      phones: { ...settings.phones, count: asked.phones, offline: asked.offline },
      switch: {
        ...settings.switch,
        shards: asked.shards,
        mailbox: { ...settings.switch.mailbox, blocks: asked.blocks },
      },
      driver: { ...settings.driver, lanes: asked.lanes, messagesInFlight: asked.messagesInFlight },
    },
  };
}

const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

/** What does not depend on the transport: tables of all threads together hold what the scenario asks for. */
function checkTables(plan: RunPlan, asked: Shape): void {
  const { lanes, shards } = plan.shape;
  assert.ok(plan.online <= asked.phones && plan.phones === asked.phones);
  assert.ok(shards >= asked.shards && lanes >= asked.lanes, 'no thread is taken away');
  assert.ok(plan.sessionsPerShard * shards >= plan.online, 'a session for each phone that connects');
  assert.ok(plan.mailboxBlocksPerShard * shards >= asked.blocks);
  assert.ok(plan.inFlightPlacesPerLane * lanes >= 2 * asked.messagesInFlight, 'a hash table stays half empty');
  assert.ok(isPowerOfTwo(plan.inFlightPlacesPerLane) && isPowerOfTwo(plan.shape.inboxBytes));
  assert.equal(
    plannedBytes(plan),
    plan.memory.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  for (const { what, bytes } of plan.memory) assert.ok(Number.isFinite(bytes) && bytes >= 0, what);
}

describe('the plan of a run', () => {
  it('has tables for all that the scenario asks, over each transport', () => {
    fc.assert(
      fc.property(shape, fc.constantFrom(...TRANSPORT_NAMES), (asked, transport) => {
        const { plan, sockets } = planOn(scenarioOf(asked, transport), MACHINE, 'both');
        if (sockets?.problems.some(({ verdict }) => verdict === 'refuse')) return;
        checkTables(plan, asked);
        const { isSimulated } = TRANSPORTS[transport];
        assert.equal(plan.sockets === null, isSimulated);
        assert.equal(sockets === null, isSimulated);
        assert.equal(plan.shape.connectionRingBytes > 0, isSimulated, 'rings take the place of sockets');
        if (plan.sockets === null) return;
        assert.ok(plan.sockets.shardRows * plan.shape.shards >= plan.online);
        assert.ok(plan.sockets.laneRows * plan.shape.lanes >= plan.online);
      }),
      { numRuns: 15 },
    );
  });

  it('takes no less memory for more phones, sessions, blocks or messages', () => {
    const more = fc.constantFrom('phones' as const, 'blocks' as const, 'messagesInFlight' as const);
    fc.assert(
      fc.property(shape, more, fc.integer({ min: 1, max: 1_000_000 }), (asked, key, added) => {
        const smaller = planRun(scenarioOf(asked));
        const larger = planRun(scenarioOf({ ...asked, [key]: asked[key] + added }));
        assert.ok(plannedBytes(larger) >= plannedBytes(smaller), `${key}: ${plannedBytes(larger)}`);
        assert.ok(larger.sessionsPerShard >= smaller.sessionsPerShard);
      }),
      { numRuns: 100 },
    );
  });

  it('is refused exactly where it does not fit, and the number of phones that it names fits', () => {
    let named = 0;
    fc.assert(
      fc.property(shape, fc.integer({ min: 2 ** 28, max: 2 ** 30 }), (asked, allocatable) => {
        const plan = planRun(scenarioOf(asked));
        let message: string | null = null;
        try {
          checkMemory(plan, allocatable);
        } catch (error) {
          assert.ok(error instanceof TrunklineError && error.code === 'PLAN_EXCEEDS_MEMORY');
          message = error.message;
        }
        assert.equal(message !== null, plannedBytes(plan) > allocatable);
        const phones = /--set phones\.count=(\d+)/.exec(message ?? '')?.[1];
        if (phones === undefined) return;
        named++;
        assert.ok(Number(phones) < asked.phones);
        checkMemory(planRun(scenarioOf({ ...asked, phones: Number(phones) })), allocatable);
      }),
      { numRuns: 100 },
    );
    assert.ok(named > 5, `${named} refusals named a number of phones`);
  });

  it('says how many simulated phones fit: those do, and a few more do not', () => {
    const fits = (asked: Shape, phones: number, memoryFreeBytes: number): boolean => {
      const plan = planRun(scenarioOf({ ...asked, phones }));
      return simulatedMemoryCheck(plan, { ...MACHINE, memoryFreeBytes }).verdict === 'ok';
    };
    fc.assert(
      fc.property(shape, fc.integer({ min: 2 ** 31, max: 2 ** 35 }), (asked, memoryFreeBytes) => {
        const plan = planRun(scenarioOf(asked));
        const fitting = simulatedPhonesThatFit(plan, { ...MACHINE, memoryFreeBytes });
        assert.ok(fitting !== null);
        fc.pre(fitting >= 1000 && fitting <= 200_000_000);
        assert.ok(fits(asked, fitting, memoryFreeBytes), `${fitting} phones fit`);
        assert.ok(!fits(asked, fitting + CELLS, memoryFreeBytes), `a phone more in each cell than ${fitting} do not`);
      }),
      { numRuns: 25 },
    );
    const plan = planRun(BASE);
    assert.equal(simulatedPhonesThatFit(plan, { ...MACHINE, memoryFreeBytes: null }), null);
    assert.equal(
      simulatedPhonesThatFit(plan, { ...MACHINE, memoryFreeBytes: RESERVE_BYTES }),
      0,
      'the reserve stays free',
    );
  });

  it('needs a row in a lane for each phone that connects, and none for the others', () => {
    const planned = (phones: number, offline: number): RunPlan => {
      const { settings } = BASE;
      const [driver, theSwitch] = [
        { ...settings.driver, lanes: 1 },
        { ...settings.switch, shards: 4 },
      ];
      const ofPhones = { ...settings.phones, count: phones, offline };
      return planRun({ ...BASE, settings: { ...settings, driver, phones: ofPhones, switch: theSwitch } });
    };
    assert.equal(planned(465e6, 0.6).online, 186e6);
    assert.throws(() => planned(300e6, 0), {
      code: 'PLAN_EXCEEDS_LIMIT',
      message: /300,000,000 phones of one lane that connect .* Raise driver\.lanes/,
    });
  });

  it('counts the accounts of phones that connect, of others that are written to, and of all that are in groups', () => {
    const accounts = (...settings: string[]): number => {
      const { memory } = planRun(parseScenario(SCENARIO, 'some.yaml', ['phones.offline=40%', ...settings]));
      return (memory.find(({ what }) => what === 'accounts')?.bytes ?? 0) / ACCOUNT_BYTES;
    };
    const watchers = (...settings: string[]): number => {
      const all = ['phones.offline=40%', 'presence.watch=1', 'switch.shards=1', ...settings];
      return (
        planRun(parseScenario(SCENARIO, 'some.yaml', all)).memory.find(({ what }) => what === 'watches')?.bytes ?? 0
      );
    };
    assert.equal(accounts(), 1e6, 'anybody may be written to');
    assert.equal(accounts('traffic.activePhones=100k'), 600e3);
    assert.equal(accounts('traffic.activePhones=700k'), 700e3);
    const groups = 'groups.count=100';
    assert.equal(accounts('traffic.activePhones=100k', groups), 600e3, 'members connect');
    assert.equal(accounts('traffic.activePhones=100k', groups, 'groups.members=all'), 1e6);
    assert.equal(watchers() - watchers('traffic.activePhones=100k'), 400e3 * FIRST_ROW_BYTES);
  });

  it('has room in a turn for the answers that it allows, and refuses one input more', () => {
    const room = fc.record({
      transport: fc.constantFrom(...TRANSPORT_NAMES),
      kibibytes: fc.integer({ min: 128, max: 4096 }),
    });
    fc.assert(
      fc.property(room, ({ transport, kibibytes }) => {
        const room = TRANSPORTS[transport].answerRoom;
        const roomBytes = room !== null && 'bytes' in room ? room.bytes : kibibytes * 1024;
        const planned = (inputsPerTurn: number): RunPlan => {
          const { rings, ...settings } = BASE.settings;
          const sized = { ...rings, connection: kibibytes * 1024 };
          const theSwitch = { ...settings.switch, inputsPerTurn };
          const scenario = { ...BASE, settings: { ...settings, rings: sized, transport, switch: theSwitch } };
          return planRun(scenario);
        };
        if (room === null) {
          assert.equal(planned(65_536).shardLoop.inputsPerTurn, 65_536, 'it makes room by sending');
          return;
        }
        const most = Math.floor(roomBytes / 2 / INPUT_ANSWER_BYTES_MAX);
        assert.equal(planned(most).shardLoop.inputsPerTurn, most);
        assert.throws(() => planned(most + 1), { code: 'PLAN_EXCEEDS_LIMIT' });
      }),
      { numRuns: 40 },
    );
  });

  it('calibrates with fewer phones in no more memory, and leaves a small run as it is', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: 1000, max: 1_000_000 }), (asked, most) => {
        const plan = planRun(scenarioOf(asked));
        const fewer = withFewerPhones(plan, most);
        assert.ok(fewer.online <= most || plan.online <= most);
        if (plan.online <= most) assert.equal(fewer, plan);
        else {
          assert.ok(fewer.activePhones <= fewer.phones && fewer.sessionsPerShard * fewer.shape.shards >= fewer.online);
          assert.ok(fewer.phones > plan.phones || plannedBytes(fewer) <= plannedBytes(plan) + 2 ** 20);
        }
      }),
      { numRuns: 100 },
    );
  });
});
