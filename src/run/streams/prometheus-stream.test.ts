import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { madeInterval } from '../../verdict/record/made-interval.test-suite.ts';
import { AWKWARD, EVENTS, KNOWN, RUN } from './made-stream.test-suite.ts';
import { CONNECTIONS_MAX, PrometheusStream } from './prometheus-stream.ts';

async function opened(test: TestContext): Promise<PrometheusStream> {
  const stream = await PrometheusStream.open('127.0.0.1', 0, 'x', assert.fail);
  test.after(() => stream.close());
  return stream;
}

async function scrape(stream: PrometheusStream): Promise<Map<string, number>> {
  const response = await fetch(stream.url);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  return samplesOf(await response.text());
}

/** Samples by name and labels, as Prometheus' text format is specified. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([a-z_]+(?:\{(?:[a-z]+="(?:[^"\\]|\\["\\n])*",?)*\})?) (-?[\d.e+-]+)$/.exec(line);
    assert.ok(match !== null, `a line that is no sample: ${line}`);
    samples.set(match[1] ?? '', Number(match[2]));
  }
  return samples;
}

/** A connection on which a test says what it likes. */
async function connection(test: TestContext, { url }: PrometheusStream): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {}); // the server may end it
  test.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

describe('a stream that Prometheus reads', () => {
  it('has the last interval, in seconds and bytes, and counts what adds up', async (test) => {
    const stream = await opened(test);
    stream.begin(RUN);
    stream.interval(madeInterval({ held: 5, threads: KNOWN.threads }), []);
    stream.interval(KNOWN, EVENTS);
    const samples = await scrape(stream);
    const expected = {
      trunkline_connections: 1000,
      'trunkline_delivery_latency_seconds{quantile="0.99"}': 0.025,
      'trunkline_resident_bytes{part="switch"}': 1e8,
      'trunkline_thread_busy_ratio{thread="shard-1",role="shard"}': 0.75,
      'trunkline_thread_collections_total{thread="shard-0",role="shard"}': 4,
      'trunkline_thread_pause_seconds_total{thread="shard-0",role="shard"}': 0.003,
      'trunkline_events_total{event="failed"}': 1,
      trunkline_intervals_total: 2,
      'trunkline_phase{phase="measure"}': 1,
      [`trunkline_run_info{run="${RUN.id}",scenario="smoke",transport="tcp",simulated="false",side="",number="",of=""}`]: 1,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name);
  });

  it('has no sample for what is not known, any more or yet', async (test) => {
    const stream = await opened(test);
    const named = (samples: Map<string, number>): string[] => [
      ...new Set([...samples.keys()].map((key) => key.split('{')[0] ?? '')),
    ];
    assert.deepEqual(named(await scrape(stream)), ['trunkline_intervals_total'], 'before the first interval');
    stream.begin(RUN);
    stream.interval(KNOWN, []);
    assert.ok(named(await scrape(stream)).includes('trunkline_kernel_socket_bytes'));
    stream.begin({ ...RUN, id: 'second' });
    stream.interval(madeInterval({ phase: 'drain' }), []);
    const samples = await scrape(stream);
    for (const name of ['kernel_socket_bytes', 'steal_ratio', 'delivery_latency_seconds', 'thread_busy_ratio'])
      assert.ok(!named(samples).includes(`trunkline_${name}`), name);
    assert.ok(!samples.has('trunkline_phase{phase="measure"}') && samples.has('trunkline_phase{phase="drain"}'));
    assert.equal([...samples.keys()].filter((key) => key.startsWith('trunkline_run_info')).length, 1);
  });

  it('escapes names, whatever they contain', async (test) => {
    const stream = await opened(test);
    await fc.assert(
      fc.asyncProperty(AWKWARD, async (scenario) => {
        stream.begin({ ...RUN, scenario });
        const found = [...(await scrape(stream)).keys()].find((key) => key.startsWith('trunkline_run_info'));
        const escaped = /scenario="((?:[^"\\]|\\["\\n])*)"/.exec(found ?? '')?.[1] ?? '';
        const read = escaped.replaceAll(/\\(["\\n])/g, (_, one) => (one === 'n' ? '\n' : one));
        assert.equal(read, scenario);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a port that is in use, by the name of the stream', async (test) => {
    const port = Number(new URL((await opened(test)).url).port);
    await assert.rejects(PrometheusStream.open('127.0.0.1', port, `--stream prometheus=${port}`, assert.fail), {
      code: 'STREAM_FAILED',
      message: new RegExp(`^--stream prometheus=${port}: expected a port that can be listened on: .*EADDRINUSE`),
    });
  });

  it('answers only to reading its metrics', async (test) => {
    const { url } = await opened(test);
    const root = new URL('/', url);
    assert.equal((await fetch(root)).status, 404);
    assert.equal((await fetch(`${url}?x=1`)).status, 200);
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 200);
    const posted = await fetch(url, { method: 'POST', body: 'x'.repeat(2 ** 16) });
    assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
  });

  it('is unharmed by readers that say nothing, ask and never read, or are too many', async (test) => {
    const stream = await opened(test);
    stream.begin(RUN);
    stream.interval(KNOWN, []);
    const greedy = await connection(test, stream);
    greedy.pause();
    greedy.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2000));
    for (let n = 1; n < CONNECTIONS_MAX; n++) await connection(test, stream);
    const tooMany = await connection(test, stream);
    await once(tooMany.resume(), 'close');
    stream.interval({ ...KNOWN, held: 7 }, []);
    await once(greedy.resume(), 'close'); // within seconds, because it is too slow or has read everything
    assert.equal((await scrape(stream)).get('trunkline_connections'), 7);
  });

  it('ends with its connections still open', async (test) => {
    const stream = await PrometheusStream.open('127.0.0.1', 0, 'x', assert.fail);
    const socket = await connection(test, stream);
    await stream.close();
    if (!socket.closed) await once(socket.resume(), 'close');
  });
});
