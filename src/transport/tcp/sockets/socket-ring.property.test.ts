/** A ring on a kernel that takes its operations in parts, late, or not at all: against a list of what was asked. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ErrorNumber } from '../system/error-number.ts';
import { type Behaviour, ENTRIES, type Operation, RING, ScriptedKernel } from './scripted-ring.test-suite.ts';
import { hasSocketRings, RingOperation, SocketRing } from './socket-ring.ts';

const PLACES = 4;
const FIXED_FILE = 1;
const { EINTR, EAGAIN, ENOMEM, EPERM } = ErrorNumber;

const place = fc.nat(1000);
const offset = fc.nat(2 ** 20);
const bytes = fc.nat(2 ** 31);
/** Near the end of 4 GiB, so that an offset carries into the upper half. */
const base = fc.constantFrom(4096, 2 ** 32 - 10, 5 * 2 ** 32 + 7, 2 ** 47 - 2 ** 21);
const request = fc.oneof(
  fc.record({
    kind: fc.constantFrom('receive' as const, 'send' as const),
    place,
    base,
    offset,
    bytes,
    flags: fc.nat(2 ** 31),
  }),
  fc.record({ kind: fc.constant('update' as const), place, base, offset, count: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constantFrom('close' as const, 'closeDescriptor' as const, 'install' as const), place }),
);
type Request = typeof request extends fc.Arbitrary<infer R> ? R : never;

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.record({ kind: fc.constant('fails' as const), errno: fc.constantFrom(EINTR, EAGAIN, ENOMEM) }),
  fc.record({
    kind: fc.constant('takes' as const),
    most: fc.integer({ min: 1, max: ENTRIES }),
    isLate: fc.boolean(),
  }),
);
const batch = fc.record({
  requests: fc.array(request, { minLength: 1, maxLength: ENTRIES }),
  script: fc.array(behaviour, { maxLength: 10 }),
});

function ringOn(kernel: ScriptedKernel): SocketRing {
  return SocketRing.make(kernel.calls, ENTRIES, PLACES) ?? assert.fail('the kernel makes a ring');
}

function add(ring: SocketRing, one: Request, n: number): void {
  switch (one.kind) {
    case 'receive':
    case 'send': {
      const code = one.kind === 'send' ? RingOperation.SEND : RingOperation.RECEIVE;
      ring.addTransfer(code, one.place, Float64Array.of(one.base), one.offset, one.bytes, one.flags, n);
      break;
    }
    case 'update':
      ring.addUpdate(one.place, Float64Array.of(one.base), one.offset, one.count, n);
      break;
    case 'close':
      ring.addClose(one.place, n);
      break;
    case 'closeDescriptor':
      ring.addCloseDescriptor(one.place, n);
      break;
    default:
      ring.addInstall(one.place, n);
  }
}

/**
 * What the kernel must read. Fields that an operation does not name are 0, whatever the place in the queue held before.
 */
function expected(one: Request, n: number): Operation {
  const none = { flags: 0, offset: 0n, address: 0n, length: 0, operationFlags: 0, number: BigInt(n), tablePlace: 0 };
  switch (one.kind) {
    case 'receive':
    case 'send':
      return {
        ...none,
        code: one.kind === 'send' ? RingOperation.SEND : RingOperation.RECEIVE,
        flags: FIXED_FILE,
        descriptor: one.place,
        address: BigInt(one.base) + BigInt(one.offset),
        length: one.bytes,
        operationFlags: one.flags,
      };
    case 'update':
      return {
        ...none,
        code: RingOperation.FILES_UPDATE,
        descriptor: -1,
        offset: BigInt(one.place),
        address: BigInt(one.base) + BigInt(one.offset),
        length: one.count,
      };
    case 'close':
      return { ...none, code: RingOperation.CLOSE, descriptor: 0, tablePlace: one.place + 1 };
    case 'closeDescriptor':
      return { ...none, code: RingOperation.CLOSE, descriptor: one.place };
    default:
      return { ...none, code: RingOperation.FIXED_FD_INSTALL, flags: FIXED_FILE, descriptor: one.place };
  }
}

/** As a kernel would: a count, or the negative number of an error. */
function resultOf({ code, descriptor, length }: Operation): number {
  return ((code * 7919 + descriptor * 31 + length) % 1000) - 500;
}

