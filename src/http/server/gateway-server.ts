/**
 * The HTTP server of a gateway. It owns the sockets and every limit: of connections, open requests, requests per
 * second, header, body and time. Whatever a client does ends in an answer with a code, or at least in the end of its
 * connection.
 *
 *     connection ─▶ too many? ─▶ header ─▶ path and method ─▶ too many open? ─▶ token ─▶ rate ─▶ body ─▶ operation
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { count, countBy } from '../../base/counters.ts';
import { TrunklineError } from '../../base/errors.ts';
import { GatewayCounter } from '../../switch/gateway-counters.ts';
import { OPERATION_NAMES, type OperationName, operation } from '../api/http-operations.ts';
import { openApiDocument } from '../api/open-api-document.ts';
import { type ProblemCode, rawProblem } from '../api/problems.ts';
import { bearerCheck } from './bearer-token.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { GatewayOperations, Reply } from './gateway-operations.ts';
import { answerJson, answerProblem, answerText, type Problem } from './http-answer.ts';
import { readBody } from './read-body.ts';
import { TokenBucket } from './token-bucket.ts';

export interface GatewayLimits {
  /** Bytes. */
  readonly body: number;
  readonly headers: number;
  /** Requests per second, and how many at once. */
  readonly rate: number;
  readonly burst: number;
  readonly openRequests: number;
  readonly connections: number;
  /** Microseconds. */
  readonly requestTimeout: number;
}

export interface GatewayServerParts {
  readonly operations: GatewayOperations;
  readonly metrics: GatewayMetrics;
  readonly counters: Float64Array;
  readonly clock: Clock;
  /** Called after each request that may have written hops: the thread has work. */
  readonly wake: () => void;
  /** Of trunkline. */
  readonly version: string;
}

/** Time between two looks for requests that are late. */
const CHECK_MILLIS = 500;
/** Time for which a connection without a request stays open. */
const KEEP_ALIVE_MILLIS = 60_000;
/** Time in which a client that is refused can read why. */
const LINGER_MILLIS = 1000;
const SESSIONS = '/v1/sessions/';
const JSON_TYPE = /^application\/json *(;|$)/i;

export class GatewayServer {
  readonly #server: Server;
  readonly #limits: GatewayLimits;
  readonly #parts: GatewayServerParts;
  readonly #bucket: TokenBucket;
  readonly #isAllowed: (header: string | undefined) => boolean;
  #isStopping = false;

