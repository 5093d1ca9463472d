import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { describe, it } from 'node:test';
import { processMemory } from '../../../measure/process-memory.ts';
import { loadSystemCalls, whyNoSystemCalls } from '../../../transport/tcp/system/system-calls.ts';
import { ASKED_TABLE_BYTES_MIN, HUGE_TABLE_BYTES_MIN, hugePageMemory } from './huge-page-memory.ts';

const SKIP = whyNoSystemCalls() ?? (flagsAt(0) === null ? 'the kernel does not list mappings' : false);
const ASKED_WORDS = ASKED_TABLE_BYTES_MIN / Int32Array.BYTES_PER_ELEMENT;
const WORDS = HUGE_TABLE_BYTES_MIN / Int32Array.BYTES_PER_ELEMENT;

/**
 * Flags of the mapping of an address, as the kernel lists them, such as `rd wr hg`; empty without one, null if it lists
 * none.
 */
function flagsAt(address: number): readonly string[] | null {
  let text: string;
  try {
    text = readFileSync('/proc/self/smaps', 'utf8');
  } catch {
    return null;
  }
  if (!text.includes('VmFlags:')) return null;
  const mappings = text.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const found = mappings.find((mapping) => {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(mapping) ?? [];
    return Number.parseInt(from, 16) <= address && address < Number.parseInt(to, 16);
  });
  return (
    /^VmFlags: (.*)$/m
      .exec(found ?? '')?.[1]
      ?.trim()
      .split(' ') ?? []
  );
}

/** Flags in the middle of a table, which is inside its advised part. */
function flagsOf(table: Int32Array): readonly string[] {
  const address = loadSystemCalls().addressOf(new Uint8Array(table.buffer, 0, 1));
  return flagsAt(address + table.byteLength / 2) ?? [];
}

describe('memory of tables', { skip: SKIP }, () => {
  it('asks for huge pages for a large table, and forbids them on request', () => {
    for (const pages of ['huge', 'auto'] as const)
      assert.ok(flagsOf(hugePageMemory(pages).words(WORDS)).includes('hg'), pages);
    assert.ok(flagsOf(hugePageMemory('base').words(WORDS)).includes('nh'));
  });

  it('does so as well for a table that threads share', () => {
    for (const [pages, flag] of [
      ['huge', 'hg'],
      ['auto', 'hg'],
      ['base', 'nh'],
    ] as const) {
      const table = hugePageMemory(pages).sharedWords(WORDS);
      assert.ok(table.buffer instanceof SharedArrayBuffer);
      assert.ok(flagsOf(table).includes(flag), pages);
    }
  });

  it('asks for them also for a table of more than 4 GiB, whose bytes no view spans', (test) => {
    if (freemem() < 6 * 2 ** 30) return test.skip('the machine has too little memory');
    assert.ok(flagsOf(hugePageMemory('auto').words(2 ** 30 + 1)).includes('hg'));
  });

  it('leaves a smaller table alone', () => {
    for (const [pages, words] of [
      ['auto', WORDS / 2],
      ['base', WORDS / 2],
      ['huge', ASKED_WORDS / 2],
    ] as const) {
      const flags = flagsOf(hugePageMemory(pages).words(words));
      assert.ok(!flags.includes('hg') && !flags.includes('nh'), `${pages}: ${flags.join(' ')}`);
    }
  });

  it('asks for huge pages for tables of 4 MiB as well where the scenario wants them', () => {
    assert.ok(flagsOf(hugePageMemory('huge').words(ASKED_WORDS)).includes('hg'));
  });

  it('is zero, of the right length, and not touched by the advice', () => {
    const before = processMemory().rssBytes;
    const table = hugePageMemory('huge').words(4 * WORDS);
    assert.equal(table.length, 4 * WORDS);
    assert.ok(
      processMemory().rssBytes - before < HUGE_TABLE_BYTES_MIN,
      'the pages of a new table are not allocated yet',
    );
    assert.ok([0, 1, WORDS, 4 * WORDS - 1].every((place) => table[place] === 0));
  });
});
