// Compares stores for mailboxes: lmdb, classic-level, and a log of our own, by the same work. Entries of 64 B for
// accounts drawn at random are stored in batches, each of which is durable (fdatasync or msync) before the next one
// begins, as a group commit does; then as many are removed, in batches too.
//
//   npm install --no-save lmdb@3.5.6 classic-level@3.0.0
//   node scripts/experiment-store.mjs [folder]       a folder on the disk that is measured; the system's own by default
//
// Each figure is the median of rounds that alternate between the stores. Kept in results/reference/store.json.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, readKept, writeKept } from './kept-figures.mjs';

const KEPT = 'store';
const ACCOUNTS = 1_000_000;
const PAYLOAD_BYTES = 64;
/** What an entry has besides: account, sequence, sender, id, window of ids. */
const HEADER_BYTES = 40;
const ENTRY_BYTES = HEADER_BYTES + PAYLOAD_BYTES;
const BATCHES = [64, 512, 4096];
const ENTRIES = 100_000;
const ROUNDS = 5;

const folder = process.argv[2] ?? tmpdir();
const version = async (name) => {
  try {
    await import(name);
    const entry = fileURLToPath(import.meta.resolve(name));
    const at = entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length;
    return JSON.parse(readFileSync(`${entry.slice(0, at)}package.json`, 'utf8')).version;
  } catch {
    process.stderr.write(`${name} is not installed: npm install --no-save lmdb@3.5.6 classic-level@3.0.0\n`);
    process.exit(2);
  }
};
const versions = { lmdb: await version('lmdb'), 'classic-level': await version('classic-level') };
const { open } = await import('lmdb');
const { ClassicLevel } = await import('classic-level');

/** Keys sort by account, then sequence, so that a mailbox is one range. */
function keyOf(account, sequence) {
  const key = Buffer.allocUnsafe(8);
  key.writeUInt32BE(account, 0);
  key.writeUInt32BE(sequence, 4);
  return key;
}

const STORES = {
  log: (path) => {
    const file = openSync(join(path, 'log'), 'a');
    const bytes = Buffer.alloc(Math.max(...BATCHES) * ENTRY_BYTES);
    let at = 0;
    return {
      append(account, sequence, entry) {
        bytes.writeUInt32LE(account, at);
        bytes.writeUInt32LE(sequence, at + 4);
        entry.copy(bytes, at + 8);
        at += ENTRY_BYTES;
      },
      remove(account, sequence) {
        bytes.writeUInt32LE(account, at);
        bytes.writeUInt32LE(sequence, at + 4);
        at += 8;
      },
      commit() {
        writeSync(file, bytes, 0, at);
        fdatasyncSync(file);
        at = 0;
      },
      close: () => closeSync(file),
    };
  },
  lmdb: (path) => {
    const store = open({ path: join(path, 'lmdb'), keyEncoding: 'binary', encoding: 'binary', overlappingSync: false });
    return {
      append: (account, sequence, entry) => void store.put(keyOf(account, sequence), entry),
      remove: (account, sequence) => void store.remove(keyOf(account, sequence)),
      commit: async () => {
        await store.committed;
        await store.flushed;
      },
      close: () => store.close(),
    };
  },
  'classic-level': async (path) => {
    const store = new ClassicLevel(join(path, 'level'), { keyEncoding: 'buffer', valueEncoding: 'buffer' });
    await store.open();
    let batch = store.batch();
    return {
      append: (account, sequence, entry) => void batch.put(keyOf(account, sequence), entry),
      remove: (account, sequence) => void batch.del(keyOf(account, sequence)),
      commit: async () => {
        await batch.write({ sync: true });
        batch = store.batch();
      },
      close: () => store.close(),
    };
  },
};

const writtenBytes = () => Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))[1]);
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function measure(name, batchEntries) {
  const path = mkdtempSync(join(folder, 'trunkline-store-'));
  try {
    const store = await STORES[name](path);
    const entry = Buffer.alloc(ENTRY_BYTES - 8, 7);
    let random = 1;
    const accounts = Array.from({ length: ENTRIES }, () => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      return (random >>> 4) % ACCOUNTS;
    });
    const figures = {};
    for (const work of ['append', 'remove']) {
      const begin = performance.now();
      const cpu = process.cpuUsage();
      const written = writtenBytes();
      for (let done = 0; done < ENTRIES; ) {
        for (let n = 0; n < batchEntries && done < ENTRIES; n++, done++) {
          if (work === 'append') store.append(accounts[done], done, entry);
          else store.remove(accounts[done], done);
        }
        await store.commit();
      }
      const used = process.cpuUsage(cpu);
      figures[work] = {
        entriesPerSecond: (ENTRIES / (performance.now() - begin)) * 1000,
        cpuMicrosPerEntry: (used.user + used.system) / ENTRIES,
        writtenBytesPerEntry: (writtenBytes() - written) / ENTRIES,
      };
    }
    await store.close();
    return figures;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

const results = [];
for (const batchEntries of BATCHES) {
  const runs = Object.fromEntries(Object.keys(STORES).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const name of Object.keys(STORES)) runs[name].push(await measure(name, batchEntries));
  for (const [store, all] of Object.entries(runs)) {
    const row = { store, batchEntries };
    for (const work of ['append', 'remove']) {
      row[work] = Object.fromEntries(
        Object.keys(all[0][work]).map((figure) => [
          figure,
          Number(median(all.map((run) => run[work][figure])).toPrecision(4)),
        ]),
      );
    }
    results.push(row);
    const { append, remove } = row;
    process.stdout.write(
      `${store.padEnd(14)} batches of ${String(batchEntries).padStart(4)}: append ${Math.round(append.entriesPerSecond)}/s, ${append.cpuMicrosPerEntry} µs, ` +
        `${append.writtenBytesPerEntry} B written; remove ${Math.round(remove.entriesPerSecond)}/s, ${remove.cpuMicrosPerEntry} µs, ${remove.writtenBytesPerEntry} B each\n`,
    );
  }
}
// The figures of `npm run bench -- store` are in the same file, and stay.
const { benchmark } = readKept(KEPT, {});
const found = { entries: ENTRIES, entryBytes: ENTRY_BYTES, rounds: ROUNDS, versions, results };
writeKept(KEPT, { ...found, environment: environment(), benchmark }, null, 2);
