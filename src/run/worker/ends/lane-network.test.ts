/**
 * The networks of a lane's phones, as a scenario asks for them: which phone has which, and what each does to packets.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PlatformShares } from '../../../driver/people/platforms.ts';
import { CELLS, Population } from '../../../driver/terms/population.ts';
import { VirtualClock } from '../../../simulate/world/virtual-clock.ts';
import { LinkEnd, NO_FAULTS } from '../../../transport/tun/faulty-link.test-suite.ts';
import { scriptedPlan } from '../../sides/scripted-sides.test-suite.ts';
import { laneNetwork, outagesOf } from './lane-network.ts';

const PACKET_BYTES = 1000;
const PHONES = 8 * CELLS;
const ROW = 3;

const planOf = (...settings: string[]) => scriptedPlan('transport=tun', `phones.count=${PHONES}`, ...settings);

/** A lane with its network between the phones and their peer. */
class Lane {
  readonly clock = new VirtualClock();
  readonly network: NonNullable<ReturnType<typeof laneNetwork>>;
  readonly #peer: LinkEnd;

  constructor(plan: ReturnType<typeof planOf>, lane = 0) {
    const link = { faults: NO_FAULTS, seed: 1, packetBytesMax: 1500, needsChecksums: false };
    const [port, peer] = LinkEnd.pair(link, this.clock);
    this.#peer = peer;
    const network = laneNetwork(plan, lane, false, { port, clock: this.clock, phoneOf: () => ROW });
    assert.ok(network);
    this.network = network;
  }

  /**
   * Sends a packet each way between one phone and its peer.
   * @returns how long each takes; 0 if it is lost or arrives at once.
   */
  send(): { up: number; down: number } {
    const packet = new Uint8Array(PACKET_BYTES);
    packet[0] = 0x45;
    packet[9] = 6; // TCP
    const { port } = this.network;
    new Uint8Array(port.output.buffer).set(packet, port.claim());
    port.commit(PACKET_BYTES);
    const up = this.#pass();
    this.#peer.send(packet);
    port.exchange();
    return { up, down: this.#pass() };
  }

  /** Lets time pass until nothing is on its way. */
  #pass(): number {
    const { port } = this.network;
    const far = 9e6;
    const start = this.clock.nowMicros();
    for (let wait = port.untilDueMicros(far); wait < far; wait = port.untilDueMicros(far)) {
      this.clock.advance(wait);
      port.exchange();
    }
    return this.clock.nowMicros() - start;
  }

  /** The names of the counters that have counted anything on the phone's link. */
  counted(): string[] {
    const counters = this.network.links()[this.network.linkAt(ROW)]?.counters ?? {};
    return Object.keys(counters).filter((name) => name !== 'packets' && counters[name] !== 0);
  }
}

/** The name of the link of each phone of a plan, whichever lane it is in. */
function linkNames(plan: ReturnType<typeof planOf>): string[] {
  const { lanes } = plan.shape;
  const population = new Population(plan.phones, plan.online, lanes);
  const networks = Array.from({ length: lanes }, (_, lane) => new Lane(plan, lane).network);
  return Array.from({ length: plan.online }, (_, phone) => {
    const network = networks[population.laneOf(phone)];
    return network?.links()[network.linkAt(population.rowOf(phone))]?.name ?? '';
  });
}

const share = (names: readonly string[], name: string): number =>
  names.filter((one) => one === name).length / names.length;

/** Five standard deviations of the share of phones that are drawn with this probability. */
const within = (probability: number): number => 5 * Math.sqrt((probability * (1 - probability)) / PHONES);

