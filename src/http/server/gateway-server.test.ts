/**
 * A real switch with an HTTP side, in threads of this process. Every answer is checked against the served description.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { smallPlan } from '../../run/sides/small-run.test-suite.ts';
import { SwitchService } from '../../run/sides/switch-service.ts';
import { bearerToken } from './bearer-token.ts';
import { type Exchange, RawClient, rawRequest } from './http-exchange.test-suite.ts';

const TOKEN = bearerToken('trunkline'); // the secret of a scenario without one
const AUTHORIZED = [`Authorization: Bearer ${TOKEN}`, 'Content-Type: application/json'];
const FIRST = 447_700_000_000;
/** 300 phones, then the businesses. */
const BUSINESS = FIRST + 300;
const BUSINESSES = 64;
const GROUP = String(BUSINESS + BUSINESSES + 1);

/** An answer whose body is as the description says. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & { readonly code?: string };
}

interface Description {
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>
  >;
  readonly components: object;
}

class Served {
  readonly service: SwitchService;
  port = 0;
  #description: Description | null = null;

  constructor(...settings: string[]) {
    this.service = new SwitchService(smallPlan('transport=node-tcp', 'http.port=0', ...settings));
  }

  async start(): Promise<void> {
    await this.service.start();
    this.port = this.service.http?.port ?? 0;
    const { body } = await this.ask(rawRequest('GET /openapi.json', []));
    this.#description = JSON.parse(body);
  }

  /** Sends bytes and returns the first answer. */
  async ask(request: string): Promise<Exchange> {
    const client = new RawClient(this.port).say(request);
    const [answer] = await client.heard();
    client.end();
    assert.ok(answer !== undefined, 'the connection ended without an answer');
    return answer;
  }

  /** Sends a message, and checks that the answer is one of those described. */
  async send(message: unknown, headers: readonly string[] = AUTHORIZED): Promise<Answer> {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    return this.described('/v1/messages', await this.ask(rawRequest('POST /v1/messages', headers, text)), 'post');
  }

  async get(path: string, template = path, headers = AUTHORIZED): Promise<Answer> {
    return this.described(template, await this.ask(rawRequest(`GET ${path}`, headers)), 'get');
  }

  described(path: string, { status, type, body }: Exchange, method: string): Answer {
    const content = this.#description?.paths[path]?.[method]?.responses[status]?.content;
    const [media = ''] = type.split(';');
    assert.ok(content?.[media] !== undefined, `${method} ${path} is not described with ${status} ${type}: ${body}`);
    const value: Answer['body'] = media.includes('json') ? JSON.parse(body) : body;
    const { components } = this.#description ?? {};
    const isValid = new Ajv2020({ strict: false, validateFormats: false }).compile({
      ...content[media].schema,
      components,
    });
    assert.ok(isValid(value), `${JSON.stringify(isValid.errors)}: ${body}`);
    return { status, body: value };
  }
}

const to = String(FIRST + 5);

