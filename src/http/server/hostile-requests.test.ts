/** Requests that are odd, cut, or too many, on real sockets, to a small switch in the same thread. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { GatewayCounter, type GatewayCounterName } from '../../switch/gateway-counters.ts';
import { PROBLEM_TYPE } from '../api/problems.ts';
import { type Exchange, RawClient, rawRequest } from './http-exchange.test-suite.ts';
import { SmallHttp } from './small-http.test-suite.ts';

const TOKEN = 'secret';
const JSON_HEADERS = [`Authorization: Bearer ${TOKEN}`, 'Content-Type: application/json'];

const codeOf = (one: Exchange | undefined): unknown => {
  if (one === undefined) return 'nothing';
  return one.type === PROBLEM_TYPE ? JSON.parse(one.body).code : one.status;
};

/** A server, and clients that are ended with it. */
class Served {
  readonly http: SmallHttp;
  port = 0;
  readonly #clients: RawClient[] = [];

  constructor(settings: ConstructorParameters<typeof SmallHttp>[0] = {}) {
    this.http = new SmallHttp({ shards: 2, messagesPerAccount: 1000, mailboxBlocks: 4096, ...settings }, TOKEN);
  }

  async start(): Promise<void> {
    this.port = await this.http.server.listen('127.0.0.1', 0);
  }

  count(name: GatewayCounterName): number {
    return this.http.small.gatewayCounters[GatewayCounter[name]] ?? 0;
  }

  client(): RawClient {
    const client = new RawClient(this.port);
    this.#clients.push(client);
    return client;
  }

  /** Codes or statuses of so many answers to some bytes. */
  async codes(bytes: string, count = 1): Promise<unknown[]> {
    const client = this.client().say(bytes);
    const answers = await client.heard(count);
    client.end();
    return answers.map(codeOf);
  }

  /** A message to a phone, as a request. */
  message(headers: readonly string[] = JSON_HEADERS, more: object = {}): string {
    const body = JSON.stringify({ to: this.http.number(0), body: 'x', ...more });
    return rawRequest('POST /v1/messages', headers, body);
  }

  /** Until a condition holds; the test's own time limit is the only one. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await turn();
  }

  /** Ends the clients, and waits until the server has noticed. */
  async rest(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.end();
    await this.until(() => this.count('connections') === 0 && this.count('openRequests') === 0);
  }

  async stop(): Promise<void> {
    await this.rest();
    await this.http.server.close();
  }
}

