/**
 * The ends of a run's threads, made from a plan as a worker makes them, joined in one thread. Not over tcp, whose ends
 * give the thread a table of descriptors of its own: `cli/end-to-end` has those.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { currentEpochNanos } from '../../../measure/monotonic-clock.ts';
import { TRANSPORT_NAMES, TRANSPORTS, type TransportName } from '../../../scenario/terms/transports.ts';
import { SocketCounter } from '../../../transport/socket-counters.ts';
import { CloseReason, type ConnectionEvents, type Transport } from '../../../wire/transport.ts';
import { smallPlan } from '../../sides/small-run.test-suite.ts';
import { RunMemory } from '../memory/run-memory.ts';
import type { PhoneEnd, SwitchEnd } from '../thread/thread-end.ts';
import { loadEnds } from './thread-ends.ts';

const HOST = '127.0.0.1';
const ROW = 3;
const NAMES = TRANSPORT_NAMES.filter((name) => TRANSPORTS[name].descriptorTables !== 'private');
const SOCKETS = NAMES.filter((name) => !TRANSPORTS[name].isSimulated);

/** What a side has seen, as text, and the bytes that it received. */
class Seen implements ConnectionEvents {
  readonly events: string[] = [];
  received = '';
  connection = -1;

  opened(token: number, connection: number): void {
    this.connection = connection;
    this.events.push(`opened ${token}`);
  }

  refused(token: number, reason: number): void {
    this.events.push(`refused ${token} ${reason}`);
  }

  bytes(_: number, __: number, view: DataView, start: number, end: number): number {
    for (let at = start; at < end; at++) this.received += String.fromCharCode(view.getUint8(at));
    return end - start;
  }

  closed(token: number): void {
    this.events.push(`closed ${token}`);
  }
}

interface Joined {
  readonly memory: RunMemory;
  readonly ofSwitch: SwitchEnd;
  readonly ofPhones: PhoneEnd;
  readonly switchSeen: Seen;
  readonly phonesSeen: Seen;
}

async function joined(transport: TransportName, test: TestContext): Promise<Joined> {
  const plan = smallPlan(`transport=${transport}`, 'switch.shards=1', 'driver.lanes=1');
  const memory = RunMemory.allocate(plan.shape, null);
  const ends = await loadEnds(transport);
  const clock = ends.makeClock(currentEpochNanos());
  const place = { plan, memory, clock, index: 0, inheritedDescriptors: [], isCalibration: false };
  const ofSwitch = ends.makeSwitchEnd(place);
  const ofPhones = ends.makePhoneEnd(place);
  test.after(async () => {
    await ofPhones.close(() => {});
    await ofSwitch.close(() => {});
  });
  return { memory, ofSwitch, ofPhones, switchSeen: new Seen(), phonesSeen: new Seen() };
}

/** Lets the switch listen where it can, and tells the phones. @returns the port. */
async function listening({ ofSwitch, ofPhones }: Joined): Promise<number> {
  const port = await (ofSwitch.command({ kind: 'listen', host: HOST, port: 0, isShared: false }) as Promise<number>); // as its answer
  ofPhones.command({ kind: 'targets', targets: [{ host: HOST, port }] });
  return port;
}

/** Both ends take turns until it holds; each test file has a time limit. */
async function until(both: Joined, holds: () => boolean): Promise<void> {
  while (!holds()) {
    both.ofSwitch.transport.poll(both.switchSeen, 64);
    both.ofSwitch.transport.flush();
    both.ofPhones.transport.poll(both.phonesSeen, 64);
    both.ofPhones.transport.flush();
    await turn();
  }
}

function write(transport: Transport, connection: number, text: string): void {
  const at = transport.claim(connection, text.length, 0);
  assert.ok(at >= 0, `room for ${text}`);
  for (let n = 0; n < text.length; n++) transport.output.setUint8(at + n, text.charCodeAt(n));
  transport.commit();
}

