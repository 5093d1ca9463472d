/** Options of real sockets, read back from the kernel. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { checkLeftovers } from '../../../measure/leftovers.test-suite.ts';
import { patience } from '../../patience.test-suite.ts';
import { ErrorNumber } from './error-number.ts';
import { encodeAddress, portOf } from './socket-address.ts';
import { SocketOptions } from './socket-options.ts';
import { Linux, loadSystemCalls, whyNoSystemCalls } from './system-calls.ts';

const { AF_INET, SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC, SOL_SOCKET, SO_SNDBUF, SO_RCVBUF } = Linux;
const LOOPBACK = '127.0.0.1';
const EBADF = 9;
const NOTHING = { noDelay: false, sendBufferBytes: null, receiveBufferBytes: null };

class World {
  readonly calls = loadSystemCalls();
  readonly options = new SocketOptions(this.calls);
  readonly #open = new Set<number>();

  constructor(test: TestContext) {
    test.after(() => {
      for (const descriptor of this.#open) this.calls.close(descriptor);
    });
  }

  socket(flags = 0): number {
    return this.#keep(this.calls.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  }

  close(descriptor: number): void {
    this.#open.delete(descriptor);
    this.calls.close(descriptor);
  }

  read(descriptor: number, level: number, option: number): number {
    const value = new Uint8Array(4);
    assert.equal(this.calls.getOption(descriptor, level, option, value, Uint8Array.of(4, 0, 0, 0)), 0);
    return new DataView(value.buffer).getInt32(0, true);
  }

  hasNoDelay(descriptor: number): boolean {
    return this.read(descriptor, Linux.IPPROTO_TCP, Linux.TCP_NODELAY) !== 0;
  }

  /** A socket with a port of its own, and its address. Nobody listens there yet. */
  bound(): { bound: number; address: Uint8Array } {
    const bound = this.socket();
    const any = encodeAddress(LOOPBACK, 0);
    assert.equal(this.calls.bind(bound, any, any.length), 0);
    const name = new Uint8Array(28);
    this.calls.getName(bound, name, Uint8Array.of(name.length, 0, 0, 0));
    return { bound, address: encodeAddress(LOOPBACK, portOf(name)) };
  }

  connected(): { ours: number; peer: number } {
    const { bound, address } = this.bound();
    assert.equal(this.calls.listen(bound, 8), 0);
    const ours = this.socket();
    assert.equal(this.calls.connect(ours, address, address.length), 0);
    return { ours, peer: this.#keep(this.calls.accept4(bound, null, null, SOCK_CLOEXEC)) };
  }

  #keep(descriptor: number): number {
    assert.ok(descriptor >= 0);
    this.#open.add(descriptor);
    return descriptor;
  }
}

describe('the options of a socket', { skip: whyNoSystemCalls() ?? false }, () => {
  checkLeftovers();

  it('are those that were asked for, each on its own', (test) => {
    const world = new World(test);
    const plain = world.socket();
    world.options.setAll(plain, NOTHING);
    const usual = {
      send: world.read(plain, SOL_SOCKET, SO_SNDBUF),
      receive: world.read(plain, SOL_SOCKET, SO_RCVBUF),
    };
    const changed = (settings: Partial<Parameters<SocketOptions['setAll']>[1]>): object => {
      const descriptor = world.socket();
      world.options.setAll(descriptor, { ...NOTHING, ...settings });
      return {
        noDelay: world.hasNoDelay(descriptor),
        send: world.read(descriptor, SOL_SOCKET, SO_SNDBUF),
        receive: world.read(descriptor, SOL_SOCKET, SO_RCVBUF),
      };
    };
    assert.equal(world.hasNoDelay(plain), false);
    assert.deepEqual(changed({ noDelay: true }), { noDelay: true, ...usual });
    // The kernel doubles what is asked for, see socket(7).
    assert.deepEqual(changed({ sendBufferBytes: 9000 }), { noDelay: false, ...usual, send: 18_000 });
    assert.deepEqual(changed({ receiveBufferBytes: 7000 }), { noDelay: false, ...usual, receive: 14_000 });
  });

  it('that the kernel refuses are told by a negative result', (test) => {
    const world = new World(test);
    assert.equal(world.options.set(world.socket(), SOL_SOCKET, Linux.SO_REUSEADDR, 1), 0);
    assert.ok(world.options.set(-1, SOL_SOCKET, Linux.SO_REUSEADDR, 1) < 0);
  });
});

describe('the pending error of a socket', { skip: whyNoSystemCalls() ?? false }, () => {
  checkLeftovers();

  it('is 0 for none, and that of a connect that was refused, once', (test) => {
    const world = new World(test);
    const { address } = world.bound();
    const socket = world.socket(SOCK_NONBLOCK);
    assert.equal(world.options.error(socket), 0);
    world.calls.connect(socket, address, address.length);
    let errno = world.options.error(socket);
    for (const isPatient = patience(); errno === 0 && isPatient(); ) errno = world.options.error(socket);
    assert.equal(errno, ErrorNumber.ECONNREFUSED);
    assert.equal(world.options.error(socket), 0, 'the kernel has told it');
  });

  it('is that of the question where the question fails', (test) => {
    assert.equal(new World(test).options.error(-1), EBADF);
  });
});

describe('a socket that is to be reset', { skip: whyNoSystemCalls() ?? false }, () => {
  checkLeftovers();

  it('resets its peer when it is closed; any other ends in order', (test) => {
    const world = new World(test);
    const buffer = new Uint8Array(8);
    const received = (isReset: boolean): number => {
      const { ours, peer } = world.connected();
      if (isReset) world.options.resetOnClose(ours);
      world.close(ours);
      const got = world.calls.recv(peer, world.calls.addressOf(buffer), buffer.length, 0);
      return got < 0 ? world.calls.errno() : got;
    };
    assert.equal(received(true), ErrorNumber.ECONNRESET);
    assert.equal(received(false), 0);
  });
});
