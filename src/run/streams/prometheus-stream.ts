/**
 * Offers the last interval to Prometheus under `/metrics`. The time and number of its connections are limited, so a
 * reader that says nothing or never reads holds a connection for seconds, and the run notices nothing.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { PrometheusMetrics } from './prometheus-metrics.ts';
import type { OnFault, Stream, StreamedRun } from './stream.ts';

/** Maximum of connections at a time; a further one is closed at once. */
export const CONNECTIONS_MAX = 32;
/** Maximum of requests on one connection, which is closed after them. */
const REQUESTS_MAX = 100;
/** Time for the headers of a request, for a whole request, and without anything read or written. */
const PATIENCE_MILLIS = 2000;
/** How often Node checks for connections that are too slow. */
const CHECK_MILLIS = 500;
const PATH = '/metrics';

export class PrometheusStream implements Stream {
  /** Nothing waits here: a reader gets the last interval, whether it saw the one before or not. */
  readonly dropped = 0;
  readonly #metrics: PrometheusMetrics;
  readonly #server: Server;

  private constructor(metrics: PrometheusMetrics, server: Server) {
    this.#metrics = metrics;
    this.#server = server;
  }

  /**
   * @param port 0 for any free port.
   * @param option names the stream in messages.
   * @throws STREAM_FAILED if the port cannot be listened on.
   */
  static async open(host: string, port: number, option: string, onFault: OnFault): Promise<PrometheusStream> {
    const metrics = new PrometheusMetrics();
    const limits = {
      headersTimeout: PATIENCE_MILLIS,
      requestTimeout: PATIENCE_MILLIS,
      keepAliveTimeout: PATIENCE_MILLIS,
      connectionsCheckingInterval: CHECK_MILLIS,
    };
    const server = createServer(limits, (request, response) => void respond(metrics, request, response));
    server.maxConnections = CONNECTIONS_MAX;
    server.maxRequestsPerSocket = REQUESTS_MAX;
    server.setTimeout(PATIENCE_MILLIS);
    server.listen({ host, port });
    try {
      await once(server, 'listening');
    } catch (error) {
      throw new TrunklineError(
        'STREAM_FAILED',
        `${option}: expected a port that can be listened on: ${causeOf(error)}. Choose another port, or 0 for any free one.`,
      );
    }
    server.on('error', (error) => onFault(error.message));
    server.unref();
    return new PrometheusStream(metrics, server);
  }

  /** Where the metrics are. */
  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo; // it listens on a port
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}${PATH}`;
  }

  begin(run: StreamedRun): void {
    this.#metrics.begin(run);
  }

  interval(interval: Interval, events: readonly RunEvent[]): void {
    this.#metrics.interval(interval, events);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

async function respond(metrics: PrometheusMetrics, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?')[0];
  if (path !== PATH) return answer(response, 404, `Expected ${PATH}.\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return answer(response, 405, 'Expected GET.\n');
  }
  const text = await metrics.text();
  response.setHeader('content-type', metrics.contentType);
  return answer(response, 200, text);
}

/** Answers, and closes the connection after an error, so that the rest of a body is not read. */
function answer(response: ServerResponse, code: number, text: string): void {
  response.statusCode = code;
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  if (code !== 200) response.setHeader('connection', 'close');
  response.end(text);
}
