/** Memory that is mapped by system calls, by what the kernel says of this process. */
import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadSystemCalls, whyNoSystemCalls } from './system-calls.ts';

const BYTES = 2 ** 30;
const RESIDENT_BYTES = 2 ** 16;
const NO_DESCRIPTOR = -1;

/** Address space of this process. */
function addressBytes(): number {
  return 1024 * Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

describe('memory with a file behind it', { skip: whyNoSystemCalls() ?? false }, () => {
  it('is given back if the file cannot be mapped', () => {
    const calls = loadSystemCalls();
    const before = addressBytes();
    assert.equal(calls.mapBehind(RESIDENT_BYTES, BYTES, NO_DESCRIPTOR), null);
    assert.ok(addressBytes() < before + BYTES / 2);
  });

  it('is given back when it is unmapped', () => {
    const calls = loadSystemCalls();
    const folder = mkdtempSync(join(tmpdir(), 'trunkline-unmapped-'));
    const descriptor = openSync(join(folder, 'file'), 'w+');
    ftruncateSync(descriptor, BYTES - RESIDENT_BYTES); // takes no room on the disk
    const memory = calls.mapBehind(RESIDENT_BYTES, BYTES, descriptor);
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
    assert.ok(memory !== null);
    const mapped = addressBytes();
    calls.unmap(memory);
    assert.ok(addressBytes() < mapped - BYTES / 2);
  });
});
