/**
 * Both ends on a kernel that refuses: no descriptors, no memory, no ports, no way. Sockets are real, and the test says
 * which of the next system calls fail with which error. Each failure is counted under its cause, told once, and leaves
 * nothing open; and when the kernel gives again, connections open again.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { checkLeftovers } from '../../measure/leftovers.test-suite.ts';
import { CloseReason, type ConnectionEvents } from '../../wire/transport.ts';
import { patience } from '../patience.test-suite.ts';
import { SOCKET_COUNTERS, SocketCounter, type SocketCounterName } from '../socket-counters.ts';
import { ErrorNumber } from './system/error-number.ts';
import { loadSystemCalls, type SystemCalls, whyNoSystemCalls } from './system/system-calls.ts';
import { type Hold, holds, LOOPBACK, SETTINGS, type TcpEnds, TestClock, tcpEnds } from './tcp-ends.test-suite.ts';
import { TcpSwitchTransport } from './tcp-switch-transport.ts';

const WHY_NOT = whyNoSystemCalls();
/** The longest that a listener rests, and a little. */
const REST_MICROS = 160_000;
/** Refusals that a lane keeps until its next poll. */
const REFUSALS_MAX = 1024;
/** The epoll instance watches no more sockets: fs.epoll.max_user_watches. */
const { ENOSPC } = ErrorNumber;

type Failing = 'socket' | 'bind' | 'listen' | 'accept4' | 'connect' | 'epollControl' | 'open';

/** Real system calls, of which the next ones fail as planned. */
class ScarceCalls {
  readonly calls: SystemCalls;
  readonly #planned = new Map<Failing, number[]>();
  #errno: number | null = null;

  constructor() {
    const real = loadSystemCalls();
    const failing = <Call extends (...values: never[]) => number>(name: Failing, call: Call): Call => {
      const scarce = (...values: Parameters<Call>): number => {
        this.#errno = this.#planned.get(name)?.shift() ?? null;
        return this.#errno === null ? call(...values) : -1;
      };
      return scarce as Call; // the same parameters and result
    };
    this.calls = {
      ...real,
      socket: failing('socket', real.socket),
      bind: failing('bind', real.bind),
      listen: failing('listen', real.listen),
      accept4: failing('accept4', real.accept4),
      connect: failing('connect', real.connect),
      epollControl: failing('epollControl', real.epollControl),
      open: failing('open', real.open),
      errno: () => this.#errno ?? real.errno(),
    };
  }

  /** The next calls fail with these errors, one after another. */
  fail(name: Failing, ...errors: number[]): void {
    this.#planned.set(name, errors);
  }
}

/** Keeps what it is told, and releases what has ended. */
class Owner implements ConnectionEvents {
  readonly opens = new Map<number, number>();
  readonly refusals: [token: number, reason: number][] = [];
  ends = 0;
  onRefused: (token: number) => void = () => {};
  readonly #release: (connection: number) => void;

  constructor(release: (connection: number) => void) {
    this.#release = release;
  }

  opened(token: number, connection: number): void {
    this.opens.set(token, connection);
  }

  refused(token: number, reason: number): void {
    this.refusals.push([token, reason]);
    this.onRefused(token);
  }

  bytes(_token: number, _connection: number, _view: DataView, start: number, end: number): number {
    return end - start;
  }

  closed(token: number, connection: number): void {
    this.opens.delete(token);
    this.ends++;
    this.#release(connection);
  }
}

class World {
  readonly scarce = new ScarceCalls();
  readonly ends: TcpEnds;
  readonly lane: Owner;
  readonly shard: Owner;

  constructor(test: TestContext, hold: Hold, scarceEnd: 'switch' | 'phones') {
    const { calls } = this.scarce;
    const given = scarceEnd === 'switch' ? { switchCalls: calls } : { phoneCalls: calls };
    this.ends = tcpEnds({ hold, ...given });
    this.lane = new Owner((connection) => this.ends.phones.release(connection));
    this.shard = new Owner((connection) => this.ends.shard.release(connection));
    test.after(() => this.ends.close?.());
  }

  turn(): void {
    this.ends.phones.poll(this.lane, 64);
    this.ends.shard.poll(this.shard, 64);
    void this.ends.settle();
  }

  until(holds: () => boolean, what: string): void {
    for (const isPatient = patience(); !holds() && isPatient(); ) this.turn();
    assert.ok(holds(), what);
  }

  opens(...tokens: number[]): void {
    for (const token of tokens) assert.equal(this.ends.phones.connect(0, token), true);
    this.until(() => tokens.every((token) => this.lane.opens.has(token)), `${tokens} open`);
    this.until(() => this.shard.opens.size === this.lane.opens.size, 'the switch has as many');
  }

  /** The counters of failures that are not 0, by name. */
  failures(side: 'switchCounters' | 'phoneCounters'): Partial<Record<SocketCounterName, number>> {
    const counters = SOCKET_COUNTERS.filter((name) => name.includes('Failed') || name.includes('Refused'));
    const found = counters.map((name) => [name, this.ends[side][SocketCounter[name]] ?? 0] as const);
    return Object.fromEntries(found.filter(([, count]) => count > 0));
  }
}

