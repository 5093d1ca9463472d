/** What a process keeps on the heaps of its threads, garbage left out: see collected-heap.test-worker. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names the folder where each thread writes its bytes, in a file of its own. */
export const HEAPS_FOLDER_VARIABLE = 'TRUNKLINE_FUZZ_HEAPS';
const WRITER = new URL('./collected-heap.test-worker.js', import.meta.url);
const MIB_BYTES = 2 ** 20;

export class CollectedHeaps {
  readonly #folder = mkdtempSync(join(tmpdir(), 'trunkline-heaps-'));

  /** What a process is to find in its environment, to be watched. */
  get environment(): Readonly<Record<string, string>> {
    const options = `${process.env['NODE_OPTIONS'] ?? ''} --import=${WRITER.href}`.trim();
    // One arena of malloc: with many, what threads free stays with each of them, and passes for growth.
    return { NODE_OPTIONS: options, MALLOC_ARENA_MAX: '1', [HEAPS_FOLDER_VARIABLE]: this.#folder };
  }

  /** Objects and buffers of all threads that have written them down; null before the first. */
  mib(): number | null {
    const threads = readdirSync(this.#folder).filter((name) => !name.endsWith('.new'));
    if (threads.length === 0) return null;
    return threads.reduce((sum, name) => sum + Number(readFileSync(join(this.#folder, name), 'utf8')), 0) / MIB_BYTES;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