for (const transport of NAMES) {
  describe(`the ends of threads over ${transport}`, () => {
    it('carry bytes both ways, and tell of the end', async (test) => {
      const both = await joined(transport, test);
      const { ofSwitch, ofPhones, switchSeen, phonesSeen } = both;
      if (!TRANSPORTS[transport].isSimulated) await listening(both);
      assert.ok(ofPhones.transport.connect(0, ROW));
      await until(both, () => switchSeen.connection >= 0 && phonesSeen.connection >= 0);
      assert.deepEqual(phonesSeen.events, [`opened ${ROW}`]);
      write(ofPhones.transport, phonesSeen.connection, 'from the phone');
      write(ofSwitch.transport, switchSeen.connection, 'from the switch');
      await until(both, () => switchSeen.received.length >= 14 && phonesSeen.received.length >= 15);
      assert.deepEqual([switchSeen.received, phonesSeen.received], ['from the phone', 'from the switch']);
      ofSwitch.transport.close(switchSeen.connection, CloseReason.SWITCH_STOPPING);
      await until(both, () => phonesSeen.events.length > 1);
      assert.deepEqual(phonesSeen.events, [`opened ${ROW}`, `closed ${ROW}`]);
    });

    it('leave commands that are not theirs to others', async (test) => {
      const { ofSwitch, ofPhones } = await joined(transport, test);
      for (const command of [{ kind: 'stop' }, { kind: 'queued' }, { kind: 'stopTraffic' }] as const)
        assert.deepEqual([ofSwitch.command(command), ofPhones.command(command)], [null, null], command.kind);
    });

    it('list the memory of the transport, each part once', async (test) => {
      const { ofSwitch } = await joined(transport, test);
      const names = ofSwitch.ledger().map(({ name }) => name);
      assert.ok(names.length > 0);
      assert.equal(new Set(names).size, names.length, `${names}`);
    });
  });
}

for (const transport of SOCKETS) {
  describe(`the ends over sockets of ${transport}`, () => {
    it('refuse a port that is taken, and say what to do', async (test) => {
      const first = await joined(transport, test);
      const second = await joined(transport, test);
      const port = await listening(first);
      const again = second.ofSwitch.command({ kind: 'listen', host: HOST, port, isShared: false });
      await assert.rejects(again as Promise<number>, (error: Error & { code?: string }) => {
        assert.equal(error.code, 'LISTEN_FAILED');
        assert.match(error.message, new RegExp(`^Cannot listen on ${HOST} port ${port}: .*EADDRINUSE`));
        assert.match(error.message, /choose another sockets\.port, or 0 for a free one\.$/);
        return true;
      });
    });

    it('count connects that nobody accepts, by their cause', async (test) => {
      const both = await joined(transport, test);
      const gone = await joined(transport, test);
      const port = await listening(gone);
      await gone.ofSwitch.close(() => {});
      both.ofPhones.command({ kind: 'targets', targets: [{ host: HOST, port }] });
      assert.ok(both.ofPhones.transport.connect(0, ROW));
      await until(both, () => both.phonesSeen.events.length > 0);
      assert.deepEqual(both.phonesSeen.events, [`refused ${ROW} ${CloseReason.CONNECT_REFUSED}`]);
      assert.equal(both.memory.laneSockets(0)[SocketCounter.connectsFailedRefused], 1);
    });

    it('accept nobody more once they have stopped listening, and keep whom they have', async (test) => {
      const both = await joined(transport, test);
      await listening(both);
      assert.ok(both.ofPhones.transport.connect(0, ROW));
      await until(both, () => both.switchSeen.connection >= 0 && both.phonesSeen.connection >= 0);
      await both.ofSwitch.command({ kind: 'stopListening' });
      assert.ok(both.ofPhones.transport.connect(0, ROW + 1));
      await until(both, () => both.phonesSeen.events.length > 1);
      assert.match(both.phonesSeen.events[1] ?? '', new RegExp(`^(refused|closed) ${ROW + 1}`));
      write(both.ofSwitch.transport, both.switchSeen.connection, 'still here');
      await until(both, () => both.phonesSeen.received === 'still here');
    });

    it('show in shared memory, from turn to turn of the loop, how many were accepted', async (test) => {
      const both = await joined(transport, test);
      await listening(both);
      assert.ok(both.ofPhones.transport.connect(0, ROW));
      let stopped = false;
      const reactor = {
        doWork: () => both.ofSwitch.transport.poll(both.switchSeen, 64),
        hasInput: () => both.ofSwitch.transport.hasInput(),
        untilDueMicros: () => 1000,
      };
      const looping = both.ofSwitch.loop(
        reactor,
        () => {
          both.ofPhones.transport.poll(both.phonesSeen, 64);
        },
        () => stopped,
      );
      while (both.memory.shardSockets(0)[SocketCounter.connectionsAccepted] !== 1) await turn();
      stopped = true;
      await looping;
      assert.equal(both.switchSeen.events.length, 1);
    });
  });
}
