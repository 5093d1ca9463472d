/**
 * A path between phones and a switch that is not to be trusted: it passes on the bytes of each connection, and
 * does something to one in so many of the messages that go to phones. Over `tcp` and `node-tcp`, where a stream
 * is bytes and nothing else.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { FrameType, HEADER_BYTES, headerBodyBytes, headerType } from '../../../wire/frames.ts';

/** What becomes of a chosen message. */
export type Harm = (frame: Buffer) => readonly Buffer[];

export const HARMS: Readonly<Record<string, Harm>> = {
  drops: () => [],
  doubles: (frame) => [frame, renumbered(frame)],
  corrupts: (frame) => {
    const changed = Buffer.from(frame);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 0x10, changed.length - 1);
    return [changed];
  },
};

/** The same message as if it were the next of the mailbox: with its own number a phone drops what comes twice. */
function renumbered(frame: Buffer): Buffer {
  const next = Buffer.from(frame);
  next.writeUInt32LE(next.readUInt32LE(HEADER_BYTES) + 1, HEADER_BYTES);
  return next;
}

export class FrameProxy {
  /** Messages that were harmed. */
  harmed = 0;
  /** How many connections came from each address. */
  readonly connectionsFrom = new Map<string, number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #every: number;
  readonly #harm: Harm;
  #messages = 0;

  private constructor(target: { host: string; port: number }, every: number, harm: Harm) {
    this.#every = every;
    this.#harm = harm;
    this.#server = createServer((phone) => this.#join(phone, connect(target)));
  }

  static async to(target: string, every: number, harm: Harm): Promise<FrameProxy> {
    const [host = '', port = ''] = target.split(':');
    const proxy = new FrameProxy({ host, port: Number(port) }, every, harm);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', 4096, resolve));
    return proxy;
  }

  get target(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(phone: Socket, service: Socket): void {
    const { remoteAddress = '' } = phone;
    this.connectionsFrom.set(remoteAddress, (this.connectionsFrom.get(remoteAddress) ?? 0) + 1);
    let pending = Buffer.alloc(0);
    for (const socket of [phone, service]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        phone.destroy();
        service.destroy();
        this.#sockets.delete(socket);
      });
    }
    phone.on('data', (bytes) => service.write(bytes));
    service.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (let end = frameEnd(pending); end !== 0; end = frameEnd(pending)) {
        for (const frame of this.#pass(pending.subarray(0, end))) phone.write(frame);
        pending = pending.subarray(end);
      }
    });
  }

  #pass(frame: Buffer): readonly Buffer[] {
    if (headerType(frame.readUInt16LE(0)) !== FrameType.DELIVER) return [frame];
    this.#messages++;
    if (this.#messages % this.#every !== 0) return [frame];
    this.harmed++;
    return this.#harm(frame);
  }
}

/** Where the first frame ends; 0 while it is not whole. */
function frameEnd(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) return 0;
  const end = HEADER_BYTES + headerBodyBytes(bytes.readUInt16LE(0));
  return bytes.length < end ? 0 : end;
}
