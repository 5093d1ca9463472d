/**
 * Nothing that a test opened may be left after it: neither file descriptors of this process, nor
 * processes that it started, whoever has taken those in meanwhile. Where there is no /proc, nothing
 * is checked.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, beforeEach } from 'node:test';

/** Processes started with this in their environment are this file's, and so are their children. */
export const MARK: Readonly<Record<string, string>> = { TEST_MARK: randomUUID() };

const HAS_PROC = existsSync('/proc/self/fd');
const PATIENCE_MILLIS = 90_000;
const POLL_MILLIS = 50;

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

/** Waits until something holds; fails with what it says if that takes longer than a patient person waits. */
export async function eventually(
  holds: () => boolean,
  what: () => string,
  patienceMillis = PATIENCE_MILLIS,
): Promise<void> {
  const until = performance.now() + patienceMillis;
  while (!holds()) {
    if (performance.now() >= until) assert.fail(what());
    await pause(POLL_MILLIS);
  }
}

/** Open file descriptors of this process, each with what it is open on. */
export type Descriptors = ReadonlyMap<string, string>;

/** Without the one that the list is read from, which is closed by then. */
export function openDescriptors(): Descriptors {
  const open = new Map<string, string>();
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      open.set(name, readlinkSync(`/proc/self/fd/${name}`));
    } catch {}
  }
  return open;
}

/** Those that were not open before, in words: sockets of TCP with addresses and state, as the kernel lists them. */
function descriptorsSince(before: Descriptors): string {
  const sockets = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/self/net/${table}`, 'latin1').split('\n'));
  const since = [...openDescriptors()].filter(([name, on]) => before.get(name) !== on);
  return since
    .map(([name, on]) => {
      const inode = /^socket:\[(\d+)\]$/.exec(on)?.[1];
      const socket = sockets.find((line) => inode !== undefined && line.trim().split(/ +/)[9] === inode);
      return `${name} on ${on}${socket === undefined ? '' : ` (${socket.trim()})`}`;
    })
    .join(', ');
}

export interface MarkedProcess {
  readonly processId: number;
  readonly commandLine: string;
}

/** Every living process that was started with {@link MARK}. */
export function markedProcesses(): MarkedProcess[] {
  if (!HAS_PROC) return [];
  const mark = Object.entries(MARK)
    .map(([name, value]) => `${name}=${value}`)
    .join('\0');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(mark)) return [];
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').join(' ').trim();
        return commandLine === '' ? [] : [{ processId: Number(name), commandLine }]; // one that has ended has none
      } catch {
        return []; // gone meanwhile, or another user's
      }
    });
}

/** Whether somebody accepts connections there. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/**
 * Registers the check for the enclosing suite: before each test and after the last one, because what
 * a test registers with `test.after` runs after every `afterEach`.
 */
export function checkLeftovers(): void {
  if (!HAS_PROC) return;
  let opened: Descriptors = new Map();
  before(() => {
    opened = baseline();
  });
  beforeEach(() => nothingLeft(opened));
  after(() => nothingLeft(opened));
}

/** Descriptors that are open before anything is tested. */
export function baseline(): Descriptors {
  execFileSync('true'); // Node keeps a pipe for the ends of children from the first one on
  return openDescriptors();
}

/** Fails if more than those are open, or a process is left. */
export async function nothingLeft(opened: Descriptors, patienceMillis = PATIENCE_MILLIS): Promise<void> {
  await eventually(
    () => markedProcesses().length === 0,
    () => `the test before left processes: ${JSON.stringify(markedProcesses())}`,
    patienceMillis,
  );
  await eventually(
    () => openDescriptors().size <= opened.size,
    () =>
      `the test before left descriptors: ${openDescriptors().size}, and at the beginning there were ${opened.size}; since then ${descriptorsSince(opened)}`,
    patienceMillis,
  );
}
