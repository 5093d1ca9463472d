/** Runs the built command for tests, in a folder of their own, over a scenario that takes a second. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const LIMIT_MILLIS = 150_000;

const TINY = `name: tiny
description: A few hundred simulated phones, for tests
phones: { count: 300, offline: 0, heartbeat: 10s, session: 1h }
login: { rate: 20k/s }
traffic: { rate: 2k/s, payload: 64B }
switch: { shards: 1, mailbox: { blocks: 16k } }
driver: { lanes: 1, messagesInFlight: 4k }
phases: { calibrate: false, bin: 50ms, settle: 3s, measure: 500ms, drain: 2s }
`;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Called with everything said on stderr so far. */
export type Watch = (stderr: string, kill: (signal: NodeJS.Signals) => void) => void;

export interface CommandFolder {
  readonly path: (name: string) => string;
  /** Runs the command to its end. */
  readonly trunkline: (args: readonly string[], watch?: Watch) => Promise<Outcome>;
}

/** A folder with `tiny.yaml` for the tests of one file, and the command that runs in it. */
export function commandFolder(): CommandFolder {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
    writeFileSync(join(folder, 'tiny.yaml'), TINY);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function trunkline(args: readonly string[], watch?: Watch): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder });
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`no end within ${LIMIT_MILLIS} ms: ${args.join(' ')}`));
      }, LIMIT_MILLIS);
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (data) => {
        stdout += data;
      });
      child.stderr.on('data', (data) => {
        stderr += data;
        watch?.(stderr, (signal) => child.kill(signal));
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ code, stdout, stderr });
      });
    });
  }
  return { path: (name) => join(folder, name), trunkline };
}