describe('a ring of operations', () => {
  it('writes each as the kernel reads it, in order, and gives each its own result, however few are taken at a time', () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 12 }), (batches) => {
        const kernel = new ScriptedKernel();
        kernel.resultOf = resultOf;
        const ring = ringOn(kernel);
        for (const { requests, script } of batches) {
          kernel.script.splice(0, kernel.script.length, ...script);
          kernel.done.length = 0;
          requests.forEach((one, n) => {
            assert.equal(ring.isFull, false);
            assert.equal(ring.waiting, n);
            add(ring, one, n);
          });
          assert.equal(ring.isFull, requests.length === ENTRIES);
          const results = new Int32Array(ENTRIES).fill(12345);
          ring.run(results);
          assert.equal(ring.waiting, 0);
          const wanted = requests.map(expected);
          assert.deepEqual(kernel.done, wanted);
          const found = wanted.map(resultOf);
          assert.deepEqual([...results], [...found, ...new Array(ENTRIES - found.length).fill(12345)]);
          assert.equal(kernel.unread, 0, 'the kernel is told which completions were taken');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('takes no more operations than it has room for', () => {
    const ring = ringOn(new ScriptedKernel());
    for (let n = 0; n < ENTRIES; n++) ring.addClose(n, n);
    assert.throws(() => ring.addClose(0, 0), /a ring takes an operation more/);
  });

  it('asks the kernel nothing where nothing waits', () => {
    const kernel = new ScriptedKernel();
    ringOn(kernel).run(new Int32Array(1));
    assert.equal(kernel.entered, 0);
  });
});

describe('a ring whose kernel fails', () => {
  const failures = (errno: number, times: number): Behaviour[] =>
    Array.from({ length: times }, () => ({ kind: 'fails', errno }));

  for (const [name, errno] of Object.entries({ EINTR, EAGAIN, ENOMEM })) {
    it(`tries sixteen times more for ${name}, and then says so`, () => {
      const kernel = new ScriptedKernel();
      const ring = ringOn(kernel);
      kernel.script.push(...failures(errno, 16));
      ring.addClose(1, 0);
      ring.run(new Int32Array(1));
      assert.deepEqual([kernel.done.length, kernel.entered], [1, 17]);
      kernel.script.push(...failures(errno, 17));
      ring.addClose(2, 0);
      assert.throws(() => ring.run(new Int32Array(1)), {
        code: 'SYSTEM_REFUSED',
        message: new RegExp(`the operations of an io_uring: ${name}`),
      });
      assert.equal(kernel.entered, 17 + 17);
    });
  }

  it('has all its tries again after some operations were taken', () => {
    const kernel = new ScriptedKernel();
    const ring = ringOn(kernel);
    const takesOne: Behaviour = { kind: 'takes', most: 1, isLate: false };
    kernel.script.push(...failures(EAGAIN, 16), takesOne, ...failures(EAGAIN, 15), takesOne);
    ring.addClose(1, 0);
    ring.addClose(2, 1);
    ring.run(new Int32Array(2));
    assert.equal(kernel.done.length, 2);
  });

  it('does not try again where that cannot help', () => {
    const kernel = new ScriptedKernel();
    const ring = ringOn(kernel);
    kernel.script.push(...failures(EPERM, 1));
    ring.addClose(1, 0);
    assert.throws(() => ring.run(new Int32Array(1)), { code: 'SYSTEM_REFUSED', message: /EPERM/ });
    assert.equal(kernel.entered, 1);
  });
});

describe('the making of a ring', () => {
  it('leaves nothing behind, whichever step fails', () => {
    for (const [step, closed, unmapped] of [
      ['setup', [], []],
      ['register', [RING], []],
      ['map completions', [RING], ['operations']],
      ['map operations', [RING], ['memory']],
    ] as const) {
      const kernel = new ScriptedKernel();
      kernel.failing.add(step);
      assert.equal(SocketRing.make(kernel.calls, ENTRIES, PLACES), null);
      assert.deepEqual(kernel.closed, closed, step);
      assert.deepEqual(
        kernel.unmapped,
        unmapped.map((name) => kernel[name]),
        step,
      );
    }
  });

  it('is undone as a whole by the shutdown', () => {
    const kernel = new ScriptedKernel();
    ringOn(kernel).shutdown();
    assert.deepEqual(kernel.closed, [RING]);
    assert.deepEqual(new Set(kernel.unmapped), new Set([kernel.memory, kernel.operations]));
  });
});

describe('whether a kernel has rings for sockets', () => {
  const probed = (change: (kernel: ScriptedKernel) => void): { has: boolean; closed: number[] } => {
    const kernel = new ScriptedKernel();
    change(kernel);
    return { has: hasSocketRings(kernel.calls), closed: kernel.closed };
  };

  it('is so if it has every operation, and the ring of the probe is closed', () => {
    assert.deepEqual(
      probed(() => {}),
      { has: true, closed: [RING] },
    );
    for (const missing of Object.values(RingOperation)) {
      const found = probed((kernel) => {
        kernel.supports = (operation) => operation !== missing;
      });
      assert.deepEqual(found, { has: false, closed: [RING] }, `operation ${missing}`);
    }
  });

  it('is not so where rings are forbidden or cannot be asked', () => {
    assert.deepEqual(
      probed((kernel) => void kernel.failing.add('setup')),
      { has: false, closed: [] },
    );
    assert.deepEqual(
      probed((kernel) => void kernel.failing.add('register')),
      { has: false, closed: [RING] },
    );
  });
});
