/**
 * A switch that misbehaves, for drivers: each connection either gets right answers or, from a frame on that is drawn,
 * those of one misdeed; and it is ended by FIN, by reset, or not at all. Connection `n` of a seed always does the same.
 *
 * The first connections may be told never to fall silent: a login that is not answered is noticed up to 4 s late (the
 * driver looks at all of them once in that time), and each level of a ramp waits for its last phone.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { resetSocket } from '../transport/stream/reset-socket.ts';
import { FrameType, HEADER_BYTES, headerBodyBytes, headerType } from '../wire/frames.ts';
import { Draws } from './draws.test-suite.ts';
import { acceptHandshake, clientFrame, serverFrame } from './server-web-socket.test-suite.ts';
import { MISDEEDS, type Misdeed, rightAnswer, wrongAnswer } from './switch-answers.test-suite.ts';

/** Enough behave that all phones of a driver are online some time: then its traffic begins. */
const HONEST_PERCENT = 40;
const RIGHT_FRAMES_MAX = 6;
const HANDSHAKE_FLIPPED_PERCENT = 5;
const FRAMING_FLIPPED_PERCENT = 10;
const LINGER_MILLIS_MAX = 200;
const TRICKLE_MILLIS = 2;
const TRICKLED_BYTES_MAX = 60;

export class HostileSwitch {
  connections = 0;
  readonly #seed: number;
  readonly #isWebSocket: boolean;
  readonly #first: number;
  readonly #silentFrom: number;
  readonly #firstGroup: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /**
   * @param first number of the first connection.
   * @param silentFrom number of the first that may fall silent.
   * @param firstGroup account number of the first group.
   */
  constructor(seed: number, isWebSocket: boolean, first: number, silentFrom: number, firstGroup: number) {
    this.#seed = seed;
    this.#first = first;
    this.#silentFrom = silentFrom;
    this.#firstGroup = firstGroup;
    this.#isWebSocket = isWebSocket;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** @returns the port that it listens on. */
  async listen(): Promise<number> {
    this.#server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}); // the driver may leave whenever it likes
    socket.once('close', () => this.#sockets.delete(socket));
    const number = this.#first + this.connections++;
    const answering = new HostileConnection(
      socket,
      new Draws(this.#seed, number),
      number >= this.#silentFrom,
      this.#firstGroup,
    );
    socket.on('data', (bytes) => answering.heard(bytes, this.#isWebSocket));
  }
}

class HostileConnection {
  readonly #socket: Socket;
  readonly #draws: Draws;
  readonly #misdeed: Misdeed | null;
  readonly #maySilence: boolean;
  readonly #firstGroup: number;
  #rightLeft: number;
  #isOpen = false;
  #isWebSocket = false;
  #raw: Buffer = Buffer.alloc(0);
  #frames: Buffer = Buffer.alloc(0);
  #ending = false;

  constructor(socket: Socket, draws: Draws, maySilence: boolean, firstGroup: number) {
    this.#socket = socket;
    this.#draws = draws;
    this.#maySilence = maySilence;
    this.#firstGroup = firstGroup;
    this.#misdeed = draws.percent(HONEST_PERCENT) ? null : draws.of(MISDEEDS);
    this.#rightLeft = draws.below(RIGHT_FRAMES_MAX);
  }

  heard(bytes: Buffer, isWebSocket: boolean): void {
    this.#isWebSocket = isWebSocket;
    if (!isWebSocket) {
      this.#frames = Buffer.concat([this.#frames, bytes]);
    } else {
      this.#raw = Buffer.concat([this.#raw, bytes]);
      if (!this.#isOpen) this.#open();
      while (this.#isOpen) {
        const frame = clientFrame(this.#raw);
        if (frame === null) break;
        this.#raw = this.#raw.subarray(frame.end);
        this.#frames = Buffer.concat([this.#frames, frame.payload]);
      }
    }
    this.#answer();
  }

  #open(): void {
    const handshake = acceptHandshake(this.#raw);
    if (handshake === null) return;
    this.#raw = this.#raw.subarray(handshake.end);
    this.#isOpen = true;
    const isWrong = this.#misdeed !== null && this.#draws.percent(HANDSHAKE_FLIPPED_PERCENT);
    if (isWrong) this.#draws.flip(handshake.answer, this.#draws.between(1, 3));
    this.#socket.write(handshake.answer);
  }

  #answer(): void {
    while (this.#frames.length >= HEADER_BYTES) {
      const header = this.#frames.readUInt16LE(0);
      const end = HEADER_BYTES + headerBodyBytes(header);
      if (this.#frames.length < end) return;
      const [type, body] = [headerType(header), this.#frames.subarray(HEADER_BYTES, end)];
      this.#frames = this.#frames.subarray(end);
      if (type === FrameType.LOGOUT) {
        this.#socket.end();
      } else {
        this.#say(rightAnswer(type, body, this.#firstGroup));
      }
    }
  }

  #say(right: Buffer): void {
    if (this.#misdeed === null || this.#rightLeft-- > 0) {
      this.#write(right);
      return;
    }
    const wrong = wrongAnswer(this.#misdeed, right, this.#draws);
    if (this.#misdeed === 'trickles') this.#trickle(wrong.subarray(0, TRICKLED_BYTES_MAX));
    else this.#write(wrong);
    if (!this.#ending) this.#end();
  }

  #write(bytes: Buffer): void {
    if (bytes.length === 0 || !this.#socket.writable) return;
    if (!this.#isWebSocket) {
      this.#socket.write(bytes);
      return;
    }
    const frame = serverFrame(bytes);
    const isWrong = this.#misdeed !== null && this.#draws.percent(FRAMING_FLIPPED_PERCENT);
    if (isWrong) this.#draws.flip(frame.subarray(0, 4), 1);
    this.#socket.write(frame);
  }

  #trickle(bytes: Buffer): void {
    let at = 0;
    const timer = setInterval(() => {
      if (at < bytes.length && this.#socket.writable) this.#write(bytes.subarray(at, ++at));
      else clearInterval(timer);
    }, TRICKLE_MILLIS);
  }

  /** The connection goes its way a while after the first misdeed. */
  #end(): void {
    this.#ending = true;
    const how = this.#maySilence ? this.#draws.of(['fin', 'rst', 'silence']) : this.#draws.of(['fin', 'rst']);
    setTimeout(() => {
      if (how === 'fin') this.#socket.end();
      else if (how === 'rst') resetSocket(this.#socket);
    }, this.#draws.below(LINGER_MILLIS_MAX));
  }
}