describe('the HTTP side of a switch', () => {
  const served = new Served(
    'switch.mailbox.messagesPerAccount=3',
    'http.limits.body=4KiB',
    'http.limits.headers=2KiB',
    'groups.count=2',
    'groups.size=10',
    'groups.share=10%',
  );
  before(() => served.start());
  after(() => served.service.stop());

  const problem = async (code: string, status: number, answer: Promise<Answer>) => {
    const found = await answer;
    assert.deepEqual([found.body.code, found.status, found.body['status']], [code, status, status]);
  };

  it('takes a message for a phone that is away, and says what waits', async () => {
    const { status, body } = await served.send({ to, body: 'hello' });
    assert.deepEqual([status, body], [201, { id: 1, from: String(BUSINESS), to }]);
    const next = await served.send({ to, payload: 'AAECAw==', from: String(BUSINESS + 7) });
    assert.deepEqual(next.body, { id: 1, from: String(BUSINESS + 7), to });
    const session = await served.get(`/v1/sessions/${to}`, '/v1/sessions/{number}');
    assert.deepEqual(
      ['isOnline', 'shard', 'since', 'lastSeen', 'waiting'].map((key) => session.body[key]),
      [false, null, null, null, 2],
    );
  });

  it('is ready, lives, and counts', async () => {
    assert.deepEqual([(await served.get('/healthz')).status, (await served.get('/readyz')).status], [200, 200]);
    const body = String((await served.get('/metrics')).body);
    assert.match(body, /^trunkline_switch_messages_accepted_total [1-9]/m);
    assert.match(body, /^trunkline_http_requests_total [1-9]/m);
    assert.match(body, /^# TYPE trunkline_http_open_requests gauge$/m);
    assert.match(body, /trunkline_http_request_seconds_bucket\{le="0\.05",operation="sendMessage",status="201"\}/);
  });

  it('refuses a wrong token, whatever it looks like, and needs none for health and metrics', async () => {
    const json = 'Content-Type: application/json';
    for (const authorization of [
      [],
      ['Authorization: Bearer '],
      ['Authorization: Basic x'],
      [`Authorization: Bearer ${TOKEN}x`],
    ]) {
      await problem('TOKEN_WRONG', 401, served.send({ to, body: 'x' }, [json, ...authorization]));
    }
    await problem('TOKEN_WRONG', 401, served.get(`/v1/sessions/${to}`, '/v1/sessions/{number}', []));
    assert.equal((await served.get('/healthz', '/healthz', [])).status, 200);
  });

  it('says what is wrong with a request', async () => {
    await problem('MALFORMED_JSON', 400, served.send('{"to":'));
    await problem('INVALID_BODY', 400, served.send({ to: 'nobody', body: 'x' }));
    await problem('INVALID_BODY', 400, served.send({ to, body: 'x', payload: 'AA==' }));
    await problem('INVALID_BODY', 400, served.send({ to, body: 'x', more: 1 }));
    await problem('INVALID_BODY', 400, served.send('[]'));
    await problem('NUMBER_UNKNOWN', 404, served.send({ to: '4912345', body: 'x' }));
    await problem('NUMBER_UNKNOWN', 404, served.send({ to, from: to, body: 'x' }));
    await problem('NUMBER_UNKNOWN', 404, served.get('/v1/sessions/%00', '/v1/sessions/{number}'));
    await problem('NOT_JSON', 415, served.send({ to, body: 'x' }, AUTHORIZED.slice(0, 1)));
    await problem('BODY_TOO_LARGE', 413, served.send({ to, body: 'x'.repeat(4100) }));
    assert.match((await served.ask(rawRequest('DELETE /v1/messages', AUTHORIZED))).body, /METHOD_NOT_ALLOWED/);
    assert.match((await served.ask(rawRequest('GET /../../etc/passwd', []))).body, /NOT_FOUND/);
    const long = await served.ask(rawRequest('GET /healthz', [`X-Long: ${'x'.repeat(3000)}`]));
    assert.equal(served.described('/healthz', long, 'get').body.code, 'HEADERS_TOO_LARGE');
    const odd = await served.ask('\x16\x03\x01 not HTTP\r\n\r\n');
    assert.equal(served.described('/healthz', odd, 'get').body.code, 'MALFORMED_REQUEST');
  });

  it('cuts off a body that is declared longer than it may be, before it comes', async () => {
    const client = new RawClient(served.port).say(
      rawRequest('POST /v1/messages', [...AUTHORIZED, 'Content-Length: 999999']),
    );
    const [answer] = await client.heard();
    assert.equal(answer?.status, 413);
    client.end();
  });

  it('says that a mailbox is full', async () => {
    const full = String(FIRST + 9);
    for (let n = 0; n < 3; n++) assert.equal((await served.send({ to: full, body: 'x' })).status, 201);
    await problem('MAILBOX_FULL', 429, served.send({ to: full, body: 'x' }));
  });

  it('says that a group takes no messages of a business, and none that are too long for it', async () => {
    await problem('NOT_A_MEMBER', 403, served.send({ to: GROUP, body: 'x' }));
    await problem('TEXT_TOO_LONG', 413, served.send({ to: GROUP, body: 'x'.repeat(2006) }));
  });

  it('answers requests that come at once on one connection in their order', async () => {
    const one = (n: number) =>
      rawRequest('POST /v1/messages', AUTHORIZED, JSON.stringify({ to: String(FIRST + n), body: 'x' }));
    const client = new RawClient(served.port).say([20, 21, 22].map(one).join(''));
    const answers = await client.heard(3);
    assert.deepEqual(
      answers.map(({ body }) => JSON.parse(body).to),
      [20, 21, 22].map((n) => String(FIRST + n)),
    );
    client.end();
  });

  it('cannot listen on a port that is in use', async () => {
    const second = new SwitchService(smallPlan('transport=node-tcp', `http.port=${served.port}`));
    await assert.rejects(second.start(), { code: 'LISTEN_FAILED', message: /HTTP on 127\.0\.0\.1 port/ });
  });
});

describe('the limits of the HTTP side', () => {
  const served = new Served(
    'http.limits.openRequests=24',
    'http.limits.connections=40',
    'http.limits.rate=1/s',
    'http.limits.burst=26',
    'http.limits.requestTimeout=1s',
    'http.accounts=1',
  );
  const open: RawClient[] = [];
  const client = (): RawClient => {
    const one = new RawClient(served.port);
    open.push(one);
    return one;
  };
  const code = (answer: Exchange | undefined): unknown => JSON.parse(answer?.body ?? '{}').code;
  before(() => served.start());
  after(async () => {
    for (const one of open) one.end();
    await served.service.stop();
  });

  it('answers at once when too many requests are open, ends slow ones, and goes on', async () => {
    const half = rawRequest('POST /v1/messages', [...AUTHORIZED, 'Content-Length: 50']);
    const slow = Array.from({ length: 24 }, () => client().say(`${half}{"to"`));
    const slowHeader = client().say('POST /v1/messages HTTP/1.1\r\nHost: ');
    const [refused] = await eventually503();
    assert.equal(code(refused), 'TOO_MANY_OPEN_REQUESTS');
    for (const one of slow) assert.equal(code((await one.heard())[0]), 'REQUEST_TIMEOUT');
    assert.equal(code((await slowHeader.heard())[0]), 'REQUEST_TIMEOUT');
    while ((await served.get('/healthz')).status !== 200); // until their connections have closed
  });

  /** They are open when the server has read their headers, which is soon. */
  async function eventually503(): Promise<Exchange[]> {
    for (;;) {
      const answers = await client()
        .say(rawRequest('GET /healthz', ['Connection: close']))
        .heard();
      if (answers[0]?.status === 503) return answers;
    }
  }

  it('admits a burst and then the rate', async () => {
    const one = rawRequest('POST /v1/messages', AUTHORIZED, JSON.stringify({ to, body: 'x' }));
    const answers = await client().say(one.repeat(22)).heard(22);
    const codes = answers.map(code);
    assert.ok(codes.includes('RATE_EXCEEDED'), String(codes));
  });

  it('refuses connections beyond its maximum with an answer', async () => {
    const last = async (): Promise<Exchange | undefined> => {
      for (let n = 0; n < 100; n++) {
        const [answer] = await client().say(rawRequest('GET /healthz', [])).heard();
        if (answer?.status !== 200) return answer; // the others stay open
      }
      return undefined;
    };
    assert.equal(code(await last()), 'TOO_MANY_CONNECTIONS');
  });
});
