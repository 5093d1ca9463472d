/** What each operation answers, on a small switch whose shards work when a test says so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENVELOPE_BYTES, TEXT_BYTES_MAX } from '../../wire/business-payload.ts';
import { FrameType, payloadStart } from '../../wire/frames.ts';
import type { SessionAnswer } from '../api/http-schemas.ts';
import { ANSWER_MICROS, BUSINESSES, PHONES, Replies, SmallHttp } from './small-http.test-suite.ts';

const [AWAY, HERE] = [0, 1];
/** A time of day that does not pass. */
const NOW_MILLIS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** The texts that a client has been sent. */
function textsOf({ small }: SmallHttp, client: number): string[] {
  return small.frames(client, FrameType.DELIVER).map(({ body }) => {
    return Buffer.from(body.buffer, payloadStart(0) + ENVELOPE_BYTES).toString('utf8');
  });
}

describe('a request to send', () => {
  it('is answered when the home has accepted the message, and not before', () => {
    const http = new SmallHttp({ shards: 2 });
    const replies = http.send({ to: http.number(AWAY), body: 'hello' });
    assert.deepEqual(replies.all, []);
    http.small.settle();
    assert.deepEqual(replies.all, [{ answer: { id: 1, from: http.number(PHONES), to: http.number(AWAY) } }]);
    assert.equal(http.answers.size, 0);
  });

  it('reaches the phone byte for byte, as a text or in Base64', () => {
    const http = new SmallHttp({ shards: 2, deliveryWindow: 8 });
    http.small.online(HERE, HERE);
    const texts = ['hello', 'zwölf Boxkämpfer', '🎈'.repeat(20), ' ', '\u0000\n"'];
    for (const text of texts) http.send({ to: http.number(HERE), body: text, from: http.number(PHONES + 1) });
    const payload = Buffer.from('{"a":1}').toString('base64');
    http.send({ to: http.number(HERE), payload, from: http.number(PHONES + 1) });
    http.small.settle();
    assert.deepEqual(textsOf(http, HERE), [...texts, '{"a":1}']);
  });

  it('takes each business in turn, or the one that is named', () => {
    const http = new SmallHttp();
    const from = (request: object): unknown => {
      const replies = http.send({ to: http.number(AWAY), body: 'x', ...request });
      http.small.settle();
      const [one] = replies.all;
      return one !== undefined && 'answer' in one ? Reflect.get(one.answer, 'from') : one?.code;
    };
    const [first, second] = [http.number(PHONES), http.number(PHONES + 1)];
    assert.deepEqual([from({}), from({}), from({})], [first, second, first]);
    assert.deepEqual([from({ from: second }), from({ from: second })], [second, second]);
    for (const other of [PHONES - 1, PHONES + BUSINESSES])
      assert.equal(from({ from: http.number(other) }), 'NUMBER_UNKNOWN');
  });

  it('is refused for what is wrong with it, before anything is asked of the switch', () => {
    const http = new SmallHttp();
    const to = http.number(AWAY);
    const cases: readonly (readonly [request: unknown, code: string])[] = [
      ['', 'MALFORMED_JSON'],
      ['{', 'MALFORMED_JSON'],
      ['null', 'INVALID_BODY'],
      ['"text"', 'INVALID_BODY'],
      [{ to }, 'INVALID_BODY'],
      [{ to, body: '' }, 'INVALID_BODY'],
      [{ to, body: 7 }, 'INVALID_BODY'],
      [{ to, payload: 'not Base64!' }, 'INVALID_BODY'],
      [{ to, payload: '' }, 'INVALID_BODY'],
      [{ to: Number(to), body: 'x' }, 'INVALID_BODY'],
      [{ to: `+${to}`, body: 'x' }, 'INVALID_BODY'],
      [{ to: `0${to}`, body: 'x' }, 'INVALID_BODY'],
      [{ to: `${to} `, body: 'x' }, 'INVALID_BODY'],
      [{ to: '1234567890123456', body: 'x' }, 'INVALID_BODY'],
      [{ to, body: 'x', dueMicros: -1 }, 'INVALID_BODY'],
      [{ to, body: 'x', dueMicros: 1.5 }, 'INVALID_BODY'],
      [{ to, body: 'x', __proto__: null, constructor: 1 }, 'INVALID_BODY'],
      [{ to: '999999999999999', body: 'x' }, 'NUMBER_UNKNOWN'],
      [{ to: '1', body: 'x' }, 'NUMBER_UNKNOWN'],
      [{ to, body: 'x'.repeat(TEXT_BYTES_MAX + 1) }, 'TEXT_TOO_LONG'],
      [{ to, body: 'ä'.repeat(TEXT_BYTES_MAX / 2 + 1) }, 'TEXT_TOO_LONG'],
      [{ to, payload: Buffer.alloc(TEXT_BYTES_MAX + 1).toString('base64') }, 'TEXT_TOO_LONG'],
    ];
    for (const [request, code] of cases) {
      assert.deepEqual(http.send(request).codes, [code], JSON.stringify(request).slice(0, 80));
    }
    assert.equal(http.answers.size, 0);
    assert.equal(http.small.gatewayCounters[0], 0, 'nothing was sent');
    const longest = http.send({ to, body: 'x'.repeat(TEXT_BYTES_MAX) });
    http.small.settle();
    assert.deepEqual(longest.codes, ['ok'], 'a text of the largest size fits');
  });

  it('is refused while the business has 16 unanswered ones, and any business only if all have', () => {
    const http = new SmallHttp();
    const to = http.number(AWAY);
    const open = Array.from({ length: 16 }, () => http.send({ to, body: 'x', from: http.number(PHONES) }));
    assert.deepEqual(http.send({ to, body: 'x', from: http.number(PHONES) }).codes, ['TOO_MANY_UNANSWERED']);
    const others = Array.from({ length: 16 }, () => http.send({ to, body: 'x' }));
    assert.ok([...open, ...others].every(({ codes }) => codes.length === 0));
    assert.deepEqual(http.send({ to, body: 'x' }).codes, ['TOO_MANY_UNANSWERED']);
    http.small.settle();
    assert.ok([...open, ...others].every(({ codes }) => codes.length === 1));
    const next = http.send({ to, body: 'x' });
    http.small.settle();
    assert.equal(next.codes.length, 1);
  });

  it('says which bound the switch has reached', () => {
    const mailbox = new SmallHttp({ messagesPerAccount: 2 });
    const replies = [1, 2, 3].map(() => mailbox.send({ to: mailbox.number(AWAY), body: 'x' }));
    mailbox.small.settle();
    assert.deepEqual(
      replies.flatMap(({ codes }) => codes),
      ['ok', 'ok', 'MAILBOX_FULL'],
    );
    const store = new SmallHttp({ mailboxBlocks: 2 });
    const stored = [1, 2, 3, 4].map(() => store.send({ to: store.number(AWAY), body: 'x' }));
    store.small.settle();
    assert.equal(stored.at(-1)?.codes[0], 'STORE_FULL');
    const inbox = new SmallHttp({ inboxBytes: 2 ** 13 });
    const asked = Array.from({ length: 20 }, () => inbox.send({ to: inbox.number(AWAY), body: 'x'.repeat(1900) }));
    const busy = asked.filter(({ codes }) => codes[0] === 'SWITCH_BUSY');
    assert.ok(busy.length > 0 && busy.length < 20);
    inbox.small.settle();
    assert.ok(
      asked.every(({ codes }) => codes.length === 1),
      'each is answered once',
    );
  });

  it('ends late where no answer comes in time, and an answer after that is not told twice', () => {
    const http = new SmallHttp({ shards: 2 });
    const replies = http.send({ to: http.number(AWAY), body: 'x' });
    http.answers.expire(http.small.nowMicros + ANSWER_MICROS - 1);
    assert.deepEqual(replies.codes, []);
    http.answers.expire(http.small.nowMicros + ANSWER_MICROS);
    assert.deepEqual(replies.codes, ['NO_ANSWER']);
    http.small.settle();
    assert.deepEqual(replies.codes, ['NO_ANSWER'], 'although the message has arrived');
    const next = http.send({ to: http.number(AWAY), body: 'x' });
    http.small.settle();
    assert.deepEqual(next.codes, ['ok']);
  });

  it('has an unknown outcome where the shard that was asked has started again', () => {
    const http = new SmallHttp({ shards: 2 });
    const replies = http.send({ to: http.number(AWAY), body: 'x' });
    http.small.sayStarted(http.small.homes.shardOf(AWAY), 1);
    http.small.workGateway();
    assert.deepEqual(replies.codes, ['OUTCOME_UNKNOWN']);
    assert.equal(http.answers.size, 0);
  });
});