function accepting(hold: Hold): void {
  for (const errno of [ErrorNumber.EINTR, ErrorNumber.ECONNABORTED])
    it(`passes over error ${errno}, and accepts the next in the same turn`, (test) => {
      const world = new World(test, hold, 'switch');
      world.scarce.fail('accept4', errno, errno);
      world.opens(1, 2, 3);
      assert.deepEqual(world.failures('switchCounters'), {});
    });

  const causes: [errno: number, counter: SocketCounterName][] = [
    [ErrorNumber.ENOMEM, 'acceptsFailedMemory'],
    [ErrorNumber.ENOBUFS, 'acceptsFailedMemory'],
    [ErrorNumber.EPERM, 'acceptsFailedOther'],
  ];
  for (const [errno, counter] of causes)
    it(`rests after error ${errno}, counts it once, and accepts again after the rest`, (test) => {
      const world = new World(test, hold, 'switch');
      world.scarce.fail('accept4', errno);
      assert.ok(world.ends.phones.connect(0, 1));
      world.until(() => world.failures('switchCounters')[counter] === 1, 'it is counted');
      for (let n = 0; n < 20; n++) world.turn();
      assert.equal(world.shard.opens.size, 0, 'as long as the clock stands still, it rests');
      assert.deepEqual(world.failures('switchCounters'), { [counter]: 1 }, 'and does not try again and again');
      world.ends.clock.micros += REST_MICROS;
      world.until(() => world.shard.opens.size === 1 && world.lane.opens.size === 1, 'it accepts again');
    });

  for (const errno of [ErrorNumber.EMFILE, ErrorNumber.ENFILE])
    it(`refuses with the descriptor that it keeps after error ${errno}, so that the phone is told at once`, (test) => {
      const world = new World(test, hold, 'switch');
      world.scarce.fail('accept4', errno);
      for (const token of [1, 2]) assert.ok(world.ends.phones.connect(0, token));
      world.until(() => world.lane.ends === 1, 'one phone is told that it is not taken');
      world.until(() => world.shard.opens.size === 1, 'the other one is taken');
      assert.deepEqual(world.failures('switchCounters'), { acceptsFailedDescriptors: 1 });
      world.opens(3);
    });

  it('rests where even the descriptor that it kept is gone, and has one again after the rest', (test) => {
    const world = new World(test, hold, 'switch');
    const { EMFILE } = ErrorNumber;
    world.scarce.fail('open', EMFILE); // the reserve cannot be opened again
    world.scarce.fail('accept4', EMFILE, EMFILE);
    assert.ok(world.ends.phones.connect(0, 1));
    world.until(() => world.failures('switchCounters').acceptsFailedDescriptors === 1, 'it is counted');
    for (let n = 0; n < 20; n++) world.turn();
    assert.deepEqual([world.shard.opens.size, world.lane.ends], [0, 0], 'it waits in the backlog');
    world.ends.clock.micros += REST_MICROS;
    world.until(() => world.shard.opens.size === 1, 'it is taken after the rest');
    world.scarce.fail('accept4', EMFILE);
    assert.ok(world.ends.phones.connect(0, 2));
    world.until(() => world.lane.ends === 1, 'there is a reserve to refuse with again');
  });

  it('closes a connection that the kernel cannot watch, and its place is free again', (test) => {
    const world = new World(test, hold, 'switch');
    for (const [errno, counters] of [
      [ENOSPC, { acceptsFailedDescriptors: 1 }],
      [ErrorNumber.ENOMEM, { acceptsFailedDescriptors: 1, acceptsFailedMemory: 1 }],
    ] as const) {
      const before = world.lane.ends;
      world.scarce.fail('epollControl', errno);
      assert.ok(world.ends.phones.connect(0, 1));
      world.until(() => world.lane.ends === before + 1, 'the phone is told');
      assert.deepEqual(world.failures('switchCounters'), counters);
    }
    world.opens(2, 3);
  });
}

