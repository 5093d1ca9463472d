/** What a hostile HTTP client sends: requests that are cut, changed, contradictory or endless, all from one seed. */
import { Draws } from './draws.test-suite.ts';

export interface HttpStream {
  readonly bytes: Buffer;
  /** Where it pauses, and for how long. */
  readonly cutAt: number;
  readonly pauseMillis: number;
  /** How it ends after that: it closes, resets, or says nothing more for a moment. */
  readonly end: 'fin' | 'rst' | 'silence';
  /** Whether it reads its answers. */
  readonly reads: boolean;
}

/** Numbers that the switch may be asked for; some it serves. */
const NUMBERS = ['447700000001', '447700000002', '4477', '0', '999999999999999', '-1', '١٢٣', ''] as const;
const PATHS = [
  '/v1/messages',
  '/v1/messages?x=%00',
  '/v1/sessions/447700000001',
  '/v1/sessions/',
  '/v1/sessions/%2e%2e',
  '/metrics',
  '/healthz',
  '/readyz',
  '/openapi.json',
  '//',
  '*',
  'http://elsewhere/v1/messages',
] as const;
const METHODS = ['POST', 'GET', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE', 'PRI', 'get', 'BREW'] as const;
const ODD_HEADERS = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 1, 2',
  'Expect: 100-continue',
  'Expect: the unexpected',
  'Upgrade: websocket\r\nConnection: Upgrade',
  'Connection: close',
  'Connection: keep-alive',
  'Authorization: Bearer \x01\x02',
  'Host: twice',
  ' Folded: header',
  'No colon at all',
  'X-Null: a\x00b',
  'Content-Type: application/json; charset=utf-7',
] as const;

export function httpStream(seed: number, index: number): HttpStream {
  const draws = new Draws(seed, index);
  const requests = Array.from({ length: draws.of([1, 1, 1, 2, 6]) }, () => request(draws));
  const bytes = draws.percent(5) ? draws.bytes(draws.between(1, 3000)) : Buffer.concat(requests);
  if (draws.percent(30)) draws.flip(bytes, draws.between(1, 8));
  const cut = draws.percent(30) ? bytes.subarray(0, draws.between(1, bytes.length)) : bytes;
  return {
    bytes: cut,
    cutAt: draws.below(cut.length),
    pauseMillis: draws.below(15),
    end: draws.of(['fin', 'rst', 'silence']),
    reads: draws.percent(80),
  };
}

function request(draws: Draws): Buffer {
  const body = draws.percent(70) ? messageBody(draws) : Buffer.alloc(0);
  const isPlain = draws.percent(50);
  const method = isPlain ? 'POST' : draws.of(METHODS);
  const path = isPlain ? '/v1/messages' : longer(draws, draws.of(PATHS));
  const headers = [
    'Host: fuzz',
    'Content-Type: application/json',
    ...(draws.percent(90) ? [`Content-Length: ${body.length + (draws.percent(10) ? draws.between(-3, 3) : 0)}`] : []),
    ...Array.from({ length: isPlain ? 0 : draws.below(4) }, () => draws.of(ODD_HEADERS)),
    ...(draws.percent(3) ? [`X-Long: ${'x'.repeat(draws.between(1000, 40_000))}`] : []),
    ...(draws.percent(3) ? Array.from({ length: draws.between(100, 3000) }, (_, n) => `X-${n}: ${n}`) : []),
  ];
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

function longer(draws: Draws, path: string): string {
  return draws.percent(4) ? path + 'a'.repeat(draws.between(100, 20_000)) : path;
}

function messageBody(draws: Draws): Buffer {
  switch (draws.below(8)) {
    case 0:
      return draws.bytes(draws.between(1, 200));
    case 1:
      return Buffer.from(draws.of(['[', '{"to":']).repeat(draws.between(1, 3000)));
    case 2:
      return Buffer.alloc(draws.between(10_000, 40_000), 0x20);
    case 3:
      return Buffer.from('5\r\n{"to"\r\nffffffffffffffff\r\n0\r\n\r\n');
    case 4:
    case 5:
      return Buffer.from(JSON.stringify({ to: NUMBERS[0], body: 'well-formed' }));
    default:
      return Buffer.from(JSON.stringify(message(draws)));
  }
}

function message(draws: Draws): object {
  const text = draws.of(['x', 'x', 'x', '\u0000', '😀', 'a'.repeat(2021), 'a'.repeat(2022), '\ud800']);
  return {
    to: draws.percent(60) ? NUMBERS[0] : draws.of(NUMBERS),
    ...(draws.percent(80) ? { body: text } : { payload: draws.of(['AA==', 'not Base64', '=', 'A'.repeat(4000)]) }),
    ...(draws.percent(20) ? { from: draws.of(['447700000100', ...NUMBERS]) } : {}),
    ...(draws.percent(20) ? { dueMicros: draws.of([0, -1, 1.5, 2 ** 47, 1e300]) } : {}),
    ...(draws.percent(5) ? { __proto__: null, constructor: {} } : {}),
  };
}
