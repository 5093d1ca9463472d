/**
 * Both ends of a transport over Node's sockets, under everything that sockets, owner and time can do at once, in any
 * order: a connection is opened, heard and ended once each, no byte is lost, doubled or out of order, and every number
 * is free again in the end. Sockets do what the script says, so that orders come up which real ones take rarely.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CLAIM_FULL, CLAIM_GONE, CloseReason, type ConnectionEvents } from '../../wire/transport.ts';
import { EventPhoneTransport } from './event-phone-transport.ts';
import { EventSwitchTransport } from './event-switch-transport.ts';
import { byteAt, ScriptedLink } from './scripted-link.test-suite.ts';

const CONNECTIONS_MAX = 4;
const CONNECTING_MAX = 3;
const OUTPUT_LIMIT_BYTES = 3000;
const [CONNECT_MICROS, OUTPUT_MICROS] = [5e6, 10e6];
/** Above every time limit, and the interval at which they are checked. */
const LONG_MICROS = 30e6;
const SETTINGS = {
  connectionsMax: CONNECTIONS_MAX,
  outputPoolBytes: 12_000,
  outputLimitBytes: OUTPUT_LIMIT_BYTES,
  outputTimeoutMicros: OUTPUT_MICROS,
  connectTimeoutMicros: CONNECT_MICROS,
  connectingMax: CONNECTING_MAX,
};
type Side = 'phones' | 'switch';

/** What the owner knows of a connection, and what was put into it. */
interface Line {
  readonly serial: number;
  readonly link: ScriptedLink;
  state: 'connecting' | 'open' | 'left' | 'vanished' | 'closed' | 'over';
  /** Bytes that the peer has sent, and those that the owner has taken. */
  sent: number;
  taken: number;
  /** Bytes that the owner has handed over. */
  committed: number;
  /** Why the socket ended, as the script said. */
  goneBy: number;
}

class World implements ConnectionEvents {
  readonly lines: Line[] = [];
  readonly transport: EventPhoneTransport | EventSwitchTransport;
  micros = 1e6;
  /** Bytes that the owner takes of each chunk, and whether it hangs up when it gets some. */
  appetite = Number.POSITIVE_INFINITY;
  isFickle = false;
  readonly #connected: ScriptedLink[] = [];

  constructor(side: Side) {
    const now = (): number => this.micros;
    this.transport =
      side === 'phones'
        ? new EventPhoneTransport(
            SETTINGS,
            () => this.#connected.pop() as ScriptedLink,
            () => null,
            now,
            () => {},
          )
        : new EventSwitchTransport(
            SETTINGS,
            () => LISTENER,
            now,
            () => {},
          );
    if (this.transport instanceof EventPhoneTransport) this.transport.setTargets([{ host: 'nowhere', port: 1 }]);
  }

  get live(): Line[] {
    return this.lines.filter(({ state }) => state !== 'over');
  }

  /** Of those whose number is in use. @returns undefined if there is none. */
  pick(which: number, ...states: Line['state'][]): Line | undefined {
    const some = this.live.filter(({ state }) => states.includes(state));
    return some[which % Math.max(1, some.length)];
  }