describe('the networks of a lane', () => {
  it('are there only if the scenario has any, and never while the driver calibrates', () => {
    const port = new LinkEnd(
      { faults: NO_FAULTS, seed: 1, packetBytesMax: 1500, needsChecksums: false },
      new VirtualClock(),
      1,
    );
    const packets = { port, clock: new VirtualClock(), phoneOf: () => ROW };
    assert.equal(laneNetwork(planOf(), 0, false, packets), null);
    const rough = planOf('network.links=3g');
    assert.equal(laneNetwork(rough, 0, true, packets), null);
    assert.notEqual(laneNetwork(rough, 0, false, packets), null);
    const cutOff = planOf('network.outages=[{at: 1s, duration: 1s, tunnel: 10%}]', 'phones.heartbeat=1m');
    assert.notEqual(laneNetwork(cutOff, 0, false, packets), null, 'outages alone are a network');
  });

  it('belong to the shares of phones that the scenario says, and the other phones have none', () => {
    const names = linkNames(planOf('network.links=[{preset: edge, share: 10%}, {preset: lan, share: 60%}]'));
    for (const [name, probability] of [
      ['edge', 0.1],
      ['lan', 0.6],
      ['no network', 0.3],
    ] as const)
      assert.ok(Math.abs(share(names, name) - probability) < within(probability), `${share(names, name)} have ${name}`);
    assert.deepEqual(new Set(linkNames(planOf('network.links=4g'))), new Set(['4g']), 'a single one is everybody’s');
  });

  it('follow from the seed and the phone, not from the number of lanes', () => {
    const links = 'network.links=[{preset: edge, share: 50%}, {preset: lan, share: 30%}]';
    const names = linkNames(planOf(links, 'driver.lanes=1'));
    assert.deepEqual(linkNames(planOf(links, 'driver.lanes=3')), names);
    assert.notDeepEqual(linkNames(planOf(links, 'seed=99')), names);
  });

  it('belong to all phones of a platform and to no others where links name platforms', () => {
    const plan = planOf(
      'phones.heartbeat=10m',
      'platforms=[{name: A, share: 50%, heartbeat: 5s, session: none}, {name: B, share: 30%, heartbeat: 6s, session: none}, {name: C, share: 20%, heartbeat: 7s, session: none}]',
      'network.links=[{name: slow, platform: C}, {name: fast, platform: A}]',
    );
    const shares = new PlatformShares(plan.settings.seed, plan.settings.platforms);
    const expected = ['fast', 'no network', 'slow'];
    assert.deepEqual(
      linkNames(plan),
      Array.from({ length: PHONES }, (_, phone) => expected[shares.of(phone)]),
    );
  });

  it('do to packets what their link says, each key its own', () => {
    const keys: readonly [link: string, counters: readonly string[]][] = [
      ['loss: 50%', ['lost']],
      ['burstLoss: 50%, burst: 1ms', ['lostInBursts']],
      ['duplicate: 50%', ['duplicated']],
      ['reorder: 50%', ['delayed', 'reordered']],
      ['roundTrip: 10ms', ['delayed']],
      ['jitter: 10ms', ['delayed']],
    ];
    for (const [link, counters] of keys) {
      const lane = new Lane(planOf(`network.links=[{name: one, ${link}}]`));
      for (let n = 0; n < 40; n++) {
        lane.send();
        lane.clock.advance(5000);
      }
      assert.deepEqual(lane.counted(), counters, link);
    }
  });

  it('take half of the round trip each way, and the time of their bandwidth in each direction', () => {
    const took = (link: string) => new Lane(planOf(`network.links=[{name: one, ${link}}]`)).send();
    assert.deepEqual(took('roundTrip: 50ms'), { up: 25_000, down: 25_000 });
    assert.deepEqual(took('up: 80k'), { up: 100_000, down: 0 });
    assert.deepEqual(took('down: 40k'), { up: 0, down: 200_000 });
  });

  it('record deliveries by network, so that the phones of one do not count for another', () => {
    const { network } = new Lane(planOf('network.links=[{preset: edge, share: 50%}, {preset: lan, share: 30%}]'));
    const recorded = [0, 0, 0];
    for (let row = 0; row < PHONES; row++) {
      network.deliveryTo(row).record(row);
      const link = network.linkAt(row);
      recorded[link] = (recorded[link] ?? 0) + 1;
    }
    const counts = network.links().map(({ delivery }) => delivery.reduce((sum, count) => sum + count, 0));
    assert.deepEqual(counts, recorded);
    assert.deepEqual(
      network.links().map(({ name }) => name),
      ['edge', 'lan', 'no network'],
    );
  });
});

describe('outages', () => {
  it('begin so long after the traffic as settling takes, and hit cells or single phones', () => {
    const { settings } = planOf(
      'phases.settle=7s',
      'phones.heartbeat=1m',
      'network.cells=50',
      'network.outages=[{at: 1s, duration: 2s, cells: 20%}, {at: 4s, duration: 3s, tunnel: 30%}]',
    );
    const outages = outagesOf(settings);
    assert.deepEqual(outages.list, [
      { atMicros: 8e6, durationMicros: 2e6, kind: 'cells', share: 0.2 },
      { atMicros: 11e6, durationMicros: 3e6, kind: 'tunnel', share: 0.3 },
    ]);
    const cells = new Set(Array.from({ length: 5000 }, (_, phone) => outages.cellOf(phone)));
    assert.deepEqual(
      [...cells].sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, cell) => cell),
    );
  });
});