describe('a request for a session', () => {
  const find = (http: SmallHttp, number: string): Replies<SessionAnswer> => {
    const replies = new Replies<SessionAnswer>();
    http.operations.find(number, replies.reply);
    http.small.settle();
    return replies;
  };
  const found = (http: SmallHttp, number: string): SessionAnswer => {
    const [one] = find(http, number).all;
    assert.ok(one !== undefined && 'answer' in one, 'it is found');
    return one.answer;
  };

  it('tells the shard of the phone, what waits, and since when, as exactly as it says', (test) => {
    test.mock.timers.enable({ apis: ['Date'], now: NOW_MILLIS });
    const http = new SmallHttp({ shards: 3, tickMicros: 100_000, heartbeatTimeoutMicros: Number.POSITIVE_INFINITY });
    http.small.pass(10e6, 10);
    http.small.online(HERE, HERE, 2);
    http.small.pass(60e6, 10);
    for (let n = 0; n < 3; n++) http.send({ to: http.number(AWAY), body: 'x' });
    http.small.settle();
    const here = found(http, http.number(HERE));
    assert.deepEqual([here.number, here.isOnline, here.shard, here.waiting], [http.number(HERE), true, 2, 0]);
    assert.equal(here.resolutionMillis, 100);
    const agoMillis = NOW_MILLIS - Date.parse(here.since ?? '');
    assert.ok(agoMillis >= 60_000 && agoMillis <= 60_101, `a minute ago, not ${agoMillis} ms`);
    const away = found(http, http.number(AWAY));
    assert.deepEqual([away.isOnline, away.shard, away.since, away.waiting], [false, null, null, 3]);
  });

  it('knows only numbers of the plan, written in one way', () => {
    const http = new SmallHttp();
    const odd = [
      '',
      '0',
      '01000',
      '+1000',
      '1000.0',
      '1e3',
      ' 1000',
      '1000/',
      '%31000',
      '１０００',
      '999',
      'NaN',
      '-1000',
    ];
    for (const number of odd) assert.deepEqual(find(http, number).codes, ['NUMBER_UNKNOWN'], number);
    assert.deepEqual(find(http, http.number(PHONES + BUSINESSES)).codes, ['NUMBER_UNKNOWN']);
    assert.deepEqual(find(http, http.number(PHONES)).codes, ['ok'], 'a business has a mailbox too');
  });

  it('is refused while as many are open as may be', () => {
    const http = new SmallHttp();
    const replies = new Replies<SessionAnswer>();
    for (let n = 0; n < 5; n++) http.operations.find(http.number(HERE), replies.reply);
    assert.deepEqual(replies.codes, ['SWITCH_BUSY'], 'four may be open here');
    http.small.settle();
    assert.deepEqual(replies.codes, ['SWITCH_BUSY', 'ok', 'ok', 'ok', 'ok']);
  });
});

