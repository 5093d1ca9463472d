/** A folder with a scenario of a second, and the built command in it, for the tests of one file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { type Outcome, RunningCommand } from './command.test-suite.ts';

type Environment = Readonly<Record<string, string>>;

/** In the environment of a command: the runs that it starts are made up (`made-run.test-worker.ts`). */
export const MADE_RUNS: Environment = {
  NODE_OPTIONS: `--import ${new URL('./made-run.test-worker.js', import.meta.url).href}`,
  TEST_MADE_RESULT: JSON.stringify(madeResult()),
};

const TINY = `name: tiny
description: A few hundred simulated phones, for tests
phones: { count: 300, offline: 0, heartbeat: 10s, session: 1h }
login: { rate: 20k/s }
traffic: { rate: 2k/s, payload: 64B }
switch: { shards: 1, mailbox: { blocks: 16k } }
driver: { lanes: 1, messagesInFlight: 4k }
phases: { calibrate: false, bin: 50ms, settle: 3s, measure: 500ms, drain: 60s }
`;

export interface CommandFolder {
  readonly path: (name: string) => string;
  /** Starts the command there. */
  readonly start: (args: readonly string[], environment?: Environment, stdout?: string) => RunningCommand;
  /** Runs it to its end. */
  readonly trunkline: (args: readonly string[], environment?: Environment, stdout?: string) => Promise<Outcome>;
}

/** Makes the folder, with `tiny.yaml` in it, before the tests of a file, and removes it after them. */
export function commandFolder(): CommandFolder {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
    writeFileSync(join(folder, 'tiny.yaml'), TINY);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const start: CommandFolder['start'] = (args, environment, stdout) =>
    new RunningCommand(args, folder, environment, stdout);
  return {
    path: (name) => join(folder, name),
    start,
    trunkline: (...order) => start(...order).outcome,
  };
}
