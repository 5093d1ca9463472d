/**
 * The crowd of hostile phones: so many at a time connect to a switch, each says its stream and leaves as
 * the stream tells it. Which bytes are sent is the seed's; when they meet is the machine's.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { resetSocket } from '../transport/stream/reset-socket.ts';
import { type PhoneStream, phoneStream } from './phone-stream.test-suite.ts';
import { webSocketStream } from './web-socket-stream.test-suite.ts';

export interface CrowdOrder {
  readonly ports: readonly [number, ...number[]];
  readonly isWebSocket: boolean;
  readonly seed: number;
  readonly streams: number;
  /** Told of each stream that has ended, or has fallen silent. */
  readonly onStream?: (done: number) => void;
}

const AT_A_TIME = 100;
/** Clients that say no more; the one that has been silent longest makes room for another, by reset. */
const SILENT_MAX = 300;
/** A client that left and whose switch does not close is reset after that time. */
const FIN_PATIENCE_MILLIS = 2000;

export class HostilePhones {
  done = 0;
  /** Clients that the switch did not take. */
  connectsFailed = 0;
  readonly #order: CrowdOrder;
  readonly #silent = new Set<Socket>();
  readonly #open = new Set<Socket>();
  #next = 0;
  #stopped = false;

  constructor(order: CrowdOrder) {
    this.#order = order;
  }

  /** Says all streams; those that end silent are still open then. @throws where nobody listens any more. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: AT_A_TIME }, () => this.#client()));
  }

  /** Begins no further stream, resets whoever is still there. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const open = [...this.#open];
    for (const socket of open) resetSocket(socket);
    await Promise.all(open.map((socket) => (socket.closed ? undefined : once(socket, 'close'))));
  }

  /** Clients that have fallen silent and that the switch has not ended yet. */
  get silent(): number {
    return this.#silent.size;
  }

  async #client(): Promise<void> {
    const { seed, streams, isWebSocket, ports } = this.#order;
    while (this.#next < streams && !this.#stopped) {
      const index = this.#next++;
      const plain = phoneStream(seed, index);
      const stream = isWebSocket ? webSocketStream(plain, seed, index) : plain;
      await this.#say(stream, ports[index % ports.length] ?? ports[0]);
      this.done++;
      this.#order.onStream?.(this.done);
    }
  }

  async #say(stream: PhoneStream, port: number): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#open.add(socket);
    socket.on('error', () => {}); // being thrown out is what is expected
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#silent.delete(socket);
    });
    if (!(await opens(socket))) {
      this.connectsFailed++;
      return;
    }
    if (stream.reads) socket.resume();
    socket.write(stream.bytes.subarray(0, stream.cutAt));
    await pause(stream.pauseMillis);
    if (socket.writable) socket.write(stream.bytes.subarray(stream.cutAt));
    await pause(stream.lingerMillis);
    if (!socket.closed) this.#leave(socket, stream);
  }

  #leave(socket: Socket, { end, reads }: PhoneStream): void {
    if (end === 'rst') {
      resetSocket(socket);
    } else if (end === 'silence') {
      const [longest] = this.#silent;
      if (this.#silent.size >= SILENT_MAX && longest !== undefined) resetSocket(longest);
      this.#silent.add(socket);
      socket.resume(); // or it would not see that the switch has ended it
    } else if (reads) {
      socket.end();
      const timer = setTimeout(() => socket.destroy(), FIN_PATIENCE_MILLIS);
      socket.once('close', () => clearTimeout(timer));
    } else {
      socket.destroy(); // the kernel says FIN, or RST where something was not read
    }
  }
}

/** @throws where nobody listens. */
async function opens(socket: Socket): Promise<boolean> {
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') throw error;
    return false;
  }
}