function connecting(hold: Hold): void {
  const causes: [call: Failing, errno: number, reason: number, counter: SocketCounterName][] = [
    ['socket', ErrorNumber.EMFILE, CloseReason.DESCRIPTORS_EXHAUSTED, 'connectsFailedDescriptors'],
    ['socket', ErrorNumber.ENFILE, CloseReason.DESCRIPTORS_EXHAUSTED, 'connectsFailedDescriptors'],
    ['socket', ErrorNumber.ENOBUFS, CloseReason.MEMORY_EXHAUSTED, 'connectsFailedMemory'],
    ['connect', ErrorNumber.EADDRNOTAVAIL, CloseReason.PORTS_EXHAUSTED, 'connectsFailedPorts'],
    ['connect', ErrorNumber.ENETUNREACH, CloseReason.UNREACHABLE, 'connectsFailedUnreachable'],
    ['connect', ErrorNumber.EHOSTUNREACH, CloseReason.UNREACHABLE, 'connectsFailedUnreachable'],
    ['connect', ErrorNumber.ECONNREFUSED, CloseReason.CONNECT_REFUSED, 'connectsFailedRefused'],
    ['connect', ErrorNumber.EPERM, CloseReason.FORBIDDEN, 'connectsFailedForbidden'],
    ['connect', ErrorNumber.EACCES, CloseReason.FORBIDDEN, 'connectsFailedForbidden'],
    ['connect', ErrorNumber.EBUSY, CloseReason.BROKEN, 'connectsFailedOther'],
    ['epollControl', ErrorNumber.ENOMEM, CloseReason.MEMORY_EXHAUSTED, 'connectsFailedMemory'],
    ['epollControl', ENOSPC, CloseReason.DESCRIPTORS_EXHAUSTED, 'connectsFailedDescriptors'],
  ];
  for (const [call, errno, reason, counter] of causes)
    it(`is refused once, with its cause, where ${call} fails with error ${errno}`, (test) => {
      const world = new World(test, hold, 'phones');
      world.scarce.fail(call, errno);
      assert.equal(world.ends.phones.connect(0, 7), true, 'the attempt was made');
      assert.deepEqual(world.lane.refusals, [], 'the owner is told in a poll, not during its call');
      assert.equal(world.ends.phones.hasInput(), true, 'so a thread does not go to sleep over it');
      world.turn();
      assert.deepEqual(world.lane.refusals, [[7, reason]]);
      assert.deepEqual(world.failures('phoneCounters'), { [counter]: 1 });
      world.opens(8);
      assert.equal(world.lane.refusals.length, 1);
    });

  it('is refused again in a later poll where the phone tries again at once, so that no poll is without end', (test) => {
    const world = new World(test, hold, 'phones');
    const { EADDRNOTAVAIL } = ErrorNumber;
    world.scarce.fail('connect', ...new Array<number>(4).fill(EADDRNOTAVAIL));
    world.lane.onRefused = (token) => assert.ok(world.ends.phones.connect(0, token + 1));
    assert.ok(world.ends.phones.connect(0, 1));
    for (let polls = 1; polls <= 4; polls++) {
      world.ends.phones.poll(world.lane, 64);
      assert.equal(world.lane.refusals.length, polls);
    }
    assert.deepEqual(
      world.lane.refusals.map(([token]) => token),
      [1, 2, 3, 4],
    );
    world.until(() => world.lane.opens.has(5), 'the fifth attempt succeeds');
  });

  it('is put off when as many refusals wait as are kept, and none of them is lost', (test) => {
    const world = new World(test, hold, 'phones');
    world.scarce.fail('socket', ...new Array<number>(REFUSALS_MAX + 1).fill(ErrorNumber.EMFILE));
    for (let token = 0; token < REFUSALS_MAX; token++) assert.equal(world.ends.phones.connect(0, token), true);
    assert.equal(world.ends.phones.connect(0, REFUSALS_MAX), false);
    world.ends.phones.poll(world.lane, 64);
    assert.deepEqual(
      world.lane.refusals.map(([token]) => token),
      Array.from({ length: REFUSALS_MAX }, (_, token) => token),
    );
    world.scarce.fail('socket');
    world.opens(REFUSALS_MAX);
  });
}

function listening(): void {
  const refusals: [call: Failing, errno: number, message: RegExp][] = [
    ['socket', ErrorNumber.EMFILE, /^Cannot make a socket for 127\.0\.0\.1 port 0: EMFILE \(24\)\.$/],
    ['bind', ErrorNumber.EACCES, /^Cannot listen on 127\.0\.0\.1 port 0: EACCES \(13\)\.$/],
    [
      'bind',
      ErrorNumber.EADDRINUSE,
      /EADDRINUSE \(98\)\. Something listens there already: choose another sockets\.port/,
    ],
    ['listen', ErrorNumber.EADDRINUSE, /Something listens there already/],
  ];
  for (const [call, errno, message] of refusals)
    it(`says why, where ${call} fails with error ${errno}, and can be tried again`, (test) => {
      const scarce = new ScarceCalls();
      const counters = new Float64Array(SOCKET_COUNTERS.length);
      const parts = { calls: scarce.calls, clock: new TestClock(), counters, bellDescriptor: null };
      const shard = new TcpSwitchTransport(SETTINGS, { backlog: 16, acceptBatch: 16 }, parts);
      test.after(() => shard.shutdown());
      scarce.fail(call, errno);
      assert.throws(() => shard.listen(LOOPBACK, 0, false), { code: 'LISTEN_FAILED', message });
      assert.ok(shard.listen(LOOPBACK, 0, false) > 0);
    });
}

describe('a kernel that refuses', { skip: WHY_NOT ?? false }, () => {
  checkLeftovers();
  for (const hold of WHY_NOT === null ? holds() : []) {
    describe(`to accept a connection, held by ${hold.name}:`, () => accepting(hold));
    describe(`to open a connection, held by ${hold.name}:`, () => connecting(hold));
  }
  describe('to listen', listening);
});
