/** Requests as tests make them: whole ones by fetch, and odd ones byte by byte on a socket. */
import { connect, type Socket } from 'node:net';

export interface Exchange {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The request as bytes. @param headers lines without their ends. */
export function rawRequest(line: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`${line} HTTP/1.1`, 'Host: test', ...headers, ...length, '', body].join('\r\n');
}

/** A client that writes what it is told, and collects what it is answered. */
export class RawClient {
  readonly socket: Socket;
  #heard = '';
  #isOver = false;
  /** Whether the connection was reset. */
  isBroken = false;
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {
      this.isBroken = true;
    });
    this.socket.on('data', (data) => {
      this.#heard += data.toString('latin1');
    });
    this.closed = new Promise((resolve) =>
      this.socket.once('close', () => {
        this.#isOver = true;
        resolve();
      }),
    );
  }

  say(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** All that was answered so far, one exchange per complete answer. */
  answers(): Exchange[] {
    const found: Exchange[] = [];
    for (let rest = this.#heard; ; ) {
      const headEnd = rest.indexOf('\r\n\r\n');
      if (headEnd < 0) return found;
      const head = rest.slice(0, headEnd);
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      const body = rest.slice(headEnd + 4, headEnd + 4 + length);
      if (body.length < length) return found;
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
      found.push({ status, type: /^content-type: ([^\r]*)/im.exec(head)?.[1] ?? '', body });
      rest = rest.slice(headEnd + 4 + length);
    }
  }

  /** Waits for so many answers, or for the end of the connection. */
  async heard(count = 1): Promise<Exchange[]> {
    while (this.answers().length < count && !this.#isOver) {
      await Promise.race([new Promise((resolve) => this.socket.once('data', resolve)), this.closed]);
    }
    return this.answers();
  }

  end(): void {
    this.socket.destroy();
  }
}