describe('a request that is odd', () => {
  const served = new Served();
  before(() => served.start());
  afterEach(() => served.rest());
  after(() => served.stop());

  it('is taken if HTTP allows it', async () => {
    const get = 'GET /healthz';
    assert.deepEqual(await served.codes(rawRequest(`${get}?a=1`, [])), [200], 'a query says nothing');
    assert.deepEqual(await served.codes(`\r\n${rawRequest(get, [])}`), [200], 'an empty line before it');
    assert.deepEqual(await served.codes(`${get} HTTP/1.0\r\n\r\n`), [200], 'version 1.0, without Host');
    const head = JSON_HEADERS.map((line) => line.toUpperCase().replace('BEARER SECRET', 'BEARER secret'));
    assert.deepEqual(await served.codes(served.message(head)), [201], 'names of headers in capitals');
    const charset = [JSON_HEADERS[0] ?? '', 'Content-Type: application/json; charset=utf-8'];
    assert.deepEqual(await served.codes(served.message(charset)), [201]);
    const text = JSON.stringify({ to: served.http.number(0), body: 'x' });
    const chunks = [...text].map((character) => `1\r\n${character}\r\n`).join('');
    const chunked = `${rawRequest('POST /v1/messages', [...JSON_HEADERS, 'Transfer-Encoding: chunked'])}${chunks}0\r\n\r\n`;
    assert.deepEqual(await served.codes(chunked), [201], 'a body in chunks of one byte');
  });

  it('is refused with a code if it is no HTTP, and ends its connection', async () => {
    const both = [...JSON_HEADERS, 'Content-Length: 5', 'Transfer-Encoding: chunked'];
    const broken: readonly (readonly [name: string, bytes: string])[] = [
      ['a space before the colon', 'GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n'],
      [
        'a body of two lengths',
        rawRequest('POST /v1/messages', [...JSON_HEADERS, 'Content-Length: 4', 'Content-Length: 5']),
      ],
      ['a length and chunks', `${rawRequest('POST /v1/messages', both)}0\r\n\r\n`],
      ['a negative length', rawRequest('POST /v1/messages', [...JSON_HEADERS, 'Content-Length: -1'])],
      [
        'a chunk of no size',
        `${rawRequest('POST /v1/messages', [...JSON_HEADERS, 'Transfer-Encoding: chunked'])}zz\r\n`,
      ],
      ['a zero byte', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
      ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ];
    for (const [name, bytes] of broken) {
      const client = served.client().say(bytes);
      await client.closed;
      const answers = client.answers();
      assert.equal(codeOf(answers.at(-1)), 'MALFORMED_REQUEST', name);
      assert.ok(
        answers.every(({ status }) => status >= 400),
        `${name}: nothing is taken`,
      );
    }
  });

  it('is refused if its path or method is none of those described', async () => {
    for (const path of [
      '/',
      '//healthz',
      '/healthz/',
      '/HEALTHZ',
      '/%68ealthz',
      '/v1',
      '/v1/messages/1',
      '*',
      'http://a/',
    ]) {
      assert.deepEqual(await served.codes(rawRequest(`GET ${path}`, [])), ['NOT_FOUND'], path);
    }
    for (const line of [
      'PUT /v1/messages',
      'GET /v1/messages',
      'POST /healthz',
      'OPTIONS /healthz',
      'TRACE /metrics',
    ]) {
      assert.deepEqual(await served.codes(rawRequest(line, JSON_HEADERS)), ['METHOD_NOT_ALLOWED'], line);
    }
    assert.deepEqual(await served.codes(rawRequest('CONNECT a:1', [])), ['MALFORMED_REQUEST']);
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    assert.deepEqual(await served.codes(rawRequest('GET /healthz', upgrade)), ['MALFORMED_REQUEST']);
  });

  it('that is refused for its token says how to send one, and its body is not taken for the next request', async () => {
    const wrong = served.message([JSON_HEADERS[1] ?? '']);
    const client = served.client().say(wrong + served.message());
    await client.closed;
    assert.deepEqual(client.answers().map(codeOf), ['TOKEN_WRONG']);
    const smuggled = rawRequest('GET /nothing', [], served.message());
    assert.deepEqual(await served.codes(smuggled + rawRequest('GET /healthz', []), 2), ['NOT_FOUND', 200]);
  });

  it('does not disturb the ones before and after it on other connections', async () => {
    const good = served.client().say(served.message());
    assert.equal((await good.heard())[0]?.status, 201);
    await served.codes('nonsense\r\n\r\n');
    good.say(served.message());
    assert.equal((await good.heard(2))[1]?.status, 201, 'the same connection goes on');
  });
});

describe('a body', () => {
  const served = new Served({ limits: { body: 100 } });
  before(() => served.start());
  afterEach(() => served.rest());
  after(() => served.stop());

  const fill = (bytes: number): string => {
    const start = `{"to":"${served.http.number(0)}","body":"`;
    return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
  };
  const request = (body: string): string => rawRequest('POST /v1/messages', JSON_HEADERS, body);

  it('may be as large as the limit, and not a byte larger, whether its length is declared or not', async () => {
    assert.deepEqual(await served.codes(request(fill(100))), [201]);
    assert.deepEqual(await served.codes(request(fill(101))), ['BODY_TOO_LARGE']);
    const head = rawRequest('POST /v1/messages', [...JSON_HEADERS, 'Transfer-Encoding: chunked']);
    const chunked = (body: string): string => `${head}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    assert.deepEqual(await served.codes(chunked(fill(100))), [201]);
    assert.deepEqual(await served.codes(chunked(fill(101))), ['BODY_TOO_LARGE']);
  });

  it('may come cut anywhere', async () => {
    const whole = request(fill(100));
    const client = served.client();
    for (let at = 0; at < whole.length; at++) {
      client.say(whole[at] ?? '');
      if (at % 10 === 0) await turn();
    }
    assert.equal((await client.heard())[0]?.status, 201);
  });

  it('that is refused while it is still coming is answered, and the client can read that', async () => {
    const head = rawRequest('POST /v1/messages', [JSON_HEADERS[1] ?? '', 'Content-Length: 500000']);
    const client = served.client().say(head);
    for (let n = 0; n < 5; n++) {
      client.say('x'.repeat(100_000));
      for (let turns = 0; turns < 20; turns++) await turn();
    }
    await client.closed;
    assert.deepEqual(client.answers().map(codeOf), ['TOKEN_WRONG']);
    assert.equal(client.isBroken, false, 'it is closed, and not reset');
  });

  it('that never ends is answered, and its connection is cut after a while', async () => {
    const head = rawRequest('POST /v1/messages', [...JSON_HEADERS, 'Transfer-Encoding: chunked']);
    const client = served.client().say(head);
    const chunk = `10000\r\n${'x'.repeat(2 ** 16)}\r\n`;
    for (let n = 0; n < 40 && !client.socket.destroyed; n++) {
      client.say(chunk);
      await turn();
    }
    await client.closed;
    assert.equal(codeOf(client.answers()[0]), 'BODY_TOO_LARGE');
  });

  it('whose client goes away in the middle leaves no open request', async () => {
    const whole = request(fill(100));
    const before = served.count('requests');
    for (const share of [0.5, 0.8, 0.95]) served.client().say(whole.slice(0, Math.floor(whole.length * share)));
    await served.until(() => served.count('connections') === 3);
    await served.rest();
    assert.ok(served.count('requests') - before <= 3);
    assert.deepEqual(await served.codes(request(fill(100))), [201]);
  });
});

describe('more than the limits', () => {
  it('of open requests are refused while the others wait, and taken when those are answered', async () => {
    const served = new Served({ limits: { openRequests: 2 } });
    await served.start();
    served.http.isAwake = false;
    const waiting = [served.client().say(served.message()), served.client().say(served.message())];
    await served.until(() => served.count('openRequests') === 2);
    assert.deepEqual(await served.codes(served.message()), ['TOO_MANY_OPEN_REQUESTS']);
    assert.deepEqual(await served.codes(rawRequest('GET /healthz', [])), ['TOO_MANY_OPEN_REQUESTS'], 'of any kind');
    served.http.isAwake = true;
    served.http.small.settle();
    for (const client of waiting) assert.equal((await client.heard())[0]?.status, 201);
    await served.until(() => served.count('openRequests') === 0);
    assert.deepEqual(await served.codes(served.message()), [201]);
    await served.stop();
  });

  it('of requests per second are told when to come again, by a clock that the test moves', async () => {
    const served = new Served({ limits: { rate: 0.5, burst: 2 } });
    await served.start();
    const client = served.client().say(served.message().repeat(3));
    const answers = await client.heard(3);
    assert.deepEqual(answers.map(codeOf), [201, 201, 'RATE_EXCEEDED']);
    assert.deepEqual(await served.codes(rawRequest('GET /healthz', [])), [200], 'what needs no token costs none');
    assert.deepEqual(await served.codes(served.message([JSON_HEADERS[1] ?? ''])), ['TOKEN_WRONG'], 'nor a wrong token');
    served.http.small.nowMicros += 1.9e6;
    assert.deepEqual(await served.codes(served.message()), ['RATE_EXCEEDED']);
    served.http.small.nowMicros += 0.1e6;
    assert.deepEqual(await served.codes(served.message()), [201], 'one in two seconds');
    await served.stop();
  });

  it('of connections are refused with an answer, and taken when others have left', async () => {
    const served = new Served({ limits: { connections: 2 } });
    await served.start();
    const first = served.client();
    served.client();
    await served.until(() => served.count('connections') === 2);
    assert.deepEqual(await served.codes(rawRequest('GET /healthz', [])), ['TOO_MANY_CONNECTIONS']);
    assert.equal(served.count('connectionsRefused'), 1);
    first.end();
    await served.until(() => served.count('connections') === 1);
    assert.deepEqual(await served.codes(rawRequest('GET /healthz', [])), [200]);
    await served.stop();
  });

  it('of time: whoever does not send a whole request is told so, and cut off', async () => {
    const served = new Served({ limits: { requestTimeout: 200_000 } });
    await served.start();
    const whole = served.message();
    const slow = [3, whole.indexOf('\r\n\r\n') - 5, whole.length - 3].map((at) =>
      served.client().say(whole.slice(0, at)),
    );
    for (const client of slow) {
      await client.closed;
      assert.equal(codeOf(client.answers()[0]), 'REQUEST_TIMEOUT');
    }
    await served.rest();
    const metrics = await served.client().say(rawRequest('GET /metrics', [])).heard();
    assert.match(metrics[0]?.body ?? '', /request_seconds_count\{operation="sendMessage",status="none"\} 1\n/);
    assert.doesNotMatch(metrics[0]?.body ?? '', /status="200"/, 'what was not answered did not succeed');
    await served.stop();
  });
});

describe('a switch that stops', () => {
  it('refuses what needs it, says that it is not ready, and still tells its figures', async () => {
    const served = new Served();
    await served.start();
    served.http.isAwake = false;
    const waiting = served.client().say(served.message());
    await served.until(() => served.count('openRequests') === 1);
    served.http.server.beginStopping();
    assert.deepEqual(await served.codes(served.message()), ['SWITCH_STOPPING']);
    assert.deepEqual(await served.codes(rawRequest('GET /readyz', [])), ['SWITCH_STOPPING']);
    assert.deepEqual(await served.codes(rawRequest('GET /healthz', [])), [200]);
    assert.deepEqual(await served.codes(rawRequest('GET /metrics', [])), [200]);
    served.http.small.settle();
    assert.equal((await waiting.heard())[0]?.status, 201, 'what was asked before is answered');
    await served.stop();
  });

  it('wakes its thread for each request and each body, and counts every answer by its status', async () => {
    const served = new Served();
    await served.start();
    const before = served.http.wakes;
    await served.codes(served.message());
    assert.ok(served.http.wakes >= before + 2, 'once for the header, once for the body');
    await served.codes(rawRequest('GET /nothing', []));
    served.http.server.beginStopping();
    await served.codes(served.message());
    await served.rest();
    assert.deepEqual([served.count('answers2xx'), served.count('answers4xx'), served.count('answers5xx')], [1, 1, 1]);
    assert.equal(served.count('requests'), 3);
    await served.stop();
  });
});