describe('the readiness of a switch', () => {
  it('is that every shard answers, and is told once', () => {
    for (const shards of [1, 2, 3]) {
      const http = new SmallHttp({ shards });
      const replies = new Replies<'ready'>();
      http.operations.ready(replies.reply);
      assert.deepEqual(replies.codes, [], `${shards} shards are asked`);
      http.small.settle();
      assert.deepEqual(replies.codes, ['ok']);
    }
  });

  it('leaves out shards that are the home of nobody', () => {
    const http = new SmallHttp({ shards: 4, phones: 1 });
    const replies = new Replies<'ready'>();
    http.operations.ready(replies.reply);
    http.small.settle();
    assert.deepEqual(replies.codes, ['ok']);
  });

  it('names a shard that does not answer in time, once, however many there are', () => {
    const http = new SmallHttp({ shards: 3 });
    const replies = new Replies<'ready'>();
    http.operations.ready(replies.reply);
    http.small.work(0);
    http.small.workGateway();
    assert.deepEqual(replies.codes, []);
    http.answers.expire(http.small.nowMicros + ANSWER_MICROS);
    assert.deepEqual(replies.codes, ['NOT_READY']);
    const [one] = replies.all;
    assert.match(one !== undefined && 'code' in one ? one.problem.detail : '', /^Shard [12]: /);
    assert.equal(http.answers.size, 0);
  });
});