  connect(): boolean {
    const { transport } = this;
    const serial = this.lines.length;
    const link = new ScriptedLink(serial);
    const line: Line = { serial, link, state: 'connecting', sent: 0, taken: 0, committed: 0, goneBy: 0 };
    const used = this.lines.filter(({ link: one }) => this.#holdsNumber(one)).length;
    if (transport instanceof EventPhoneTransport) {
      this.#connected.push(link);
      const opening = this.lines.filter(({ link: one }) => !one.hasOpened && !one.isGone).length;
      const isTaken = transport.connect(0, serial);
      assert.equal(isTaken, opening < CONNECTING_MAX && used < CONNECTIONS_MAX, `${opening} opening, ${used} in use`);
      if (!isTaken) return false;
    } else {
      const hasRoom = transport.takesAnother();
      assert.equal(hasRoom, used < CONNECTIONS_MAX, `${used} in use`);
      if (!hasRoom) return false;
      transport.accept(link);
    }
    this.lines.push(line);
    assert.ok(link.connection >= 0 && link.connection < CONNECTIONS_MAX);
    const others = this.lines.filter((one) => one !== line && this.#holdsNumber(one.link));
    assert.ok(
      others.every((one) => one.link.connection !== link.connection),
      'a number is used once at a time',
    );
    return true;
  }

  /** Whether a link still has its number; FREE is the last state. */
  #holdsNumber(link: ScriptedLink): boolean {
    return link.state < 7;
  }

  opens(line: Line | undefined): void {
    if (line !== undefined && !line.link.isGone && line.link.ending === 'none') this.transport.linkOpened(line.link);
  }

  /** The peer sends bytes. */
  sends(line: Line | undefined, count: number): void {
    if (line === undefined || line.link.isGone || !line.link.hasOpened || line.link.isPaused) return;
    const chunk = Buffer.from(Array.from({ length: count }, (_, n) => byteAt(line.serial, line.sent + n)));
    if (line.link.ending === 'none') this.transport.linkReceived(line.link, chunk);
    line.sent += count;
  }

  /** The socket is over: by what it was told, or by the peer. */
  goes(line: Line | undefined, reason: number): void {
    if (line === undefined || line.link.isGone) return;
    line.link.isGone = true;
    line.goneBy = reason;
    this.transport.linkGone(line.link, reason);
    if (line.link.isSilent && line.state !== 'connecting') line.state = 'over'; // the owner wanted to hear no more
  }

  /** The owner hands over bytes. */
  says(line: Line | undefined, bytes: number): void {
    if (line === undefined) return;
    const { transport } = this;
    const room = transport.roomBytes();
    const at = transport.claim(line.link.connection, bytes, 0);
    if (at === CLAIM_GONE) {
      assert.ok(line.link.isGone || line.link.reason !== 0 || line.state !== 'open', 'an open connection takes output');
      return;
    }
    if (at === CLAIM_FULL) {
      assert.ok(bytes > room, `${room} bytes of room were reported, and ${bytes} found none`);
      return;
    }
    assert.equal(line.state, 'open');
    for (let n = 0; n < bytes; n++) transport.output.setUint8(at + n, byteAt(line.serial, line.committed + n));
    transport.commit();
    line.committed += bytes;
  }

  flush(): void {
    const before = this.live.map(({ link }) => link.bufferedBytes);
    const endings = this.live.map(({ link }) => link.ending);
    this.transport.flush();
    for (const [n, { link, committed, state }] of this.live.entries()) {
      const isSlow = (before[n] ?? 0) > OUTPUT_LIMIT_BYTES;
      if (link.ending === 'by reset' && endings[n] === 'none') assert.ok(isSlow, 'a reader within the limit stays');
      else if (state === 'open' && !link.isGone && link.ending === 'none') assert.equal(link.written, committed);
      else if (state === 'left' && !link.isGone && endings[n] === 'none') {
        assert.notEqual(link.ending, 'none', 'a connection that was closed ends with the flush');
        assert.equal(link.written, committed, 'after what was said before');
      }
    }
  }

  close(line: Line | undefined, reason: number): void {
    if (line === undefined) return;
    assert.equal(this.transport.close(line.link.connection, reason), true);
    line.state = this.transport instanceof EventPhoneTransport && line.link.state === 7 ? 'over' : 'left';
  }

  vanish(line: Line | undefined): void {
    if (line === undefined || !(this.transport instanceof EventPhoneTransport)) return;
    this.transport.vanish(line.link.connection);
    line.state = line.link.state === 7 ? 'over' : 'vanished';
  }

  release(line: Line | undefined): void {
    if (line === undefined) return;
    assert.equal(this.transport.release(line.link.connection), true);
    line.state = 'over';
  }

  poll(limit = 1000): number {
    return this.transport.poll(this, limit);
  }

  #lineOf(token: number, connection: number): Line {
    const found = this.live.filter(({ link, state }) => link.connection === connection && state !== 'vanished');
    const line = found.find(({ serial }) => serial === token || this.transport instanceof EventSwitchTransport);
    return line ?? assert.fail(`an event of connection ${connection}, which the owner does not know`);
  }

  opened(token: number, connection: number): void {
    const line = this.#lineOf(token, connection);
    assert.equal(line.state, 'connecting', 'a connection is opened once');
    line.state = 'open';
  }

  refused(token: number, reason: number): void {
    const line = this.lines[token] as Line; // tokens are serial numbers
    assert.ok(line.state === 'connecting' && !line.link.hasOpened);
    assert.equal(reason, line.link.reason);
    line.state = 'over';
  }

  bytes(token: number, connection: number, view: DataView, start: number, end: number): number {
    const line = this.#lineOf(token, connection);
    assert.equal(line.state, 'open', 'nothing is heard before a connection is opened, or after it was closed');
    const taken = Math.min(end - start, this.appetite);
    for (let n = 0; n < taken; n++) assert.equal(view.getUint8(start + n), byteAt(line.serial, line.taken + n));
    line.taken += taken;
    if (this.isFickle) this.close(line, CloseReason.VIOLATION);
    return taken;
  }

  closed(token: number, connection: number, reason: number): void {
    const line = this.#lineOf(token, connection);
    const isOfPhones = this.transport instanceof EventPhoneTransport;
    assert.ok(line.state === 'open' || (line.state === 'left' && !isOfPhones), `closed while ${line.state}`);
    assert.ok(line.link.isGone, 'a connection is closed when its socket is');
    if (line.state === 'open' && reason === line.goneBy && line.link.ending === 'none')
      assert.equal(line.taken, line.sent, 'all that the peer sent before its end is heard');
    line.state = 'closed';
  }

