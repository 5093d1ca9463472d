// Starts of `trunkline serve` from a store with messages that wait, and the memory that it then takes: a part of the
// benchmark `store` (scripts/bench.mjs). The store was written just before, so its files are read from the system's
// cache.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');
const MILLION = 1_000_000;
/**
 * Messages that wait, and how often the switch starts with them. The last ones fill more than the memory that it may
 * take.
 */
const STARTS = { million: [MILLION, 5], tenMillion: [10 * MILLION, 3], twentyMillion: [20 * MILLION, 1] };
/** Accounts are drawn at random: a mailbox has at most a few times the mean. */
const MESSAGES_PER_ACCOUNT = 200;
const BLOCKS_PER_MESSAGE = 1.1;

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Starts the switch and ends it again. @returns what it said and took. */
async function start(folder, messages) {
  const begin = performance.now();
  const sets = [
    `switch.mailbox.blocks=${Math.ceil(messages * BLOCKS_PER_MESSAGE)}`,
    `switch.mailbox.messagesPerAccount=${MESSAGES_PER_ACCOUNT}`,
  ].flatMap((set) => ['--set', set]);
  const fixed = ['--listen', '127.0.0.1:0', '--auth', 'none', '--shards', '2', '--format', 'json', '--quiet'];
  const child = spawn(process.execPath, [join(dist, 'cli/main.js'), 'serve', ...fixed, '--store', folder, ...sets]);
  const ended = new Promise((resolve) => child.once('close', resolve));
  let text = '';
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  await new Promise((resolve) => {
    child.stdout.on('data', (data) => {
      text += data;
      if (text.includes('\n')) resolve();
    });
    child.once('close', resolve);
  });
  const listeningSeconds = (performance.now() - begin) / 1000;
  if (!text.includes('\n')) throw new Error(`the switch did not start: ${errors}`);
  const { store } = JSON.parse(text.slice(0, text.indexOf('\n')));
  if (store.restoredEntries !== messages) throw new Error(`${store.restoredEntries} of ${messages} were read back`);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const bytes = (name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  const figures = {
    readSeconds: store.restoreSeconds,
    listeningSeconds,
    anonymousBytes: bytes('RssAnon'),
    mappedFileBytes: bytes('RssFile'),
  };
  child.kill('SIGTERM');
  await ended;
  return figures;
}

export async function queued() {
  const found = {};
  for (const [name, [messages, times]] of Object.entries(STARTS)) {
    const folder = mkdtempSync(join(tmpdir(), 'trunkline-queued-'));
    try {
      const filler = join(dist, 'disk/filled-store.test-worker.js');
      const { status, stderr } = spawnSync(process.execPath, [filler, folder, `${messages}`], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const starts = [];
      for (let n = 0; n < times; n++) starts.push(await start(folder, messages));
      const of = (figure) => median(starts.map((one) => one[figure]));
      found[`${name}QueuedReadSeconds`] = of('readSeconds');
      found[`${name}QueuedListeningSeconds`] = of('listeningSeconds');
      found[`${name}QueuedAnonymousBytes`] = of('anonymousBytes');
      found[`${name}QueuedMappedFileBytes`] = of('mappedFileBytes');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return found;
}
