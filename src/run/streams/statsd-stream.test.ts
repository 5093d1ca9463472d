import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { madeInterval } from '../../verdict/record/made-interval.test-suite.ts';
import { eventually } from '../sides/small-run.test-suite.ts';
import { KNOWN, RUN } from './made-stream.test-suite.ts';
import { DATAGRAM_BYTES_MAX, StatsdStream } from './statsd-stream.ts';

/** A StatsD server that keeps what it is sent. */
async function server(test: TestContext): Promise<{ port: number; datagrams: string[] }> {
  const socket: Socket = createSocket('udp4');
  const datagrams: string[] = [];
  socket.on('message', (message) => datagrams.push(message.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  test.after(() => socket.close());
  return { port: socket.address().port, datagrams };
}

function valuesOf(datagrams: readonly string[]): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of datagrams.flatMap((datagram) => datagram.split('\n'))) {
    const match = /^([\w.-]+):(-?[\d.]+)\|g$/.exec(line);
    assert.ok(match !== null, line);
    values.set(match[1] ?? '', Number(match[2]));
  }
  return values;
}

describe('a stream to StatsD', () => {
  it('sends one gauge per figure and thread, and none for what is not known', async (test) => {
    const { port, datagrams } = await server(test);
    const stream = await StatsdStream.open('localhost', port, assert.fail);
    stream.begin(RUN);
    stream.interval({ ...KNOWN, stealShare: null });
    await stream.close();
    await eventually(() => valuesOf(datagrams).size >= 25);
    const values = valuesOf(datagrams);
    assert.equal(values.get('trunkline.smoke.held'), 1000);
    assert.equal(values.get('trunkline.smoke.deliveryP99Micros'), 25_000);
    assert.equal(values.get('trunkline.smoke.threads.shard-1.busyShare'), 0.75);
    assert.equal(values.get('trunkline.smoke.threads.lane-0.pauseMicros'), 500);
    assert.equal(values.has('trunkline.smoke.stealShare'), false);
    assert.equal(stream.dropped, 0);
  });

  it('keeps the sides of a series apart, and says which run it is', async (test) => {
    const { port, datagrams } = await server(test);
    const stream = await StatsdStream.open('127.0.0.1', port, assert.fail);
    stream.begin({ ...RUN, place: { side: 'candidate', number: 3, of: 20 } });
    stream.interval(KNOWN);
    await stream.close();
    await eventually(() => datagrams.length > 0);
    const values = valuesOf(datagrams);
    assert.equal(values.get('trunkline.smoke.candidate.runNumber'), 3);
    assert.equal(values.get('trunkline.smoke.candidate.runsPlanned'), 20);
    assert.equal(values.get('trunkline.smoke.candidate.held'), 1000);
  });

  it('takes nothing into a name that StatsD or Graphite would read as more than a name', async (test) => {
    const { port, datagrams } = await server(test);
    const stream = await StatsdStream.open('127.0.0.1', port, assert.fail);
    stream.begin({ ...RUN, scenario: 'a.b:1|g\nx <script> ✓' });
    stream.interval(madeInterval());
    await stream.close();
    await eventually(() => datagrams.length > 0);
    for (const name of valuesOf(datagrams).keys()) assert.match(name, /^trunkline\.a_b_1_g_x__script___\.\w+$/);
  });

  it('sends many threads in several datagrams, each of which fits a frame', async (test) => {
    const { port, datagrams } = await server(test);
    const threads = Array.from({ length: 32 }, (_, n) => ({
      name: `shard-${n}`,
      role: 'shard' as const,
      busyShare: 0.5,
      collections: 1,
      pauseMicros: 1234,
    }));
    const stream = await StatsdStream.open('127.0.0.1', port, assert.fail);
    stream.begin(RUN);
    stream.interval({ ...KNOWN, threads });
    await stream.close();
    await eventually(() => valuesOf(datagrams).size === 17 + 3 * 32);
    assert.ok(datagrams.length > 1);
    for (const datagram of datagrams) assert.ok(Buffer.byteLength(datagram) <= DATAGRAM_BYTES_MAX);
  });

  it('goes on as long as the system takes what it sends', async (test) => {
    const { port, datagrams } = await server(test);
    const stream = await StatsdStream.open('127.0.0.1', port, assert.fail);
    stream.begin(RUN);
    const batch = 10; // no more than a socket holds
    for (let intervals = 1; intervals <= 120; intervals++) {
      stream.interval(KNOWN);
      if (intervals % batch === 0) await eventually(() => datagrams.length >= intervals);
    }
    await stream.close();
    assert.equal(stream.dropped, 0);
  });

  it('counts what this machine does not send, and says why', async () => {
    const faults: string[] = [];
    // Sending to a broadcast address is refused unless the socket asks for it.
    const stream = await StatsdStream.open('255.255.255.255', 8125, (cause) => faults.push(cause));
    stream.begin(RUN);
    for (let n = 0; n < 500; n++) stream.interval(KNOWN);
    await stream.close();
    assert.equal(stream.dropped, 500, 'those that were refused, and those that found too many waiting');
    assert.ok(faults.length > 0 && faults.every((cause) => /EACCES|ENETUNREACH/.test(cause)), faults[0]);
  });

  it('does not need anybody to listen', async (test) => {
    const { port } = await server(test);
    const stream = await StatsdStream.open('127.0.0.1', port === 65_535 ? 1 : port + 1, assert.fail);
    stream.begin(RUN);
    stream.interval(KNOWN);
    await stream.close();
    await assert.rejects(StatsdStream.open('no.such.host.invalid', 8125, assert.fail), { code: 'HOST_UNKNOWN' });
  });
});