  /** Everything that has to happen by itself: sockets end that were told to, and time limits pass. */
  rest(): void {
    this.appetite = Number.POSITIVE_INFINITY;
    this.isFickle = false;
    for (let round = 0; round < 6; round++) {
      this.flush();
      this.poll();
      for (const line of this.live) if (line.link.mayGo) this.goes(line, CloseReason.BROKEN);
      this.micros += LONG_MICROS;
    }
    while (this.poll() > 0) this.flush();
  }
}

const LISTENER = { listen: () => Promise.resolve(1), look: () => {}, stop: () => {}, end: () => Promise.resolve() };

const which = fc.nat(20);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'connect' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('opens' as const), which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('sends' as const),
      which,
      bytes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(5000, 40_000, 70_000)),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('says' as const), which, bytes: fc.integer({ min: 1, max: 2500 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reads' as const), which, bytes: fc.nat(6000) }) },
  { weight: 5, arbitrary: fc.constant({ kind: 'flush' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('poll' as const),
      limit: fc.constantFrom(1, 2, 1000),
      appetite: fc.constantFrom(0, 1, 100, 50_000, 1e9),
      isFickle: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const), which, isMissed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('goes' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ends' as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fails' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('waits' as const), micros: fc.constantFrom(60_000, 3e6, 12e6) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function take(world: World, one: Step): void {
  switch (one.kind) {
    case 'connect':
      world.connect();
      break;
    case 'opens':
      world.opens(world.pick(one.which, 'connecting'));
      break;
    case 'sends':
      world.sends(world.pick(one.which, 'connecting', 'open', 'left', 'vanished'), one.bytes);
      break;
    case 'says':
      world.says(world.pick(one.which, 'open'), one.bytes);
      break;
    case 'reads': {
      const link = world.pick(one.which, 'open', 'left', 'vanished')?.link;
      if (link !== undefined) link.bufferedBytes -= Math.min(link.bufferedBytes, one.bytes);
      break;
    }
    case 'flush':
      world.flush();
      break;
    case 'poll':
      world.appetite = one.appetite;
      world.isFickle = one.isFickle && one.appetite > 0;
      world.poll(one.limit);
      world.isFickle = false;
      break;
    case 'close':
      world.close(world.pick(one.which, 'open'), one.isMissed ? CloseReason.HEARTBEAT_MISSED : CloseReason.PHONE_LEFT);
      break;
    case 'vanish':
      world.vanish(world.pick(one.which, 'open'));
      break;
    case 'goes': {
      const line = world.pick(one.which, 'connecting', 'open', 'left', 'vanished');
      if (line?.link.mayGo === true) world.goes(line, CloseReason.BROKEN);
      break;
    }
    case 'ends':
      world.goes(world.pick(one.which, 'connecting', 'open', 'left', 'vanished'), CloseReason.PEER_CLOSED);
      break;
    case 'fails': {
      const line = world.pick(one.which, 'open');
      if (line === undefined || line.link.isGone || line.link.ending !== 'none') break;
      world.transport.linkFailed(line.link, CloseReason.VIOLATION);
      line.link.destroy(); // a link that fails ends its socket itself
      break;
    }
    case 'release':
      world.release(world.pick(one.which, 'closed'));
      break;
    default:
      world.micros += one.micros;
  }
}

for (const side of ['phones', 'switch'] as const)
  describe(`the ${side}' end of a transport over Node's sockets`, () => {
    it('opens, hears and ends each connection once, in whatever order sockets and owner end it', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
          const world = new World(side);
          for (const one of steps) take(world, one);
          world.rest();
          for (const { state, link, taken, sent } of world.live) {
            assert.ok(['open', 'closed', 'vanished'].includes(state), `a connection stays ${state}`);
            if (state !== 'open') continue;
            assert.equal(link.bufferedBytes, 0, 'a peer that never reads is not waited for');
            assert.equal(taken, sent, 'all that came is heard');
          }
          for (const line of world.live) if (line.state === 'open') world.close(line, CloseReason.SWITCH_STOPPING);
          for (const line of world.live) if (line.state === 'vanished') world.goes(line, CloseReason.PEER_CLOSED);
          world.rest();
          for (const line of world.live) if (line.state === 'closed') world.release(line);
          for (let n = 0; n < CONNECTIONS_MAX; n++) {
            assert.ok(world.connect(), 'every number is free again');
            world.opens(world.lines.at(-1));
          }
          assert.equal(world.connect(), false);
        }),
        { numRuns: 100 },
      );
    });
  });