  /** @param token that requests need; null for none. */
  constructor(limits: GatewayLimits, token: string | null, parts: GatewayServerParts) {
    const requestMillis = limits.requestTimeout / 1000;
    this.#limits = limits;
    this.#parts = parts;
    this.#isAllowed = token === null ? () => true : bearerCheck(token);
    this.#bucket = new TokenBucket(limits.rate, limits.burst, parts.clock.nowMicros());
    this.#server = createServer({
      maxHeaderSize: limits.headers,
      requestTimeout: requestMillis,
      headersTimeout: requestMillis / 2,
      connectionsCheckingInterval: Math.min(CHECK_MILLIS, requestMillis / 4),
      keepAliveTimeout: KEEP_ALIVE_MILLIS,
      noDelay: true,
    });
    // If `accept` fails for want of descriptors or memory, the server stays open and accepts later.
    this.#server.on('error', () => {
      if (this.#server.listening) count(parts.counters, GatewayCounter.acceptsFailed);
    });
    this.#server.on('connection', (socket) => this.#connected(socket));
    this.#server.on('request', (request, response) => this.#requested(request, response));
    this.#server.on('clientError', (error, socket) => refuse(socket, problemOf(error), error.message));
    this.#server.on('upgrade', (_request, socket) => refuse(socket, 'MALFORMED_REQUEST', 'Nothing to upgrade to.'));
    this.#server.on('connect', (_request, socket) => refuse(socket, 'MALFORMED_REQUEST', 'This is no proxy.'));
  }

  /** @returns the port. @throws LISTEN_FAILED. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        const advice = 'Choose another port, or 0 for a free one.';
        const what = `Cannot listen for HTTP on ${host} port ${port}: ${error.message}. ${advice}`;
        reject(new TrunklineError('LISTEN_FAILED', what));
      };
      this.#server.once('error', failed);
      this.#server.listen({ host, port, backlog: this.#limits.connections }, () => {
        this.#server.off('error', failed);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** From now on every request that needs the switch is refused. */
  beginStopping(): void {
    this.#isStopping = true;
    this.#server.closeIdleConnections();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #connected(socket: Socket): void {
    const { counters } = this.#parts;
    if ((counters[GatewayCounter.connections] as number) >= this.#limits.connections) {
      // counters exist
      count(counters, GatewayCounter.connectionsRefused);
      refuse(socket, 'TOO_MANY_CONNECTIONS', `Expected at most ${this.#limits.connections} connections.`);
      return;
    }
    socket.setMaxListeners(0); // one for each request of the connection that is open
    count(counters, GatewayCounter.connectionsOpened);
    countBy(counters, GatewayCounter.connections, 1);
    socket.once('close', () => countBy(counters, GatewayCounter.connections, -1));
  }

  #requested(request: IncomingMessage, response: ServerResponse): void {
    if (!request.socket.writable) return; // the connection was refused
    const { counters, clock, metrics } = this.#parts;
    const startMicros = clock.nowMicros();
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const name = operationAt(path);
    count(counters, GatewayCounter.requests);
    countBy(counters, GatewayCounter.openRequests, 1);
    // A response behind others of its connection is not told when that ends, so the socket is heard as well.
    let isOpen = true;
    const closed = (): void => {
      if (!isOpen) return;
      isOpen = false;
      request.socket.off('close', closed);
      countBy(counters, GatewayCounter.openRequests, -1);
      const status = response.statusCode;
      if (response.headersSent) count(counters, statusCounter(status));
      metrics.answered(name ?? 'none', response.headersSent ? status : 'none', (clock.nowMicros() - startMicros) / 1e6);
    };
    response.once('close', closed);
    request.socket.once('close', closed);
    const problem = this.#refusal(request, name, path);
    if (problem === null && name !== null) this.#perform(name, path, request, response);
    else {
      request.resume();
      if (problem !== null) answerProblem(response, problem);
    }
    this.#parts.wake();
  }

  /** Why a request is refused before its body is read; null if it is not. */
  #refusal({ method = '', headers }: IncomingMessage, name: OperationName | null, path: string): Problem | null {
    if (name === null)
      return { code: 'NOT_FOUND', detail: `Expected a path of /openapi.json, found ${JSON.stringify(path)}.` };
    const { method: expected, needsToken } = operation(name);
    if (method !== expected) {
      return { code: 'METHOD_NOT_ALLOWED', detail: `Expected ${expected}, found ${JSON.stringify(method)}.` };
    }
    const open = this.#parts.counters[GatewayCounter.openRequests] as number; // counters exist
    if (open > this.#limits.openRequests) {
      const detail = `Expected at most ${this.#limits.openRequests} open requests.`;
      return { code: 'TOO_MANY_OPEN_REQUESTS', detail, retryAfterSeconds: 1, isLast: true };
    }
    if (!needsToken) return null;
    if (!this.#isAllowed(headers.authorization)) {
      return { code: 'TOKEN_WRONG', detail: 'Expected the header "Authorization: Bearer TOKEN".', isLast: true };
    }
    if (!this.#bucket.take(this.#parts.clock.nowMicros())) {
      const detail = `Expected at most ${this.#limits.rate} requests per second.`;
      return { code: 'RATE_EXCEEDED', detail, retryAfterSeconds: this.#bucket.retryAfterSeconds() };
    }
    return this.#isStopping ? { code: 'SWITCH_STOPPING', detail: 'Use another switch.', isLast: true } : null;
  }

  #perform(name: OperationName, path: string, request: IncomingMessage, response: ServerResponse): void {
    if (name === 'sendMessage') {
      this.#send(request, response);
      return;
    }
    request.resume(); // the others take no body
    switch (name) {
      case 'findSession':
        this.#parts.operations.find(path.slice(SESSIONS.length), replyTo(response, 200));
        break;
      case 'readiness':
        this.#ready(response);
        break;
      case 'metrics':
        this.#metrics(response);
        break;
      case 'description':
        answerJson(response, 200, openApiDocument(this.#parts.version));
        break;
      default:
        answerJson(response, 200, { status: 'ok' });
    }
  }

  #send(request: IncomingMessage, response: ServerResponse): void {
    const type = request.headers['content-type'] ?? '';
    if (!JSON_TYPE.test(type)) {
      request.resume();
      const detail = `Expected the header "Content-Type: application/json", found ${JSON.stringify(type)}.`;
      answerProblem(response, { code: 'NOT_JSON', detail, isLast: true });
      return;
    }
    readBody(request, this.#limits.body, (body) => {
      if (body === 'gone') return;
      if (body === 'too large') {
        const detail = `Expected at most ${this.#limits.body} bytes.`;
        answerProblem(response, { code: 'BODY_TOO_LARGE', detail, isLast: true });
        return;
      }
      this.#parts.operations.send(body, replyTo(response, 201));
      this.#parts.wake();
    });
  }

  #ready(response: ServerResponse): void {
    if (this.#isStopping) {
      answerProblem(response, { code: 'SWITCH_STOPPING', detail: 'Use another switch.' });
      return;
    }
    this.#parts.operations.ready((ready, problem) => {
      replyTo(response, 200)(ready === null ? null : { status: 'ok' }, problem);
    });
  }

  #metrics(response: ServerResponse): void {
    const { metrics } = this.#parts;
    metrics.text().then(
      (text) => answerText(response, metrics.contentType, text),
      () => response.destroy(), // there is nothing to answer with, and the thread goes on
    );
  }
}

function replyTo(response: ServerResponse, status: number): Reply<object> {
  return (answer, problem) => {
    if (problem !== null) answerProblem(response, problem);
    else if (answer !== null) answerJson(response, status, answer);
  };
}

/** The operation of a path, whatever its method; null if there is none. */
function operationAt(path: string): OperationName | null {
  if (path.startsWith(SESSIONS)) return 'findSession';
  return OPERATION_NAMES.find((name) => operation(name).path === path) ?? null;
}

function statusCounter(status: number): number {
  if (status < 400) return GatewayCounter.answers2xx;
  return status < 500 ? GatewayCounter.answers4xx : GatewayCounter.answers5xx;
}

/** What the parser of Node says that a client did. */
function problemOf(error: NodeJS.ErrnoException): ProblemCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE';
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TIMEOUT' : 'MALFORMED_REQUEST';
}

/**
 * Answers on the socket itself, and closes it. What the client still sends is dropped for a moment, because the kernel
 * would discard the answer with it.
 */
function refuse(socket: Duplex, code: ProblemCode, detail: string): void {
  socket.on('error', () => {}); // the client has gone
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(rawProblem(code, detail));
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MILLIS);
  socket.once('close', () => clearTimeout(timer));
}
